//! Moves the messages of alsa-lib from standard error into the log. On a system without a sound card they fill a
//! screen.

use std::cell::RefCell;
use std::rc::Rc;

type Said = Rc<RefCell<alsa::Output>>;

thread_local! {
    static SAID: RefCell<Option<Said>> = const { RefCell::new(None) };
}

/// Collects the messages of alsa-lib on this thread from here on, and logs those collected before (target `device_io`,
/// level debug).
pub(super) fn quiet() {
    // Without memory for a buffer, messages go to standard error as before.
    let Ok(next) = alsa::Output::local_error_handler() else {
        return;
    };
    if let Some(said) = SAID.replace(Some(next)) {
        let said = said.borrow().to_string();
        for line in said.lines() {
            log::debug!("ALSA: {line}");
        }
    }
}
