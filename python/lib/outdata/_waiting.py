"""Waiting: by looking again. Nobody holds the interpreter meanwhile, Ctrl-C ends it, and a task can be cancelled."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from . import _outdata

T = TypeVar("T")

TICK = 0.005
"""Between two looks, in seconds: as often as the engine's own waiting calls look."""


def wait(look: Callable[[], T | None], timeout: float | None = None) -> T:
    """Looks until there is something."""
    end = None if timeout is None else time.monotonic() + timeout
    while (found := look()) is None:
        if end is not None and time.monotonic() >= end:
            raise TimeoutError
        time.sleep(TICK)
    return found


async def awaited(look: Callable[[], T | None]) -> T:
    """Looks until there is something, and lets other tasks run meanwhile."""
    while (found := look()) is None:
        await asyncio.sleep(TICK)
    return found


def finish(operation: "_outdata.Operation", timeout: float | None = None) -> int:
    """Waits for an operation, or gives it up."""
    try:
        return wait(operation.poll, timeout)
    finally:
        operation.close()


async def finished(operation: "_outdata.Operation") -> int:
    """Awaits an operation, or gives it up."""
    try:
        return await awaited(operation.poll)
    finally:
        operation.close()
