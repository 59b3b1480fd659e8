"""The gain that every direction has."""

from typing import Protocol


class _Native(Protocol):
    @property
    def is_muted(self) -> bool: ...
    @property
    def gain_db(self) -> float: ...
    def set_gain(self, gain_db: float, ramp_ms: float) -> None: ...


class Gain:
    """The gain of a stream or a microphone, over its native half."""

    _native: _Native

    @property
    def is_muted(self) -> bool:
        return self._native.is_muted

    @property
    def gain_db(self) -> float:
        """The gain in dB. Setting it takes a ramp of 10 ms; `set_gain` takes another."""
        return self._native.gain_db

    @gain_db.setter
    def gain_db(self, gain_db: float) -> None:
        self.set_gain(gain_db)

    def set_gain(self, gain_db: float, ramp_ms: float = 10.0) -> None:
        """Moves the gain in a straight line."""
        self._native.set_gain(gain_db, ramp_ms)
