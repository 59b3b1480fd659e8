"""What a block costs: the callback that this engine replaces, in numpy; `Stream.callback`; `Player`; and Rust alone.

    python timing.py [--rounds N] [--json FILE]

All fill 480 frames of stereo, on the four paths of the report: speech, music, a notification and a film. Medians, in
nanoseconds: in a loop, where everything is in the caches, and every 10 ms, as a device calls. A player's callback is
always called so, on a thread of its own.
"""

import argparse
import dataclasses
import functools
import json
import pathlib
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import outdata

BLOCK = 480
RATE = 48000
# Calls every 10 ms: two seconds of them.
PACED = 200


@dataclasses.dataclass(frozen=True)
class Path:
    """What is pushed, and what a stereo device at 48 kHz takes."""

    letter: str
    rate: int
    channels: int
    source_format: str
    device_format: str

    @property
    def source(self) -> str:
        return f"{self.rate}x{self.channels}:{self.source_format}"

    @property
    def device(self) -> str:
        return f"{RATE}x2:{self.device_format}"

    def chunk(self) -> Any:
        """The frames of a block."""
        frames = np.arange(BLOCK * self.rate // RATE)
        tone = np.sin(frames * 0.05) * 0.25
        samples = np.repeat(tone[:, np.newaxis], self.channels, axis=1)
        return (samples * 32768).astype(np.int16) if self.source_format == "s16" else samples.astype(np.float32)

    def block(self) -> Any:
        return np.zeros((BLOCK, 2), np.int16 if self.device_format == "s16" else np.float32)


PATHS = (
    Path("a", 24000, 1, "s16", "f32"),
    Path("b", 44100, 2, "s16", "f32"),
    Path("c", 48000, 1, "s16", "s16"),
    Path("d", 48000, 6, "f32", "s16"),
)


def numpy_callback(path: Path) -> Callable[[Any], None]:
    """The contract's: convert, interpolate within the block, one zeroed block, mono to both channels, and clip."""
    data = path.chunk()
    at = np.arange(BLOCK) * len(data) / BLOCK
    known = np.arange(len(data))

    def callback(out: Any) -> None:
        samples = data.astype(np.float32)
        if path.source_format == "s16":
            samples /= np.float32(32768.0)
        if path.rate != RATE:
            samples = np.stack([np.interp(at, known, channel) for channel in samples.T], axis=1).astype(np.float32)
        block = np.zeros((BLOCK, 2), np.float32)
        count = min(len(samples), BLOCK)
        block[:count] = samples[:count, :2]
        if path.device_format == "s16":
            block = np.clip(np.rint(block * 32768.0), -32768, 32767).astype(np.int16)
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


def streamed(path: Path, quality: str, rounds: int, pause: float) -> tuple[int, int]:
    """`Stream.callback`, and of it the engine, which has a clock of its own."""
    stream = outdata.Stream(path.source, path.device, resample=quality)
    chunk, out, callback = path.chunk(), path.block(), stream.callback
    for _ in range(5):
        stream.push(chunk)
    whole = nanoseconds(lambda: callback(out, BLOCK, None, None), lambda: stream.push(chunk), rounds, pause)
    return whole, stream.metrics().callback_ns_median


def played(path: Path, quality: str, blocks: int) -> int:
    """A player's callback. It opens as what the device is to be, and is given something else."""
    chunk = path.chunk()
    with outdata.Player(path.device, backend="null", block_ms=10, resample=quality) as player:
        player.set_source(path.source)
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
    rows: list[tuple[str, int | None, int | None]] = []
    for path in PATHS:
        callback, out = numpy_callback(path), path.block()
        linear = both(functools.partial(callback, out), lambda: None, rounds, paced)
        name = f"{path.letter} {path.source} to {path.device}"
        # Where nothing is resampled there is one quality, and no name for it.
        qualities = {"linear": ", linear", "balanced": ", balanced"} if path.rate != RATE else {"linear": ""}
        rows.append((f"{name}: the replaced callback in numpy{qualities['linear']}", *linear))
        for quality, what in qualities.items():
            hot, cold = streamed(path, quality, rounds, 0.0), streamed(path, quality, paced, 0.01)
            rows.append((f"{path.letter}: `Stream.callback`{what}", hot[0], cold[0]))
            rows.append((f"{path.letter}: of it the engine in Rust{what}", hot[1], cold[1]))
            rows.append((f"{path.letter}: `Player`'s callback{what}", None, played(path, quality, paced)))
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
