"""What streams and devices tell."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a stream, or to its device.

    `kind` is one of started, mark, finished, interrupted, underrun, recovered, source_changed, gap, device_lost,
    device_stalled, device_reopened, device_failed, device_waiting, device.
    """

    kind: str
    at_frame: int | None
    """The device's frame at which it happened."""
    at_seconds: float | None
    utterance: int | None
    mark: int | None
    heard_frames: int | None
    """Frames of the source, of a finished or interrupted utterance."""
    heard_seconds: float | None
    missing_frames: int | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was heard of what was interrupted, to the end of the fade."""

    utterance: int | None
    heard_frames: int
    heard_seconds: float


@dataclass(frozen=True, slots=True)
class Position:
    """What has been heard, in frames of the source and in seconds."""

    frames: int
    seconds: float
    utterance: int | None
    utterance_frames: int
    utterance_seconds: float


@dataclass(frozen=True, slots=True)
class Metrics:
    """The counters of a stream, as they stood together after one block.

    `pushed_frames == heard_frames + in_flight_frames + queued_frames + dropped_frames`, in frames of the source. The
    others are frames of the device. `shape_mismatches` is the tripwire: blocks of a wrong shape, which were silent.
    """

    pushed_frames: int
    heard_frames: int
    in_flight_frames: int
    queued_frames: int
    dropped_frames: int
    rendered_frames: int
    blocks: int
    underruns: int
    underrun_frames: int
    starved_frames: int
    startup_silence_frames: int
    idle_frames: int
    paused_frames: int
    shape_mismatches: int
    mismatch_samples: int
    clipped_samples: int
    non_finite_samples: int
    events_lost: int
    callback_ns_median: int
    callback_ns_max: int


@dataclass(frozen=True, slots=True)
class Device:
    """An output or input of a backend. `id` is what `Player` and `Microphone` take."""

    id: str
    name: str
    is_default: bool
    is_input: bool
