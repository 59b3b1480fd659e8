"""Conversions of what is at hand: a whole, or piece by piece.

What goes in is a numpy array or bytes, in whole frames. What comes out is an array where an array went in, else bytes.
Samples of three bytes (s24) are arrays of bytes with one axis more: (frames, channels, 3).
"""

from typing import Any

from . import _outdata
from ._arrays import Form, axes
from ._options import conversion


def _channels(data: Any, format: str, channels: int | None) -> int:
    """The channels of a buffer that says how many it has, or those that were told."""
    shape = axes(data, format)
    if len(shape) > 1:
        return shape[1]
    return 1 if channels is None else channels


def _format(data: Any, source: str | None) -> str:
    """The format of an array, or the one that was told."""
    found = source or _outdata.format_of(data)
    if found is None:
        raise TypeError("bytes do not say what they are: give source=, such as source='s16'")
    return found


class _Engine:
    """A stream that gives at once all that can be made of what it was given."""

    def __init__(self, source: str, target: str, **options: Any) -> None:
        self._native = _outdata.Transform(source, target, conversion(options))  # type: ignore[arg-type]
        self._form = Form.of_spec(target, is_array=False)
        """As what was processed last was."""

    def process(self, data: Any) -> Any:
        """What can be made of `data` and what came before."""
        return self._shaped(data, self._native.process(data, False))

    def flush(self, data: Any = None) -> Any:
        """What can be made of `data`, and the rest: an array if what was processed last was one.

        What is processed afterwards is another beginning.
        """
        if data is None:
            return self._form.shaped(self._native.process(b"", True))
        return self._shaped(data, self._native.process(data, True))

    def _shaped(self, data: Any, made: bytes) -> Any:
        # The format is the source's too.
        self._form = self._form.like(data, self._form.format)
        return self._form.shaped(made)


class Resampler(_Engine):
    """Changes the sample rate, piece by piece: `flush` with the last piece, or after it."""

    def __init__(
        self, from_hz: int, to_hz: int, *, format: str = "f32", channels: int = 1, quality: str = "balanced"
    ) -> None:
        """`quality` is linear, balanced or high."""
        spec = f"x{channels}:{format}"
        super().__init__(f"{from_hz}{spec}", f"{to_hz}{spec}", resample=quality)


class Mixer(_Engine):
    """Changes the channels, piece by piece."""

    def __init__(
        self,
        from_layout: str | int,
        to_layout: str | int,
        *,
        format: str = "f32",
        rules: str = "speakers",
        keep_lfe: bool = False,
        normalize: bool = False,
    ) -> None:
        """Layouts are names such as "5.1" or numbers of channels. `rules` are speakers, original or discrete."""
        super().__init__(
            f"48000x{from_layout}:{format}",
            f"48000x{to_layout}:{format}",
            mix=rules,
            keep_lfe=keep_lfe,
            normalize=normalize,
        )


class Converter:
    """Changes the sample format, piece by piece: noise goes on where the last piece ended."""

    def __init__(
        self,
        source: str,
        to: str,
        *,
        channels: int = 1,
        rounding: str = "nearest",
        dither: str = "none",
        seed: int = 0,
    ) -> None:
        """Formats are as in specs: s16, f32, s24le, mulaw. `rounding` is nearest, toward-zero or half-away."""
        self._native = _outdata.Converter(source, to, channels, rounding, dither, seed)
        self._source = source
        self._form = Form(to, channels, 1, is_array=False)

    def process(self, data: Any) -> Any:
        """As many samples of the other format."""
        made = self._native.process(data)
        return self._form.like(data, self._source).shaped(made)


def convert(
    data: Any,
    to: str,
    *,
    source: str | None = None,
    channels: int | None = None,
    rounding: str = "nearest",
    dither: str = "none",
    seed: int = 0,
) -> Any:
    """The samples in another format. `source` and `channels` say what bytes are."""
    format = _format(data, source)
    count = _channels(data, format, channels)
    converter = Converter(format, to, channels=count, rounding=rounding, dither=dither, seed=seed)
    return converter.process(data)


def mix(
    data: Any,
    from_layout: str | int,
    to_layout: str | int,
    *,
    source: str | None = None,
    rules: str = "speakers",
    keep_lfe: bool = False,
    normalize: bool = False,
) -> Any:
    """The samples on other speakers, in the same format. `source` says which format bytes have."""
    mixer = Mixer(
        from_layout,
        to_layout,
        format=_format(data, source),
        rules=rules,
        keep_lfe=keep_lfe,
        normalize=normalize,
    )
    return mixer.flush(data)


def resample(
    data: Any,
    from_hz: int,
    to_hz: int,
    *,
    source: str | None = None,
    channels: int | None = None,
    quality: str = "balanced",
) -> Any:
    """The samples at another rate, in the same format: ceil(frames x to / from) frames of them."""
    format = _format(data, source)
    count = _channels(data, format, channels)
    resampler = Resampler(from_hz, to_hz, format=format, channels=count, quality=quality)
    return resampler.flush(data)
