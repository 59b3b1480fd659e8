"""The point: the audio thread is free of Python."""

import ctypes
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import outdata
import pytest
from conftest import ROOT

RATE = 48000
BLOCK = 480
FAKECARD = ROOT / "crates/device-io/tests/fakecard/pcm_fakecard.c"


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


def held_for_500_ms(backend: str) -> None:
    """600 ms are queued. What is asserted holds on every backend of real time."""
    sound = np.full((int(0.6 * RATE), 1), 0.25, np.float32)
    stream = outdata.Stream(f"{RATE}x1:f32", f"{RATE}x1:f32", queue_ms=1000)
    player = outdata.Player(f"{RATE}x1:f32", backend=backend, block_ms=10, queue_ms=1000, buffering="fixed")
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
            # An underrun is counted as one when the sound goes on.
            player.write(sound[: RATE // 5])
        assert player.wait()
    assert held >= 0.5
    # The engine's callback went on meanwhile, and lacked nothing.
    assert after.blocks - before.blocks >= 45
    assert after.heard_frames - before.heard_frames >= int(0.45 * RATE)
    metrics = player.metrics()
    assert (metrics.underruns, metrics.underrun_frames) == (0, 0)
    assert metrics.heard_frames == len(sound) + RATE // 5
    # A callback in Python stood still.
    assert python.dropouts >= 40
    player.close()


def test_the_interpreter_is_held_for_500_ms() -> None:
    held_for_500_ms("null")


def test_the_interpreter_is_held_for_500_ms_on_a_card(tmp_path: pathlib.Path) -> None:
    """The same through ALSA, on the made-up card of device-io's tests, where a late writer is an xrun."""
    pytest.importorskip("outdata._devices", reason="built without ALSA's headers", exc_type=ImportError)
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        pytest.skip("there is no C compiler for the made-up card")
    plugin, played, conf = (tmp_path / name for name in ("libfakecard.so", "played", "asound.conf"))
    options = ["-O2", "-fPIC", "-DPIC", "-shared", "-o", plugin, FAKECARD, "-lasound"]
    subprocess.run([compiler, *options], check=True, timeout=60)
    fields = f"formats FLOAT_LE rate_min {RATE} rate_max {RATE} channels_min 1 channels_max 1 strict 1"
    conf.write_text(
        f'pcm_type.fakecard {{ lib "{plugin}" }}\n'
        f'pcm.default {{ type fakecard {fields} file "{played}" hint {{ show on description "default" }} }}\n'
    )
    # ALSA reads its configuration once in a process.
    done = subprocess.run(
        [sys.executable, "-B", "-c", "import test_gil; test_gil.held_for_500_ms('default')"],
        cwd=pathlib.Path(__file__).parent,
        env={**os.environ, "ALSA_CONFIG_PATH": str(conf)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    heard = np.fromfile(played, np.float32)
    (sounding,) = np.nonzero(heard)
    # All of it, in one piece.
    assert len(sounding) == sounding[-1] - sounding[0] + 1
    assert 0.79 * RATE < len(sounding) <= 0.8 * RATE
    assert (heard[sounding] == 0.25).mean() > 0.98


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
