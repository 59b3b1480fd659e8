"""What both agents speak with: a synthesizer whose chunks come unevenly, and somebody who speaks in between."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import numpy as np

RATE = 24000
CHUNK = RATE // 20


class Synthesizer:
    """A tone for each sentence, 50 ms of it at a time, sometimes late."""

    def __init__(self, text: str) -> None:
        self._chunks = max(4, len(text) // 2)

    async def __aiter__(self) -> AsyncIterator[Any]:
        for number in range(self._chunks):
            await asyncio.sleep((0.0, 0.01, 0.06, 0.005)[number % 4])
            at = np.arange(number * CHUNK, (number + 1) * CHUNK)
            yield (np.sin(at * 0.05) * 6000).astype(np.int16)


def somebody_speaks(seconds: float, tell: Callable[[], object]) -> None:
    """Calls `tell` from another thread, as a detector of speech does."""
    threading.Timer(seconds, tell).start()
