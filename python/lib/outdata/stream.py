"""The engine without a device."""

from collections.abc import Callable
from typing import Any, Unpack

from . import _outdata
from ._feed import Feed
from ._options import Options, split


class Stream(Feed):
    """From what an application writes to the blocks of a callback of your own.

    `callback` fits sounddevice: `sounddevice.OutputStream(callback=stream.callback, ...)`. With the options
    `rounding="toward-zero"`, `mix="original"` and `resample="linear"` it does what the callback did that this engine
    replaces.
    """

    _native: _outdata.Stream

    def __init__(self, source: str, device: str, *, log_every: int = 100, **options: Unpack[Options]) -> None:
        """`log_every` blocks of a wrong shape make one warning."""
        self._native = _outdata.Stream(source, device, *split(options))
        self._native.log_every(log_every)

    @property
    def device(self) -> str:
        """What blocks are made of: RATExCHANNELS:FORMAT."""
        return self._native.device

    def render(self, block: Any) -> str:
        """Fills a block, any writable buffer of the device's samples or bytes. Never waits.

        Returns rendered, underrun, idle, paused or shape_mismatch: a length that is no whole number of frames, which is
        silent, and counted.
        """
        return self._native.render(block)

    @property
    def callback(self) -> Callable[[Any, int, Any, Any], None]:
        """Fills `outdata`, as `callback(outdata, frames, time, status)`."""
        return self._native.callback

    def set_device_latency(self, frames: int) -> None:
        """Says how much later a rendered frame is heard, in frames of the device."""
        self._native.set_device_latency(frames)
