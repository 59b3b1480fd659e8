"""What streams can be asked for besides their formats. What is not given is the engine's default."""

from typing import Any, TypedDict


class Conversion(TypedDict, total=False):
    """How samples are converted."""

    resample: str
    """linear, balanced (the default) or high"""
    mix: str
    """speakers (the default), original or discrete"""
    keep_lfe: bool
    normalize: bool
    rounding: str
    """nearest (the default), toward-zero or half-away"""
    dither: str
    """none (the default), rectangular, tpdf, tpdf-hp, or the name of a noise shaper"""
    seed: int


class Options(Conversion, total=False):
    """All of a stream."""

    queue_ms: float
    """How much can be queued, at most 1 GiB of it. Default: 500."""
    prebuffer_ms: float
    """What must be queued before a sound begins."""
    rebuffer_ms: float
    """What must be queued before a sound goes on, with fixed buffering."""
    buffering: str
    """fixed, or adaptive: as much as recent gaps have needed"""
    max_backlog_ms: float
    """Older utterances are dropped when more waits."""
    gain_db: float
    ramp_ms: float
    """The fade at an underrun, a pause and a mute. Default: 2."""
    lead_in_ms: float
    """Silence before the first sound, for devices that wake slowly."""


_CONVERSION = tuple(Conversion.__annotations__)
_QUEUEING = tuple(name for name in Options.__annotations__ if name not in _CONVERSION)


def _picked(names: tuple[str, ...], options: Any) -> dict[str, Any]:
    return {name: options.get(name) for name in names}


def split(options: Options) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options as the native classes take them: conversion, queueing."""
    unknown = set(options) - set(_CONVERSION) - set(_QUEUEING)
    if unknown:
        raise TypeError(f"unknown options: {', '.join(sorted(unknown))}")
    return _picked(_CONVERSION, options), _picked(_QUEUEING, options)


def conversion(options: Conversion) -> dict[str, Any]:
    """The options of what only converts."""
    unknown = set(options) - set(_CONVERSION)
    if unknown:
        raise TypeError(f"unknown options: {', '.join(sorted(unknown))}")
    return _picked(_CONVERSION, options)
