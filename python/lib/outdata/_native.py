"""Which of the two native modules does it: the one with real devices is loaded when one is wanted."""

import importlib
from types import ModuleType
from typing import Any

from . import _outdata
from .errors import DeviceError

_HINT = (
    "real devices need the ALSA library (Debian, Ubuntu: apt-get install libasound2, or libasound2t64 where there is no "
    "such package; Fedora: dnf install alsa-lib); "
    'backend="null" and backend="wav:FILE" work without it'
)


def with_devices() -> ModuleType:
    """The module that opens real devices."""
    try:
        return importlib.import_module("outdata._devices")
    except ModuleNotFoundError as error:
        raise DeviceError(f"this build of outdata has no real devices: {_HINT}") from error
    except ImportError as error:
        raise DeviceError(f"{error}: {_HINT}") from error


def of_backend(backend: str) -> Any:
    """The module for a backend."""
    if backend == "null" or backend.startswith("wav:"):
        return _outdata
    return with_devices()
