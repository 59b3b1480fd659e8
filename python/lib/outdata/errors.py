"""What can go wrong."""


class Error(Exception):
    """The base of this package's exceptions. What is no buffer of the right samples is a TypeError or a ValueError."""


class ConfigError(Error, ValueError):
    """A stream cannot be made as it was asked for."""


class DeviceError(Error):
    """A device cannot be opened, or is gone for good, or was closed."""


class Interrupted(Error):
    """An interruption came: the rest of what was interrupted is not wanted.

    Inside an utterance every later write raises it too, until the utterance ends or another one begins.
    """

    def __init__(self, words: str = "", queued_bytes: int = 0) -> None:
        super().__init__(words)
        self.queued_bytes = queued_bytes
        """How much of this call had been queued, and was dropped then."""
