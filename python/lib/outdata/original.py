"""The block of the callback that this engine replaces, as a pure function."""

from typing import Any

from . import _arrays, _outdata


def _channels(samples: Any, channels: int | None) -> int:
    shape = _arrays.axes(samples, "s16")
    if len(shape) > 2:
        raise ValueError(f"samples of shape {list(shape)} are no (frames, channels)")
    if channels is not None:
        return channels
    return shape[1] if len(shape) == 2 else 1


def callback_block(
    data: Any,
    outdata: Any,
    *,
    data_channels: int | None = None,
    out_channels: int | None = None,
    rounding: str = "toward-zero",
) -> int:
    """Fills `outdata` (int16 or float32) from `data` (int16), and returns how many frames of `data` went into it.

    Both are (frames, channels), or flat with their channels told.
    """
    return _outdata.callback_block(
        data, _channels(data, data_channels), outdata, _channels(outdata, out_channels), rounding
    )
