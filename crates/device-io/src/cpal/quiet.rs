//! alsa-lib writes to standard error: a screenful on a system without a sound card. That belongs in the log.

use std::cell::RefCell;
use std::rc::Rc;

type Said = Rc<RefCell<alsa::Output>>;

thread_local! {
    static SAID: RefCell<Option<Said>> = const { RefCell::new(None) };
}

/// From here on what alsa-lib says on this thread is kept, and what it had said is logged (target
/// `device_io`, level debug).
pub(super) fn quiet() {
    // Without memory for a buffer it goes on as before.
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
