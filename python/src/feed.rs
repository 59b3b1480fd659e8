//! What a stream and a player have in common: the application's halves of an engine.

use std::collections::VecDeque;
use std::mem;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex};

use async_lock::Mutex as Turns;
use pyo3::prelude::*;
use rt_callback::{
    Abandoned, Controller, Counters, Decibels, Drained, Event, FeedError, Feeder, Monitor,
    Readings, StreamSpec, UtteranceId,
};

use crate::errors::{self, DeviceError, Error};
use crate::events::{Metrics, Position, Receipt, Told};
use crate::lock;
use crate::operation::{Operation, Place};
use crate::options::{check_queue, ramp, spec};
use crate::{buffers, logs};

/// How many events wait for whoever takes them. The oldest are given up.
const MOST_EVENTS: usize = 4096;
/// How many receipts are kept for calls that wait for theirs.
const MOST_RECEIPTS: usize = 64;

/// The halves of a stream that are the application's.
#[pyclass(frozen, subclass, module = "outdata")]
pub(crate) struct Feed {
    feeder: Arc<Turns<Feeder>>,
    controller: Controller,
    readings: Readings,
    watch: Mutex<Watch>,
    source: Arc<Mutex<StreamSpec>>,
    /// The queue holds as long of every source.
    queue: (usize, u32),
    ramp_frames: u64,
    place: Arc<dyn Place>,
    process: u32,
}

struct Watch {
    monitor: Monitor,
    told: VecDeque<Event>,
    /// Events that were given up.
    untold: u64,
    receipts: VecDeque<Receipt>,
    /// How many receipts of interruptions there have been.
    receipt_count: u64,
}

/// Names an interruption whose receipt is waited for.
#[pyclass(frozen, module = "outdata")]
pub(crate) struct Ticket {
    receipts: u64,
    blocks: u64,
    frames: u64,
}

/// Where the receipt of an interruption is.
#[derive(IntoPyObject)]
pub(crate) struct Claim {
    is_settled: bool,
    receipt: Option<Receipt>,
}

impl Feed {
    pub(crate) fn new(
        (feeder, controller, monitor): (Feeder, Controller, Monitor),
        ramp_frames: u32,
        place: Arc<dyn Place>,
    ) -> Self {
        logs::keep();
        Self {
            source: Arc::new(Mutex::new(*feeder.source())),
            queue: (feeder.free_frames(), feeder.source().rate_hz),
            feeder: Arc::new(Turns::new(feeder)),
            controller,
            readings: monitor.readings(),
            watch: Mutex::new(Watch {
                monitor,
                told: VecDeque::new(),
                untold: 0,
                receipts: VecDeque::new(),
                receipt_count: 0,
            }),
            ramp_frames: u64::from(ramp_frames),
            place,
            process: std::process::id(),
        }
    }

    /// A forked process has the memory of a stream, but none of its threads.
    pub(crate) fn check_process(&self) -> PyResult<()> {
        if std::process::id() == self.process {
            return Ok(());
        }
        Err(Error::new_err(
            "this process was forked from the one that the stream belongs to: open another one here",
        ))
    }

    /// What is written at present.
    fn spec(&self) -> StreamSpec {
        lock::with(&self.source, |source| *source)
    }

    fn controller(&self) -> PyResult<&Controller> {
        self.check_process()?;
        Ok(&self.controller)
    }

    /// Refuses what would wait for a device that is gone, or count on it.
    fn check_open(&self) -> PyResult<()> {
        self.place
            .ended()
            .map_or(Ok(()), |why| Err(DeviceError::new_err(why)))
    }

    /// Does at once what can be done at once, else returns what is to be waited for.
    fn operation<F>(
        &self,
        work: impl FnOnce(async_lock::futures::LockArc<Feeder>) -> F,
    ) -> PyResult<Operation>
    where
        F: Future<Output = PyResult<u64>> + Send + 'static,
    {
        self.check_process()?;
        Ok(Operation::new(&self.place, work(self.feeder.lock_arc())))
    }
}

impl Watch {
    /// Takes over what the renderer has told.
    fn look(&mut self) {
        let Self {
            monitor,
            told,
            untold,
            receipts,
            receipt_count,
        } = self;
        monitor.poll(|event| {
            if let Some(receipt) = Receipt::of(&event) {
                *receipt_count += 1;
                receipts.push_back(receipt);
                if receipts.len() > MOST_RECEIPTS {
                    receipts.pop_front();
                }
            }
            if told.len() == MOST_EVENTS {
                told.pop_front();
                *untold += 1;
            }
            told.push_back(event);
        });
    }
}

fn gone(_: Abandoned) -> PyErr {
    DeviceError::new_err("the stream is closed: nobody plays what is queued")
}

fn done(result: Result<(), FeedError>) -> PyResult<u64> {
    result.map(|()| 0).map_err(|error| errors::feed(&error))
}

#[pymethods]
impl Feed {
    /// What is written: RATExCHANNELS:FORMAT.
    #[getter]
    fn source(&self) -> String {
        self.spec().to_string()
    }

    /// Queues what there is room for, whole frames, and returns how many frames that were.
    fn push(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<usize> {
        self.check_process()?;
        let source = self.spec();
        let bytes = buffers::take_whole(data, &source, "the stream")?;
        let mut bytes = bytes.as_bytes();
        self.check_open()?;
        let pushed = match self.feeder.try_lock() {
            Some(mut feeder) => {
                let most = feeder.free_frames() * source.frame_bytes();
                bytes = bytes.get(..most).unwrap_or(bytes);
                feeder.push_bytes(bytes)
            }
            // Somebody else is waiting for room.
            None => Ok(0),
        };
        self.hand_over(py)?;
        let pushed = pushed.map_err(|error| errors::feed(&error))?;
        Ok(pushed / source.frame_bytes())
    }

    /// Queues everything. None if that is done, else what is to be waited for.
    fn write(&self, data: &Bound<'_, PyAny>) -> PyResult<Option<Operation>> {
        self.check_process()?;
        let source = self.spec();
        let bytes = buffers::take(data, &source, "the stream")?;
        let bytes = bytes.as_bytes();
        self.check_open()?;
        if let Some(mut feeder) = self.feeder.try_lock()
            && feeder.free_frames() * source.frame_bytes() >= bytes.len()
        {
            let pushed = feeder.push_bytes(bytes);
            return pushed.map(|_| None).map_err(|error| errors::feed(&error));
        }
        let bytes = bytes.to_vec();
        self.operation(|feeder| async move {
            let taken = feeder.await.push_bytes_async(&bytes).await;
            match taken.map_err(|error| errors::feed(&error))? {
                taken if taken == bytes.len() => Ok(0),
                _ => Err(gone(Abandoned)),
            }
        })
        .map(Some)
    }

    /// Waits until the last frame written has been heard. The result is 1 if it was, and 0 if an interruption came.
    fn drain(&self) -> PyResult<Operation> {
        self.operation(|feeder| async move {
            let drained = feeder.await.drain_async().await.map_err(gone)?;
            Ok(u64::from(drained == Drained::Heard))
        })
    }

    /// The result is the utterance's id.
    fn begin_utterance(&self) -> PyResult<Operation> {
        self.check_open()?;
        self.operation(|feeder| async move {
            let begun = feeder.await.begin_utterance_async().await;
            begun.map(|id| id.0).map_err(|error| errors::feed(&error))
        })
    }

    fn end_utterance(&self) -> PyResult<Operation> {
        self.operation(|feeder| async move { done(feeder.await.end_utterance_async().await) })
    }

    /// The result is the mark's id.
    fn mark(&self) -> PyResult<Operation> {
        self.check_open()?;
        self.operation(|feeder| async move {
            let marked = feeder.await.mark_async().await;
            marked.map(|id| id.0).map_err(|error| errors::feed(&error))
        })
    }

    /// Changes what is written from here on.
    fn set_source(&self, source: &str) -> PyResult<Operation> {
        let (present, next) = (Arc::clone(&self.source), spec(source)?);
        let (queue_frames, queue_hz) = self.queue;
        let queue_s = queue_frames as f64 / f64::from(queue_hz);
        check_queue((queue_s * f64::from(next.rate_hz)) as usize, &next)?;
        self.operation(|feeder| async move {
            let changed = feeder.await.set_source_async(next).await;
            if changed.is_ok() {
                lock::with(&present, |present| *present = next);
            }
            done(changed)
        })
    }

    /// Drops what is queued and fades out what sounds. The ticket is for `claim`.
    fn interrupt(&self, fade_ms: f64) -> PyResult<Ticket> {
        let controller = self.controller()?;
        let fade = ramp(fade_ms)?;
        let (receipts, before) = lock::with(&self.watch, |watch| {
            watch.look();
            let before: Counters = self.readings.snapshot();
            controller.interrupt(fade);
            (watch.receipt_count, before)
        });
        let block_frames = before.rendered_frames.saturating_sub(before.block_at_frame);
        Ok(Ticket {
            receipts,
            blocks: before.blocks + 3,
            frames: before.rendered_frames
                + u64::from(fade.frames(self.place.rate_hz()))
                + self.ramp_frames
                + 2 * block_frames,
        })
    }

    /// Looks for the receipt of an interruption. There is none where nothing sounded or waited: that is settled when the
    /// fade would be over. Where nothing is rendered any more there comes none.
    fn claim(&self, ticket: &Ticket) -> PyResult<Claim> {
        self.check_process()?;
        // Before the events: what the last block told is told by then.
        let open = self.check_open();
        // Before the events: what is told of these blocks is told by then.
        let counters: Counters = self.readings.snapshot();
        let receipt = lock::with(&self.watch, |watch| {
            watch.look();
            let since = watch.receipt_count.saturating_sub(ticket.receipts);
            let kept = watch.receipts.len();
            let first = kept.saturating_sub(usize::try_from(since).unwrap_or(kept));
            watch.receipts.get(first).cloned()
        });
        let is_over = counters.blocks >= ticket.blocks && counters.rendered_frames >= ticket.frames;
        let is_settled = receipt.is_some() || is_over;
        if !is_settled {
            open?;
        }
        Ok(Claim {
            is_settled,
            receipt,
        })
    }

    /// Drops one utterance. False if there is no such utterance.
    fn cancel(&self, utterance: u64, fade_ms: f64) -> PyResult<bool> {
        let fade = ramp(fade_ms)?;
        Ok(self.controller()?.cancel(UtteranceId(utterance), fade))
    }

    fn hold(&self) -> PyResult<()> {
        self.controller()?.hold();
        Ok(())
    }

    fn discard(&self) -> PyResult<()> {
        self.controller()?.discard();
        Ok(())
    }

    fn pause(&self) -> PyResult<()> {
        self.controller()?.pause();
        Ok(())
    }

    fn resume(&self) -> PyResult<()> {
        self.controller()?.resume();
        Ok(())
    }

    fn mute(&self) -> PyResult<()> {
        self.controller()?.mute();
        Ok(())
    }

    fn unmute(&self) -> PyResult<()> {
        self.controller()?.unmute();
        Ok(())
    }

    fn set_gain(&self, gain_db: f32, ramp_ms: f64) -> PyResult<()> {
        let length = ramp(ramp_ms)?;
        self.controller()?.set_gain(Decibels(gain_db), length);
        Ok(())
    }

    #[getter]
    fn gain_db(&self) -> f32 {
        self.controller.gain().0
    }

    #[getter]
    fn is_paused(&self) -> bool {
        self.controller.is_paused()
    }

    #[getter]
    fn is_held(&self) -> bool {
        self.controller.is_held()
    }

    #[getter]
    fn is_muted(&self) -> bool {
        self.controller.is_muted()
    }

    /// How many frames there is room for.
    #[getter]
    fn free_frames(&self) -> usize {
        // Who waits for room has the feeder, and there is none.
        self.feeder
            .try_lock()
            .map_or(0, |feeder| feeder.free_frames())
    }

    #[getter]
    fn position(&self) -> Position {
        self.readings.heard().into()
    }

    fn metrics(&self) -> Metrics {
        let untold = lock::with(&self.watch, |watch| watch.untold);
        Metrics::new(&self.readings, untold)
    }

    /// What has happened in the stream since the last call.
    fn poll(&self, py: Python<'_>) -> PyResult<Vec<Told>> {
        self.check_process()?;
        self.hand_over(py)?;
        let told = lock::with(&self.watch, |watch| mem::take(&mut watch.told));
        Ok(told.iter().map(Told::of_stream).collect())
    }

    /// How many wrong blocks make one warning.
    fn log_every(&self, count: NonZeroU64) {
        lock::with(&self.watch, |watch| watch.monitor.log_every(count));
    }
}

impl Feed {
    /// Takes over what was told, and lets Python log what the engine warns of.
    fn hand_over(&self, py: Python<'_>) -> PyResult<()> {
        lock::with(&self.watch, Watch::look);
        logs::hand_over(py)
    }
}
