//! Made-up sound cards: the plugin in `../fakecard` is compiled, and each test runs in a process of
//! its own that sees nothing but its cards.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Tells a process that it is the one that has the cards.
const FOLDER: &str = "FAKECARD_DIR";

/// The cards that a test has.
pub(crate) struct Cards {
    folder: PathBuf,
}

impl Cards {
    /// What has been played on a card.
    pub(crate) fn played(&self, card: &str) -> Vec<u8> {
        fs::read(self.folder.join(card)).unwrap_or_default()
    }

    /// Pulls a card out.
    pub(crate) fn unplug(&self, card: &str) {
        fs::write(self.folder.join(format!("{card}.gone")), "").unwrap();
    }

    /// Puts it back.
    pub(crate) fn plug_in(&self, card: &str) {
        fs::remove_file(self.folder.join(format!("{card}.gone"))).unwrap();
    }
}

/// A test on cards that are written as `NAME: FIELDS`, one a line; the fields are listed in
/// `pcm_fakecard.c`. A card called `default` is the default device.
macro_rules! on_cards {
    ($(#[$attribute:meta])* $name:ident, $cards:expr, $body:expr) => {
        #[test]
        $(#[$attribute])*
        fn $name() {
            let path = concat!(module_path!(), "::", stringify!($name));
            crate::cards::run(path, $cards, $body);
        }
    };
}
pub(crate) use on_cards;

/// Runs the test in a process that has these cards.
pub(crate) fn run(path: &str, cards: &str, body: fn(&Cards)) {
    if let Some(folder) = env::var_os(FOLDER) {
        body(&Cards {
            folder: folder.into(),
        });
        return;
    }
    let plugin = match plugin() {
        Ok(plugin) => plugin,
        Err(words) => {
            // Not through eprintln, which the test harness hides.
            let _ = writeln!(io::stderr(), "SKIPPED {path}: {words}");
            return;
        }
    };
    let folder = tempfile::tempdir().unwrap();
    let conf = configuration(folder.path(), plugin, cards);
    let conf_path = folder.path().join("asound.conf");
    fs::write(&conf_path, conf).unwrap();
    let (_, name) = path.split_once("::").unwrap();
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--include-ignored"])
        .env(FOLDER, folder.path())
        .env("ALSA_CONFIG_PATH", conf_path)
        .env_remove("PULSE_SERVER")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

fn configuration(folder: &Path, plugin: &Path, cards: &str) -> String {
    let mut conf = format!("pcm_type.fakecard {{ lib \"{}\" }}\n", plugin.display());
    for line in cards.lines().filter(|line| !line.trim().is_empty()) {
        let (name, fields) = line.trim().split_once(':').unwrap();
        let file = folder.join(name).display().to_string();
        conf += &format!(
            "pcm.{name} {{ type fakecard {fields} file \"{file}\" gone \"{file}.gone\" \
             hint {{ show on description \"{name}\" }} }}\n"
        );
    }
    conf
}

/// The plugin, compiled once a run.
fn plugin() -> &'static Result<PathBuf, String> {
    static PLUGIN: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PLUGIN.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fakecard/pcm_fakecard.c");
        // Another run may be using the present one.
        let new = folder.join(format!("fakecard-{}.so", std::process::id()));
        let compiled = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()))
            .args(["-O2", "-Wall", "-Wextra", "-fPIC", "-DPIC", "-shared", "-o"])
            .arg(&new)
            .args([source, "-lasound"])
            .output();
        match compiled {
            Ok(output) if output.status.success() => {
                let plugin = folder.join("libasound_module_pcm_fakecard.so");
                fs::rename(&new, &plugin).map_err(|error| error.to_string())?;
                Ok(plugin)
            }
            Ok(output) => Err(format!(
                "the made-up card cannot be compiled (apt-get install libasound2-dev): {}",
                String::from_utf8_lossy(&output.stderr)
            )),
            Err(error) => Err(format!("there is no C compiler: {error}")),
        }
    })
}
