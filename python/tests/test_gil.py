"""The point: the audio thread is free of Python."""

import ctypes
import threading
import time
from typing import Any

import numpy as np
import outdata

RATE = 48000
BLOCK = 480


def hold_the_interpreter(milliseconds: int) -> None:
    """Sleeps in C without letting go of the interpreter, as a long regular expression or a model does."""
    ctypes.PyDLL(None).usleep(milliseconds * 1000)


class PythonCallback:
    """What sounddevice does: a callback in Python every 10 ms, on a thread that waits for the interpreter."""

    def __init__(self, callback: Any) -> None:
        self.callback = callback
        self.dropouts = 0
        self.blocks = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "PythonCallback":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        outdata_block = np.zeros((BLOCK, 1), np.float32)
        begin = time.monotonic()
        while not self._stop.is_set():
            due = begin + self.blocks * BLOCK / RATE
            time.sleep(max(0.0, due - time.monotonic()))
            self.callback(outdata_block, BLOCK, None, None)
            self.blocks += 1
            # The device has played its two blocks, and heard nothing new.
            late = time.monotonic() - due
            if late > 2 * BLOCK / RATE:
                missed = int(late * RATE / BLOCK) - 1
                self.dropouts += missed
                self.blocks += missed


def test_the_interpreter_is_held_for_500_ms() -> None:
    sound = np.full((int(0.6 * RATE), 1), 0.25, np.float32)
    stream = outdata.Stream(f"{RATE}x1:f32", f"{RATE}x1:f32", queue_ms=1000)
    player = outdata.Player(f"{RATE}x1:f32", backend="null", block_ms=10, queue_ms=1000, buffering="fixed")
    stream.write(sound)
    with PythonCallback(stream.callback) as python:
        time.sleep(0.03)
        with player.utterance():
            player.write(sound)
            before = player.metrics()
            begin = time.monotonic()
            hold_the_interpreter(500)
            held = time.monotonic() - begin
            after = player.metrics()
        assert player.wait()
    assert held >= 0.5
    # The engine's callback went on meanwhile, and lacked nothing.
    assert after.blocks - before.blocks >= 45
    assert after.heard_frames - before.heard_frames >= int(0.45 * RATE)
    metrics = player.metrics()
    assert (metrics.underruns, metrics.underrun_frames) == (0, 0)
    assert metrics.heard_frames == len(sound)
    # A callback in Python stood still.
    assert python.dropouts >= 40
    player.close()


def test_a_write_lets_others_run() -> None:
    """Four fifths of a second of waiting, in which another thread gets on with its work."""
    player = outdata.Player(f"{RATE}x1:f32", backend="null", queue_ms=100, buffering="fixed")
    steps = 0
    stop = threading.Event()

    def work() -> None:
        nonlocal steps
        while not stop.is_set():
            steps += 1
            time.sleep(0.001)

    worker = threading.Thread(target=work)
    worker.start()
    player.write(np.zeros((int(0.9 * RATE), 1), np.float32))
    stop.set()
    worker.join()
    player.close()
    assert steps > 100
