"""Waiting: by looking again. Nobody holds the interpreter meanwhile, Ctrl-C ends it, and a task can be cancelled."""

import asyncio
import threading
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
        # What is looked for may wait for a task of the event loop that this call holds up.
        for task in tuple(_here.awaited):
            task.go_on()
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
    task = _Awaited(operation)
    _here.awaited.add(task)
    try:
        return await awaited(task.look)
    finally:
        _here.awaited.discard(task)
        operation.close()


class _Awaited:
    """An operation that a task awaits, and what came of it."""

    def __init__(self, operation: "_outdata.Operation") -> None:
        self._operation = operation
        self._result: int | None = None
        self._error: Exception | None = None

    def look(self) -> int | None:
        self.go_on()
        if self._error is not None:
            raise self._error
        return self._result

    def go_on(self) -> None:
        """Looks, unless it is over, and keeps what comes of it for the task."""
        if self._result is None and self._error is None:
            try:
                self._result = self._operation.poll()
            except Exception as error:
                self._error = error


class _Here(threading.local):
    """What tasks of this thread's event loop await."""

    def __init__(self) -> None:
        self.awaited: set[_Awaited] = set()


_here = _Here()
