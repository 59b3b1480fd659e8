"""What a block costs: the callback that this engine replaces, in numpy; `Stream.callback`; `Player`; and Rust alone.

    python timing.py [--rounds N] [--json FILE]

All fill 480 frames of stereo f32 from 24 kHz mono s16. Medians, in nanoseconds: in a loop, where everything is in the
caches, and every 10 ms, as a device calls. A player's callback is always called so, on a thread of its own.
"""

import argparse
import json
import pathlib
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import outdata

BLOCK = 480
CHUNK = BLOCK // 2
# Calls every 10 ms: two seconds of them.
PACED = 200


def numpy_callback(data: Any) -> Callable[[Any], None]:
    """The contract's: convert, interpolate within the block, one zeroed block, mono to both channels."""
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


def nanoseconds(work: Callable[[], object], before: Callable[[], object], rounds: int, pause: float = 0.0) -> int:
    """The median."""
    times = []
    for _ in range(rounds):
        before()
        if pause:
            time.sleep(pause)
        begin = time.perf_counter_ns()
        work()
        times.append(time.perf_counter_ns() - begin)
    return int(statistics.median(times))


def both(work: Callable[[], object], before: Callable[[], object], rounds: int, paced: int) -> tuple[int, int]:
    """In a loop, and every 10 ms."""
    return nanoseconds(work, before, rounds), nanoseconds(work, before, paced, 0.01)


def streamed(quality: str, out: Any, chunk: Any, rounds: int, pause: float) -> tuple[int, int]:
    """`Stream.callback`, and of it the engine, which has a clock of its own."""
    stream = outdata.Stream("24000x1:s16", "48000x2:f32", resample=quality)
    stream.write(np.zeros(10 * CHUNK, np.int16))
    callback = stream.callback
    whole = nanoseconds(lambda: callback(out, BLOCK, None, None), lambda: stream.push(chunk), rounds, pause)
    return whole, stream.metrics().callback_ns_median


def played(quality: str, chunk: Any, blocks: int) -> int:
    """A player's callback. It opens as what the device is to be, and is given something else."""
    with outdata.Player("48000x2:f32", backend="null", block_ms=10, resample=quality) as player:
        player.set_source("24000x1:s16")
        for _ in range(blocks):
            player.write(chunk)
    return player.metrics().callback_ns_median


def written(data: Any) -> int:
    """`Player.write` of 20 ms, with room for it."""
    with outdata.Player("24000x1:s16", backend="null", queue_ms=2000) as player:
        player.pause()
        median = nanoseconds(lambda: player.write(data), lambda: None, 90)
        player.interrupt()
        player.resume()
    return median


def main() -> None:
    parser = argparse.ArgumentParser(description="What a block costs.")
    parser.add_argument("--rounds", type=int, default=20000, help="how often, in a loop")
    parser.add_argument("--json", type=pathlib.Path, help="a file for the figures, as `cargo xtask bench` reads them")
    arguments = parser.parse_args()
    rounds, paced = arguments.rounds, min(arguments.rounds, PACED)
    out = np.zeros((BLOCK, 2), np.float32)
    chunk = (np.sin(np.arange(CHUNK) * 0.05) * 8000).astype(np.int16)
    callback = numpy_callback(chunk)
    rows: list[tuple[str, int | None, int | None]] = []
    rows.append(("the replaced callback in numpy, linear", *both(lambda: callback(out), lambda: None, rounds, paced)))
    for quality in ("linear", "balanced"):
        hot, cold = streamed(quality, out, chunk, rounds, 0.0), streamed(quality, out, chunk, paced, 0.01)
        rows.append((f"`Stream.callback`, {quality}", hot[0], cold[0]))
        rows.append((f"of it the engine in Rust, {quality}", hot[1], cold[1]))
        rows.append((f"`Player`'s callback, {quality}", None, played(quality, chunk, paced)))
    data = np.zeros(480, np.int16)
    rows.append(("`Player.write` of 20 ms, an array", written(data), None))
    rows.append(("`Player.write` of 20 ms, bytes", written(data.tobytes()), None))
    print("| | in a loop | every 10 ms |\n|---|--:|--:|")
    for name, *figures in rows:
        print(f"| {name} | " + " | ".join("" if ns is None else f"{ns}" for ns in figures) + " |")
    if arguments.json is not None:
        keys = ("name", "loop_ns", "paced_ns")
        arguments.json.write_text(json.dumps({"rows": [dict(zip(keys, row, strict=True)) for row in rows]}))


if __name__ == "__main__":
    main()
