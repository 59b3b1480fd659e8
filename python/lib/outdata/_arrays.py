"""Bytes as arrays, where numpy is installed."""

import sys
from dataclasses import dataclass, replace
from typing import Any

_TYPES = {
    "u8": "u1",
    "s8": "i1",
    "mulaw": "u1",
    "alaw": "u1",
    "s16": "i2",
    "u16": "u2",
    "s24_32": "i4",
    "s24_32h": "i4",
    "s32": "i4",
    "u32": "u4",
    "s64": "i8",
    "f32": "f4",
    "f64": "f8",
}


def has_numpy() -> bool:
    """Whether numpy is installed."""
    try:
        import numpy  # noqa: F401, PLC0415
    except ImportError:
        return False
    return True


def is_array(data: Any) -> bool:
    """Whether it is an array of numpy's, which is not imported for that."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(data, numpy.ndarray)


def _type(format: str) -> str | None:
    """Numpy's type of the samples. None for three bytes, which are no type of its: they are an axis more."""
    return _TYPES.get(format.removesuffix("be").removesuffix("le"))


def axes(data: Any, format: str) -> tuple[int, ...]:
    """How long the axes of samples of a format are: frames, or frames and channels. Empty for what has none."""
    try:
        shape = memoryview(data).shape or ()
    except (BufferError, TypeError, ValueError):
        # The native half says what is wrong with it.
        return ()
    is_packed = len(shape) > 1 and _type(format) is None
    return shape[:-1] if is_packed else shape


@dataclass(frozen=True, slots=True)
class Form:
    """What bytes mean, and whether they are to be an array."""

    format: str
    channels: int
    rate_hz: int
    is_array: bool
    is_flat: bool = False
    """Whether one channel is (frames,) and not (frames, 1)."""

    def like(self, data: Any, source: str) -> "Form":
        """As an array if `data` is one, and flat if that is: samples of the format `source`."""
        is_flat = len(axes(data, source)) == 1
        return replace(self, is_array=is_array(data), is_flat=is_flat)

    @classmethod
    def of_spec(cls, spec: str, is_array: bool) -> "Form":
        """Of a spec that the engine has taken, whose channels are a number or a layout's name."""
        rate, rest = spec.split("x", 1)
        channels, name = rest.split(":", 1)
        from . import _outdata  # noqa: PLC0415

        return cls(name, _outdata.channels_of(channels), int(rate), is_array)

    def shaped(self, data: bytes) -> Any:
        """An array (frames, channels), or the bytes."""
        if not self.is_array:
            return data
        import numpy  # noqa: PLC0415

        order = ">" if self.format.endswith("be") else "<"
        kind = _type(self.format)
        samples = numpy.frombuffer(data, "u1" if kind is None else order + kind)
        shape: tuple[int, ...] = (-1, self.channels, 3) if kind is None else (-1, self.channels)
        if self.is_flat and self.channels == 1:
            shape = (-1, *shape[2:])
        # A copy can be written to.
        return samples.reshape(shape).copy()
