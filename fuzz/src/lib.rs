//! Scripts of bytes against the engine: what libFuzzer and the seeded driver share.

mod bytes;
mod cutting;
mod patient;
mod samples;
mod script;
mod told;

use cutting::Cutting;
use patient::{Begin, Patient};
use rt_callback::ResampleTables;
use script::Script;

/// A fault that is planted, to see it caught.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Twin {
    /// None.
    #[default]
    None,
    /// The last bit of the first sample of a block is another.
    Bit,
    /// The gain is set again, ramped, at every block.
    Ramp,
    /// The last byte of a block is not written.
    Unwritten,
    /// A frame that is dropped is not counted.
    Counter,
    /// The end never comes.
    Endless,
}

impl Twin {
    /// All that are broken, by name.
    pub const BROKEN: [(&'static str, Self); 5] = [
        ("bit", Self::Bit),
        ("ramp", Self::Ramp),
        ("unwritten", Self::Unwritten),
        ("counter", Self::Counter),
        ("endless", Self::Endless),
    ];
}

/// Runs the script that these bytes are, whole and cut.
///
/// # Errors
/// The first thing that is not as it should be: an invariant after a step, an end that does not come, or a
/// difference between the two.
pub fn check(bytes: &[u8], twin: Twin) -> Result<(), String> {
    let script = Script::read(bytes);
    let run = |cutting: Cutting<'_>, begin| Patient::new(&script, cutting, begin, twin).run();
    let mut whole = run(Cutting::whole(), Begin::AsCut)?;
    let mut begin = Begin::AsCut;
    // What is silent in the first block that sounds is no underrun, so there the cutting does tell.
    if whole.first_block_ran_dry {
        begin = Begin::ByFrames;
        whole = run(Cutting::whole(), begin)?;
    }
    let cut = run(Cutting::cut(&script.sizes), begin)?;
    whole.compare(&cut)
}

/// The script that these bytes are, in words.
#[must_use]
pub fn describe(bytes: &[u8]) -> String {
    let mut script = Script::read(bytes);
    // They are long, and the same in all.
    script.config.tables = ResampleTables::default();
    format!("{script:#?}")
}
