"""What a block costs: the callback that this engine replaces, in numpy; `Stream.callback`; and `Player`.

    python timing.py [ROUNDS]

All fill 480 frames of stereo f32 from 24 kHz mono s16. Times are the least of all rounds, and their median.
"""

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import outdata

BLOCK = 480
CHUNK = BLOCK // 2


def numpy_callback() -> Callable[[Any], None]:
    """The contract's: convert, interpolate within the block, one zeroed block, mono to both channels."""
    data = (np.sin(np.arange(CHUNK) * 0.05) * 8000).astype(np.int16)
    at = np.arange(BLOCK) * CHUNK / BLOCK
    known = np.arange(CHUNK)

    def callback(out: Any) -> None:
        samples = data.astype(np.float32) / np.float32(32768.0)
        samples = np.interp(at, known, samples).astype(np.float32)
        block = np.zeros((BLOCK, 2), np.float32)
        count = min(len(samples), BLOCK)
        block[:count, 0] = samples[:count]
        block[:count, 1] = samples[:count]
        out.fill(0)
        out[:] = block

    return callback


def nanoseconds(work: Callable[[], object], before: Callable[[], object], rounds: int) -> tuple[int, int]:
    """The least, and the median."""
    times = []
    for _ in range(rounds):
        before()
        begin = time.perf_counter_ns()
        work()
        times.append(time.perf_counter_ns() - begin)
    return min(times), int(statistics.median(times))


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
    out = np.zeros((BLOCK, 2), np.float32)
    chunk = np.zeros(CHUNK, np.int16)
    rows = []

    callback = numpy_callback()
    rows.append(("numpy callback", *nanoseconds(lambda: callback(out), lambda: None, rounds)))

    for quality in ("linear", "balanced"):
        stream = outdata.Stream("24000x1:s16", "48000x2:f32", resample=quality)
        stream.write(np.zeros(2400, np.int16))
        rows.append(
            (
                f"Stream.callback, {quality}",
                *nanoseconds(
                    lambda: stream.callback(out, BLOCK, None, None), lambda: stream.push(chunk), rounds
                ),
            )
        )
        # The engine's own clock sees it alone, as a program in Rust would have it.
        rows.append((f"  of it the engine in Rust, {quality}", 0, stream.metrics().callback_ns_median))

        # A player's callback is on a thread of its own. It opens as what the device is, and is given something else.
        with outdata.Player("48000x2:f32", backend="null", block_ms=10, resample=quality) as player:
            player.set_source("24000x1:s16")
            for _ in range(200):
                player.write(chunk)
        rows.append((f"Player's callback, {quality}", 0, player.metrics().callback_ns_median))

    # 20 ms.
    player = outdata.Player("24000x1:s16", backend="null", queue_ms=2000)
    player.pause()
    data = np.zeros(480, np.int16)
    rows.append(("Player.write of 20 ms", *nanoseconds(lambda: player.write(data), lambda: None, 90)))
    blob = data.tobytes()
    player.interrupt()
    rows.append(("Player.write of 20 ms, bytes", *nanoseconds(lambda: player.write(blob), lambda: None, 90)))
    player.close()

    for name, least, median in rows:
        print(f"{name:42} {least or '':>8} {median:>8} ns")


if __name__ == "__main__":
    main()
