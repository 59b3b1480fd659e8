//! Complaints: the errors of cpal's error callback, as counts. It may run on the audio thread, half a million times a
//! second, so nothing is queued there.

use std::sync::atomic::{AtomicU64, Ordering};

use cpal::ErrorKind;

use crate::seam::DeviceEvent;

/// How often each kind of error has come.
#[derive(Debug, Default)]
pub(super) struct Complaints {
    lost: AtomicU64,
    invalidated: AtomicU64,
    changed: AtomicU64,
    xruns: AtomicU64,
    realtime_refused: AtomicU64,
    others: AtomicU64,
}

/// How many of each kind have been passed on.
#[derive(Debug, Default)]
pub(super) struct Complained {
    lost: u64,
    invalidated: u64,
    changed: u64,
    xruns: u64,
    realtime_refused: u64,
    others: u64,
}

impl Complaints {
    pub(super) fn add(&self, kind: ErrorKind) {
        let count = match kind {
            ErrorKind::DeviceNotAvailable => &self.lost,
            ErrorKind::StreamInvalidated | ErrorKind::HostUnavailable => &self.invalidated,
            ErrorKind::DeviceChanged => &self.changed,
            ErrorKind::Xrun => &self.xruns,
            ErrorKind::RealtimeDenied => &self.realtime_refused,
            _ => &self.others,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the next event that has not been passed on. Errors that end a stream come first, and once.
    pub(super) fn next(&self, told: &mut Complained) -> Option<DeviceEvent> {
        if take(&self.invalidated, &mut told.invalidated) > 0 {
            let words = ErrorKind::StreamInvalidated.to_string();
            return Some(DeviceEvent::Invalidated(words));
        }
        if take(&self.lost, &mut told.lost) > 0 {
            return Some(DeviceEvent::Lost(ErrorKind::DeviceNotAvailable.to_string()));
        }
        if take(&self.changed, &mut told.changed) > 0 {
            return Some(DeviceEvent::Changed);
        }
        if self.xruns.load(Ordering::Relaxed) > told.xruns {
            told.xruns += 1;
            return Some(DeviceEvent::Xrun);
        }
        if take(&self.realtime_refused, &mut told.realtime_refused) > 0 {
            return Some(DeviceEvent::RealtimeRefused);
        }
        match take(&self.others, &mut told.others) {
            0 => None,
            count => Some(DeviceEvent::Errors {
                words: ErrorKind::BackendError.to_string(),
                count,
            }),
        }
    }
}

/// How many are new since the last call.
fn take(count: &AtomicU64, told: &mut u64) -> u64 {
    let count = count.load(Ordering::Relaxed);
    count - std::mem::replace(told, count)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_is_passed_on_once_and_a_flood_as_a_number() {
        let complaints = Complaints::default();
        let mut told = Complained::default();
        assert_eq!(complaints.next(&mut told), None);
        for _ in 0..500_000 {
            complaints.add(ErrorKind::BackendError);
        }
        complaints.add(ErrorKind::Xrun);
        complaints.add(ErrorKind::Xrun);
        complaints.add(ErrorKind::StreamInvalidated);
        complaints.add(ErrorKind::StreamInvalidated);
        let mut next = || complaints.next(&mut told);
        assert!(matches!(next(), Some(DeviceEvent::Invalidated(_))));
        assert_eq!(next(), Some(DeviceEvent::Xrun));
        assert_eq!(next(), Some(DeviceEvent::Xrun));
        let flood = next();
        assert!(
            matches!(flood, Some(DeviceEvent::Errors { count: 500_000, .. })),
            "{flood:?}"
        );
        assert_eq!(next(), None);
        complaints.add(ErrorKind::DeviceNotAvailable);
        complaints.add(ErrorKind::DeviceChanged);
        assert!(matches!(next(), Some(DeviceEvent::Lost(_))));
        assert_eq!(next(), Some(DeviceEvent::Changed));
        assert_eq!(next(), None);
    }
}
