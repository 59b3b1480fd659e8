"""What a stream and a player have in common."""

from types import TracebackType
from typing import TYPE_CHECKING, Any

from ._gain import Gain
from ._told import Event, Metrics, Position, Receipt
from ._waiting import awaited, finish, finished, wait
from .errors import Interrupted

if TYPE_CHECKING:
    from . import _outdata

FADE_MS = 20.0


class Feed(Gain):
    """A stream, from the application's side. Every method may be called from any thread.

    On an event loop, what may wait is for `await` and `async with`: a plain call holds the loop up.
    """

    _native: "_outdata.Feed"

    @property
    def source(self) -> str:
        """What is written: RATExCHANNELS:FORMAT."""
        return self._native.source

    def write(self, data: Any) -> None:
        """Queues all of `data`, and waits while the queue is full.

        `data` is an array of the source's type and shape (frames, channels), or (frames,) for one channel; or bytes. A
        sample of three bytes (s24) is an axis more of an array of bytes.
        Raises `Interrupted` where an interruption came meanwhile.
        """
        operation = self._native.write(data)
        if operation is not None:
            finish(operation)

    async def awrite(self, data: Any) -> None:
        """`write`, for a task. If it is cancelled, what had been queued stays queued."""
        operation = self._native.write(data)
        if operation is not None:
            await finished(operation)

    def push(self, data: Any) -> int:
        """Queues what there is room for, and returns how many frames that were. Never waits.

        `data` is as for `write`, in whole frames.
        """
        return self._native.push(data)

    @property
    def free_frames(self) -> int:
        """How many frames there is room for."""
        return self._native.free_frames

    def set_source(self, source: str) -> None:
        """Changes the format, rate or channels of what is written from here on."""
        finish(self._native.set_source(source))

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until the last frame written has been heard. False if an interruption ended it instead."""
        return finish(self._native.drain(), timeout) == 1

    async def drain(self) -> bool:
        """`wait`, for a task."""
        return await finished(self._native.drain()) == 1

    def utterance(self) -> "Utterance":
        """An utterance: what is written inside `with` or `async with` belongs to it.

        An interruption ends the block quietly: `Utterance.interrupted` says so.
        """
        return Utterance(self._native)

    def begin_utterance(self) -> int:
        """Begins an utterance without a block, ends one that is open, and returns its id."""
        return finish(self._native.begin_utterance())

    def end_utterance(self) -> None:
        """Declares the end of what was written: it is played to its last frame, and silence behind it is no underrun."""
        finish(self._native.end_utterance())

    def mark(self) -> int:
        """Names the present position. An event of kind `mark` tells when it is heard."""
        return finish(self._native.mark())

    def interrupt(self, fade_ms: float = FADE_MS, *, timeout: float = 5.0) -> Receipt | None:
        """Drops what was written so far, fades out what sounds, and returns what was heard of it.

        None if nothing sounded or waited. Raises `TimeoutError` if no block is rendered in `timeout` seconds, and
        `DeviceError` if none will be: the player is closed, or its device gone for good.
        """
        ticket = self._native.interrupt(fade_ms)
        return _receipt(wait(lambda: self._claim(ticket), timeout))

    async def ainterrupt(self, fade_ms: float = FADE_MS) -> Receipt | None:
        """`interrupt`, for a task."""
        ticket = self._native.interrupt(fade_ms)
        return _receipt(await awaited(lambda: self._claim(ticket)))

    def interrupt_nowait(self, fade_ms: float = FADE_MS) -> None:
        """`interrupt`, whose receipt is left to `poll` and `events`."""
        self._native.interrupt(fade_ms)

    def _claim(self, ticket: "_outdata.Ticket") -> dict[str, Any] | None:
        claim = self._native.claim(ticket)
        return claim if claim["is_settled"] else None

    def cancel(self, utterance: int, fade_ms: float = FADE_MS) -> bool:
        """Drops one utterance, and keeps those before and behind it. False if there is no such utterance."""
        return self._native.cancel(utterance, fade_ms)

    def hold(self) -> None:
        """Falls silent, so that `resume` can play on, or `discard` makes it an interruption."""
        self._native.hold()

    def discard(self) -> None:
        """Makes a hold an interruption."""
        self._native.discard()

    def pause(self) -> None:
        """Plays silence, and keeps the position, until `resume`."""
        self._native.pause()

    def resume(self) -> None:
        """Plays on after a hold, else after a pause."""
        self._native.resume()

    def mute(self) -> None:
        """Plays on, silently."""
        self._native.mute()

    def unmute(self) -> None:
        """Is heard again."""
        self._native.unmute()

    @property
    def is_paused(self) -> bool:
        return self._native.is_paused

    @property
    def is_held(self) -> bool:
        return self._native.is_held

    @property
    def position(self) -> Position:
        """What is heard now, the device's latency taken into account."""
        return Position(**self._native.position)

    def metrics(self) -> Metrics:
        """The counters."""
        return Metrics(**self._native.metrics())

    def poll(self) -> list[Event]:
        """What has happened since the last call. Warnings go to `logging` meanwhile."""
        return [Event(**told) for told in self._native.poll()]


def _receipt(claim: dict[str, Any]) -> Receipt | None:
    receipt = claim["receipt"]
    return None if receipt is None else Receipt(**receipt)


class Utterance:
    """A stretch of a stream with a beginning and an end, whose events carry its id."""

    def __init__(self, native: "_outdata.Feed") -> None:
        self._native = native
        self.id = -1
        """Known inside the block."""
        self.interrupted = False
        """Whether an interruption ended the block."""

    def __enter__(self) -> "Utterance":
        self.id = finish(self._native.begin_utterance())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.interrupted = isinstance(error, Interrupted)
        finish(self._native.end_utterance())
        return self.interrupted

    async def __aenter__(self) -> "Utterance":
        self.id = await finished(self._native.begin_utterance())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.interrupted = isinstance(error, Interrupted)
        await finished(self._native.end_utterance())
        return self.interrupted
