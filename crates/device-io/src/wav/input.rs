//! An input that delivers a WAV file in real time, as if from a microphone.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rt_callback::{Recorder, StreamSpec};

use crate::error::DeviceError;
use crate::lock::locked;
use crate::seam::{DeviceEvent, Input, Progress};
use crate::software::{Paced, Run};
use crate::wav::reader::WavReader;

pub(super) struct WavInput {
    spec: StreamSpec,
    block_frames: usize,
    /// Shared with the paced thread. That may lock, because it is no audio thread: it reads from a disk.
    samples: Arc<Mutex<WavReader<Box<dyn Read + Send>>>>,
    /// Whether reading has failed, so that what came last is not the end.
    has_failed: Arc<AtomicBool>,
    run: Run<Recorder>,
}

impl WavInput {
    /// Opens the file and reads its header. `block_frames` gives the length of a block at the file's rate.
    pub(super) fn open(
        path: &Path,
        block_frames: impl FnOnce(u32) -> usize,
    ) -> Result<Self, DeviceError> {
        Self::of(Box::new(BufReader::new(File::open(path)?)), block_frames)
    }

    fn of(
        source: Box<dyn Read + Send>,
        block_frames: impl FnOnce(u32) -> usize,
    ) -> Result<Self, DeviceError> {
        let samples = WavReader::new(source)?;
        let spec = samples.header().spec;
        Ok(Self {
            spec,
            block_frames: block_frames(spec.rate_hz),
            samples: Arc::new(Mutex::new(samples)),
            has_failed: Arc::default(),
            run: Run::NONE,
        })
    }
}

/// Fills the block from its front, and returns how many bytes were filled: fewer than it holds only at the end.
fn fill(samples: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    let mut bytes = 0;
    while let Some(rest) = block.get_mut(bytes..)
        && !rest.is_empty()
    {
        match samples.read(rest) {
            Ok(0) => break,
            Ok(count) => bytes += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}

impl Input for WavInput {
    fn spec(&self) -> StreamSpec {
        self.spec
    }

    fn block_frames(&self) -> Option<usize> {
        Some(self.block_frames)
    }

    fn progress(&self) -> Option<Progress> {
        self.run.progress()
    }

    fn start(&mut self, recorder: Recorder) -> Result<(), DeviceError> {
        self.run.check_stopped()?;
        let samples = Arc::clone(&self.samples);
        let has_failed = Arc::clone(&self.has_failed);
        let frame_bytes = self.spec.frame_bytes();
        let spring = Box::new(move |block: &mut [u8]| {
            let bytes = fill(&mut *locked(&samples), block)
                .inspect_err(|_| has_failed.store(true, Ordering::Release))?;
            // A file that was cut short ends with its last whole frame.
            Ok(bytes - bytes % frame_bytes)
        });
        let started = Paced::start_input(recorder, self.spec, self.block_frames, spring);
        self.run.keep(started)
    }

    fn stop(&mut self) -> Result<Option<Recorder>, DeviceError> {
        let (recorder, read) = self.run.stop();
        read?;
        Ok(recorder)
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        if self.run.has_just_ended() {
            return Some(match self.has_failed.load(Ordering::Acquire) {
                true => DeviceEvent::Invalidated("the file cannot be read".into()),
                false => DeviceEvent::end(),
            });
        }
        None
    }
}

impl Drop for WavInput {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use rt_callback::{CaptureConfig, capture};

    use super::*;
    use crate::wav::WavHeader;

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("a bad sector"))
        }
    }

    /// Whoever takes it for the end does not learn that sound is missing.
    #[test]
    fn a_file_that_cannot_be_read_on_has_not_come_to_its_end() {
        let spec = "48000x1:s16le".parse().unwrap();
        let mut head = WavHeader::stream(&spec).unwrap();
        head.extend([1; 960]);
        let source = Box::new(io::Cursor::new(head).chain(Broken));
        let mut input = WavInput::of(source, |_| 240).unwrap();
        let (recorder, reader) = capture(&CaptureConfig::new(spec, spec)).unwrap();
        input.start(recorder).unwrap();
        let event = loop {
            match input.poll_event() {
                Some(event) => break event,
                None => std::thread::sleep(Duration::from_millis(1)),
            }
        };
        assert!(matches!(event, DeviceEvent::Invalidated(_)), "{event:?}");
        assert_eq!(reader.snapshot().captured_frames, 480);
        assert!(matches!(input.stop(), Err(DeviceError::Io(_))));
    }
}
