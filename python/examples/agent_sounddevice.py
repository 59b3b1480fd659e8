"""The same agent on python-sounddevice: what it takes to do by hand what `agent_outdata.py` asks for.

The callback is Python: it waits for the interpreter's lock, and for whoever holds it.
"""

import asyncio
import collections
import threading
import time
from typing import Any

import numpy as np
import sounddevice as sd
from synthesizer import RATE, Synthesizer, somebody_speaks

PREBUFFER_S = 0.12
FADE_S = 0.02
MOST_QUEUED_S = 0.5


class Playback:
    """A queue of chunks, and the callback that empties it."""

    def __init__(self, device: int | None = None) -> None:
        # Many devices refuse 24 kHz: the device's own rate is taken, and chunks are converted for it.
        self._rate = int(sd.query_devices(device, "output")["default_samplerate"])
        self._lock = threading.Lock()
        self._chunks: collections.deque[Any] = collections.deque()
        self._offset = 0
        self._queued = 0
        self._is_started = False
        self._is_ended = True
        self._is_interrupted = False
        self._fade_left: int | None = None
        self._played = 0
        self._underruns = 0
        self._last = 0.0
        self._quiet_since: float | None = None
        self._carry = np.zeros(1, np.float32)
        self._phase = 0.0
        self._stream = sd.OutputStream(
            samplerate=self._rate, channels=2, dtype="float32", device=device, callback=self._callback
        )
        self._latency = float(self._stream.latency)
        self._stream.start()

    def close(self) -> None:
        self._stream.stop()
        self._stream.close()

    def begin(self) -> None:
        """Begins a sentence."""
        with self._lock:
            self._is_ended = False
            self._is_started = False
            self._is_interrupted = False
            self._fade_left = None
            self._played = 0
            self._carry = np.zeros(1, np.float32)
            self._phase = 0.0

    async def write(self, chunk: Any) -> bool:
        """Queues a chunk, and waits while too much is queued. False after an interruption."""
        samples = self._resampled(chunk.astype(np.float32) / 32768.0)
        while True:
            with self._lock:
                if self._is_interrupted:
                    return False
                if self._queued < MOST_QUEUED_S * self._rate:
                    self._chunks.append(samples)
                    self._queued += len(samples)
                    return True
            await asyncio.sleep(0.005)

    def _resampled(self, samples: Any) -> Any:
        """Linear interpolation whose position goes on from chunk to chunk."""
        step = RATE / self._rate
        known = np.concatenate([self._carry, samples])
        count = int((len(known) - 1 - self._phase) / step)
        at = self._phase + np.arange(count) * step
        made = np.interp(at, np.arange(len(known)), known).astype(np.float32)
        end = self._phase + count * step
        whole = int(end)
        self._carry = known[whole:]
        self._phase = end - whole
        return made

    def end(self) -> None:
        """Nothing more of the sentence comes: what is queued is played even if it is little."""
        with self._lock:
            self._is_ended = True

    async def drain(self) -> bool:
        """Waits until the last sample has been heard. False after an interruption."""
        while True:
            with self._lock:
                quiet = self._quiet_since if self._queued == 0 else None
                interrupted = self._is_interrupted
            if quiet is not None and time.monotonic() - quiet >= self._latency:
                return not interrupted
            await asyncio.sleep(0.005)

    def interrupt(self) -> None:
        """Fades out what sounds, and drops the rest."""
        with self._lock:
            if not self._is_interrupted and (self._queued or not self._is_ended):
                self._is_interrupted = True
                self._fade_left = int(FADE_S * self._rate)

    def heard_seconds(self) -> float:
        """What was played of the sentence, less what the device still holds."""
        with self._lock:
            return max(0.0, self._played / self._rate - self._latency)

    def _callback(self, outdata: Any, frames: int, _time: Any, status: Any) -> None:
        outdata.fill(0)
        if status.output_underflow:
            self._underruns += 1
        with self._lock:
            if not self._is_started:
                enough = self._queued >= PREBUFFER_S * self._rate
                if not enough and not (self._is_ended and self._queued):
                    self._note_quiet()
                    return
                self._is_started = True
            data = self._taken(frames)
            if self._fade_left is not None:
                self._fade(data)
            count = len(data)
            outdata[:count, 0] = data
            outdata[:count, 1] = data
            self._played += count
            if count < frames:
                # No click: from the last value to zero in 2 ms.
                decay = min(frames - count, self._rate // 500)
                tail = np.linspace(self._last, 0.0, decay, dtype=np.float32)
                outdata[count : count + decay] = tail[:, np.newaxis]
                self._last = 0.0
                if not self._is_ended and not self._is_interrupted:
                    self._underruns += 1
                    self._is_started = False
                self._note_quiet()
            else:
                self._last = float(data[-1])
                self._quiet_since = None

    def _note_quiet(self) -> None:
        if self._quiet_since is None:
            self._quiet_since = time.monotonic()

    def _taken(self, frames: int) -> Any:
        """Up to so many samples from the queue."""
        parts = []
        while frames > 0 and self._chunks:
            chunk = self._chunks[0]
            part = chunk[self._offset : self._offset + frames]
            parts.append(part)
            frames -= len(part)
            self._queued -= len(part)
            self._offset += len(part)
            if self._offset == len(chunk):
                self._chunks.popleft()
                self._offset = 0
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def _fade(self, data: Any) -> None:
        """Fades what was taken, and drops the rest when the fade is over."""
        assert self._fade_left is not None
        length = int(FADE_S * self._rate)
        done = length - self._fade_left
        gain = 1.0 - np.clip(np.arange(done, done + len(data)) / length, 0.0, 1.0)
        data *= gain.astype(np.float32)
        self._fade_left -= len(data)
        if self._fade_left <= 0:
            self._chunks.clear()
            self._offset = 0
            self._queued = 0
            self._fade_left = None


async def say(playback: Playback, text: str) -> None:
    playback.begin()
    async for chunk in Synthesizer(text):
        if not await playback.write(chunk):
            break
    playback.end()
    if not await playback.drain():
        print(f"user speaks; {playback.heard_seconds():.2f} s of it was heard")


async def main() -> None:
    playback = Playback()
    somebody_speaks(0.5, playback.interrupt)
    await say(playback, "It was a dark and stormy night, and the rain fell in torrents.")
    await say(playback, "Sorry, go ahead.")
    playback.close()


if __name__ == "__main__":
    asyncio.run(main())
