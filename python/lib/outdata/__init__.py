"""Real-time PCM for voice and audio applications: an engine in Rust, whose audio thread is free of Python.

`Player` plays, `Microphone` records, `Stream` fills the blocks of a callback of your own; `convert`, `mix` and `resample`
work on arrays.
"""

from importlib.metadata import version

from . import original
from ._feed import Utterance
from ._options import Conversion, Options
from ._told import Device, Event, Metrics, Position, Receipt
from .arrays import Converter, Mixer, Resampler, convert, mix, resample
from .errors import ConfigError, DeviceError, Error, Interrupted
from .microphone import Microphone, Referenced
from .player import Player, devices, play
from .stream import Stream

__version__ = version("outdata")

__all__ = [
    "ConfigError",
    "Conversion",
    "Converter",
    "Device",
    "DeviceError",
    "Error",
    "Event",
    "Interrupted",
    "Metrics",
    "Microphone",
    "Mixer",
    "Options",
    "Player",
    "Position",
    "Receipt",
    "Referenced",
    "Resampler",
    "Stream",
    "Utterance",
    "convert",
    "devices",
    "mix",
    "original",
    "play",
    "resample",
]
