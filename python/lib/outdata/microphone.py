"""Recording."""

import math
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Any, Self, Unpack

from . import _arrays, _native, _outdata
from ._gain import Gain
from ._options import Conversion, conversion
from ._told import Event
from ._waiting import awaited, wait
from .errors import ConfigError
from .player import Player


class Microphone(Gain):
    """What a device hears, as the application wants it. Iterating gives blocks, with `for` or `async for`.

    Blocks are numpy arrays where numpy is installed, else bytes; `arrays` says which.
    """

    def __init__(
        self,
        target: str,
        device: str | None = None,
        *,
        backend: str = "default",
        policy: str | None = None,
        block_ms: float = 20.0,
        device_block_ms: float | None = None,
        queue_ms: float | None = None,
        gaps: str | None = None,
        gain_db: float = 0.0,
        arrays: bool | None = None,
        **options: Unpack[Conversion],
    ) -> None:
        """Opens a device and records, as frames of `target`, such as "16000x1:s16le".

        `backend="wav:FILE"` plays a file in real time, "null" is silence. `policy` says what happens when the device is
        gone: "follow", "pause" or "fail". `gaps` says what is read where frames are missing: "silence", nothing ("skip"),
        or the newest ("live"). They are "follow" and "silence" unless told otherwise, and "fail" and "skip" for a file,
        which has an end.
        """
        if not math.isfinite(block_ms):
            raise ConfigError(f"blocks of {block_ms} ms")
        is_file = backend.startswith("wav:")
        policy = policy or ("fail" if is_file else "follow")
        gaps = gaps or ("skip" if is_file else "silence")
        self._native: _outdata.Microphone = _native.of_backend(backend).Microphone(
            target, device, backend, policy, device_block_ms, queue_ms, gaps, gain_db, conversion(options)
        )
        self._form = _arrays.Form.of_spec(target, _arrays.has_numpy() if arrays is None else arrays)
        self.block_frames = max(1, round(self._form.rate_hz * block_ms / 1000))
        """How many frames a block of the iteration has."""

    @property
    def target(self) -> str:
        """What is read: RATExCHANNELS:FORMAT."""
        return self._native.target

    @property
    def device(self) -> str | None:
        """What the device delivers now. None when the microphone is closed."""
        return self._native.device

    def read(self, frames: int | None = None, *, timeout: float | None = None) -> Any:
        """Exactly so many frames, a block unless told otherwise; waits for them. Fewer only at the end.

        More than 1 GiB at once is a ValueError.
        """
        wanted = self.block_frames if frames is None else frames
        return self._form.shaped(wait(lambda: self._native.take(wanted), timeout))

    async def aread(self, frames: int | None = None) -> Any:
        """`read`, for a task. If it is cancelled, nothing is lost: the next call reads those frames."""
        wanted = self.block_frames if frames is None else frames
        return self._form.shaped(await awaited(lambda: self._native.take(wanted)))

    def with_reference(self, player: Player) -> "Referenced":
        """Blocks with what the player was heard to play meanwhile, for an echo canceller.

        The player must have been opened with `reference=True`.
        """
        return Referenced(self, player)

    def mute(self) -> None:
        """What is captured meanwhile is never heard, however late it is read."""
        self._native.mute()

    def unmute(self) -> None:
        """Ends `mute`."""
        self._native.unmute()

    @property
    def lag(self) -> float:
        """How far behind reading is, in seconds."""
        return self._native.lag

    def poll(self) -> list[Event]:
        """What has happened since the last call: to the device first, then gaps."""
        return [Event(**told) for told in self._native.poll()]

    def close(self) -> None:
        """Closes the device. Closing again does nothing."""
        self._native.close()

    def __iter__(self) -> Iterator[Any]:
        while len(block := self.read()) > 0:
            yield block

    async def __aiter__(self) -> AsyncIterator[Any]:
        while len(block := await self.aread()) > 0:
            yield block

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Referenced:
    """Pairs of a captured block and what was heard meanwhile, as f32 of the output's channels at the same rate."""

    def __init__(self, microphone: Microphone, player: Player) -> None:
        self._microphone = microphone
        self._native = microphone._native.echo(player._native)
        captured = microphone._form
        self._captured = captured
        self._heard = _arrays.Form("f32", self._native.channels, captured.rate_hz, captured.is_array)

    def read(self, frames: int | None = None, *, timeout: float | None = None) -> tuple[Any, Any]:
        """So many frames of both; waits for them. Fewer only at the end."""
        wanted = self._microphone.block_frames if frames is None else frames
        return self._shaped(wait(lambda: self._native.take(wanted), timeout))

    async def aread(self, frames: int | None = None) -> tuple[Any, Any]:
        """`read`, for a task."""
        wanted = self._microphone.block_frames if frames is None else frames
        return self._shaped(await awaited(lambda: self._native.take(wanted)))

    def _shaped(self, pair: tuple[bytes, bytes]) -> tuple[Any, Any]:
        captured, heard = pair
        return self._captured.shaped(captured), self._heard.shaped(heard)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        while len((pair := self.read())[0]) > 0:
            yield pair

    async def __aiter__(self) -> AsyncIterator[tuple[Any, Any]]:
        while len((pair := await self.aread())[0]) > 0:
            yield pair
