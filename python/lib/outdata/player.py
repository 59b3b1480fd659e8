"""Playing."""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self, Unpack

from . import _native, _outdata
from ._feed import Feed
from ._options import Options, split
from ._told import Device, Event
from ._waiting import TICK


class Player(Feed):
    """A voice on a device: what is written is heard, whatever the device takes and whatever becomes of it.

    The audio thread never runs Python. Leaving `with` or `async with` plays to the end first, unless an exception
    leaves it; `close` stops at once.
    """

    _native: _outdata.Player

    def __init__(
        self,
        source: str,
        device: str | None = None,
        *,
        backend: str = "default",
        policy: str = "follow",
        block_ms: float | None = None,
        reference: bool = False,
        **options: Unpack[Options],
    ) -> None:
        """Opens a device for what will be written: frames of `source`, such as "24000x1:s16le".

        `device` is an id from `devices`. `backend` is "default" (the system's devices), "null" (real time, unheard),
        "wav:FILE", or another of the system's hosts. `policy` says what happens when the device is gone: "follow",
        "pause" or "fail". `reference` keeps what is heard for `Microphone.with_reference`. Buffering is adaptive unless
        told otherwise.
        """
        options.setdefault("buffering", "adaptive")
        conversion, queueing = split(options)
        self._native = _native.of_backend(backend).Player(
            source, device, backend, policy, block_ms, reference, conversion, queueing
        )

    @property
    def device(self) -> str | None:
        """What the device takes now: RATExCHANNELS:FORMAT. None when the player is closed."""
        return self._native.device

    def resume(self) -> None:
        """Plays on after a hold, else after a pause; and looks for a device where the policy is to wait."""
        super().resume()
        self._native.resume_device()

    def poll(self) -> list[Event]:
        """What has happened since the last call: to the device first, then in the stream."""
        return [Event(**told) for told in self._native.poll_device()] + super().poll()

    async def events(self) -> AsyncIterator[Event]:
        """What happens, until the player is closed. Each event is told once, here or by `poll`."""
        while True:
            is_open = self.device is not None
            for event in self.poll():
                yield event
            if not is_open:
                return
            await asyncio.sleep(TICK)

    def close(self) -> None:
        """Stops at once. A file is whole then. Closing again does nothing."""
        self._native.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None and self.device is not None:
                self.wait()
        finally:
            self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None and self.device is not None:
                await self.drain()
        finally:
            self.close()


def devices(backend: str = "default") -> list[Device]:
    """The outputs and inputs of a backend."""
    native: Any = _native.of_backend(backend)
    return [Device(**found) for found in native.devices(backend)]


def play(data: Any, source: str, device: str | None = None, *, backend: str = "default") -> None:
    """Plays `data`, and returns when the last frame has been heard."""
    with Player(source, device, backend=backend) as player:
        player.write(data)
