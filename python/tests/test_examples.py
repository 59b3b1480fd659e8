"""The programs in `examples`, with what they stand on replaced by stubs of its interface."""

import abc
import asyncio
import importlib
import json
import pathlib
import sys
import threading
import time
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import outdata
import pytest

EXAMPLES = pathlib.Path(__file__).resolve().parents[1] / "examples"


@pytest.fixture(autouse=True)
def examples(monkeypatch: pytest.MonkeyPatch, ends: None) -> Iterator[None]:
    """The folder to import from, and no trace of what was imported but for the package itself."""
    assert outdata
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.setenv("OUTDATA_BACKEND", "null")
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def stub(monkeypatch: pytest.MonkeyPatch, name: str, **members: Any) -> None:
    """Puts a module in the place of one that is not installed, and of the packages around it."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        path = ".".join(parts[:end])
        if path not in sys.modules:
            module = types.ModuleType(path)
            monkeypatch.setitem(sys.modules, path, module)
            if end > 1:
                setattr(sys.modules[".".join(parts[: end - 1])], parts[end - 1], module)
    for member, value in members.items():
        setattr(sys.modules[name], member, value)


def heard_seconds(words: str) -> float:
    """What the agent says was heard of its first sentence."""
    (line,) = words.strip().splitlines()
    assert line.startswith("user speaks; ")
    assert line.endswith(" s of it was heard")
    return float(line.split()[2])


def test_the_agent_on_outdata(capsys: pytest.CaptureFixture[str]) -> None:
    agent = importlib.import_module("agent_outdata")
    asyncio.run(agent.main())
    assert 0.2 < heard_seconds(capsys.readouterr().out) < 0.7


class OutputStream:
    """sounddevice's, as far as the example goes: a thread that calls back every 10 ms."""

    latency = 0.02

    def __init__(self, *, samplerate: int, channels: int, dtype: str, device: Any, callback: Any) -> None:
        self._callback = callback
        self._seconds = 0.01
        self._block = np.zeros((int(samplerate * self._seconds), channels), dtype)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.played: list[Any] = []

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def close(self) -> None:
        OutputStream.last = np.concatenate(self.played)  # type: ignore[attr-defined]

    def _run(self) -> None:
        begin = time.monotonic()
        status = types.SimpleNamespace(output_underflow=False)
        while not self._stop.is_set():
            self._callback(self._block, len(self._block), None, status)
            self.played.append(self._block.copy())
            time.sleep(max(0.0, begin + len(self.played) * self._seconds - time.monotonic()))


def test_the_agent_on_sounddevice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stub(
        monkeypatch,
        "sounddevice",
        OutputStream=OutputStream,
        query_devices=lambda device, kind: {"default_samplerate": 48000.0},
    )
    agent = importlib.import_module("agent_sounddevice")
    asyncio.run(agent.main())
    assert 0.1 < heard_seconds(capsys.readouterr().out) < 0.7
    played = OutputStream.last  # type: ignore[attr-defined]
    assert np.abs(played).max() > 0.15
    # Neither ends with a click.
    assert np.abs(np.diff(played[:, 0])).max() < 0.05


def test_how_long_they_are() -> None:
    def lines(name: str) -> int:
        return len((EXAMPLES / name).read_text().splitlines())

    assert lines("agent_outdata.py") < 30
    assert lines("agent_sounddevice.py") > 150


def test_timing(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows that the report reads: of the four paths, two of them in two qualities, and of `write`."""
    file = tmp_path / "rows.json"
    monkeypatch.setattr(sys, "argv", ["timing.py", "--rounds", "20", "--json", str(file)])
    importlib.import_module("timing").main()
    rows = json.loads(file.read_text())["rows"]
    assert len(rows) == 4 + 6 * 3 + 2
    for row in rows:
        assert row.keys() == {"name", "loop_ns", "paced_ns"}
        times = [row["loop_ns"], row["paced_ns"]]
        assert any(times)
        assert all(ns is None or ns > 0 for ns in times), row


@dataclass
class AudioFrame:
    """LiveKit's: `data` is a view of 16-bit samples."""

    data: memoryview
    sample_rate: int
    num_channels: int
    samples_per_channel: int


@dataclass
class AudioOutputCapabilities:
    pause: bool


class AudioOutput(abc.ABC):
    """LiveKit's, as of livekit-agents 1.8: a segment begins with a frame, and ends with `flush`."""

    def __init__(
        self,
        *,
        label: str,
        capabilities: AudioOutputCapabilities,
        next_in_chain: Any = None,
        sample_rate: int | None = None,
    ) -> None:
        self.label = label
        self.sample_rate = sample_rate
        self.segments = 0
        self.started: list[float] = []
        self.finished: list[tuple[float, bool]] = []
        self._capturing = False

    @abc.abstractmethod
    async def capture_frame(self, frame: AudioFrame) -> None:
        if not self._capturing:
            self._capturing = True
            self.segments += 1

    @abc.abstractmethod
    def flush(self) -> None:
        self._capturing = False

    @abc.abstractmethod
    def clear_buffer(self) -> None: ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def on_playback_started(self, *, created_at: float) -> None:
        self.started.append(created_at)

    def on_playback_finished(self, *, playback_position: float, interrupted: bool) -> None:
        assert len(self.finished) < self.segments
        self.finished.append((playback_position, interrupted))


def test_livekit(monkeypatch: pytest.MonkeyPatch) -> None:
    stub(monkeypatch, "livekit.rtc", AudioFrame=AudioFrame)
    stub(
        monkeypatch,
        "livekit.agents.voice.io",
        AudioOutput=AudioOutput,
        AudioOutputCapabilities=AudioOutputCapabilities,
    )
    module = importlib.import_module("livekit_output")

    def frame(milliseconds: int) -> AudioFrame:
        samples = np.full(24 * milliseconds, 1000, np.int16)
        return AudioFrame(memoryview(samples), 24000, 1, len(samples))

    async def main() -> Any:
        output = module.OutdataOutput(backend="null")
        for _ in range(10):
            await output.capture_frame(frame(20))
        output.flush()
        while not output.finished:
            await asyncio.sleep(0.01)
        # Somebody speaks into the second segment, whose frames still come.
        for _ in range(20):
            await output.capture_frame(frame(20))
        await asyncio.sleep(0.1)
        output.pause()
        output.resume()
        output._player.interrupt_nowait()
        await output.capture_frame(frame(20))
        output.clear_buffer()
        output.flush()
        while len(output.finished) < 2:
            await asyncio.sleep(0.01)
        # A third ends while one task waits for room, which another could not wait for.
        waiting = asyncio.create_task(output.capture_frame(frame(2000)))
        await asyncio.sleep(0.1)
        output.flush()
        output.clear_buffer()
        await waiting
        while len(output.finished) < 3:
            await asyncio.sleep(0.01)
        await output.aclose()
        return output

    output = asyncio.run(asyncio.wait_for(main(), 10))
    assert output.segments == len(output.started) == 3
    assert output.started == sorted(output.started)
    whole, *cuts = output.finished
    assert whole == (pytest.approx(0.2), False)
    for heard, interrupted in cuts:
        assert interrupted
        assert 0 < heard < 0.3


@dataclass
class Frame:
    pass


@dataclass
class StartFrame(Frame):
    pass


@dataclass
class EndFrame(Frame):
    pass


@dataclass
class InterruptionFrame(Frame):
    pass


@dataclass
class BotStoppedSpeakingFrame(Frame):
    pass


@dataclass
class OutputAudioRawFrame(Frame):
    audio: bytes
    sample_rate: int
    num_channels: int


class BaseOutputTransport:
    """Pipecat's, as of pipecat-ai 1.14: at an interruption it drops what waits, and the bot has stopped speaking."""

    sample_rate = 24000

    def __init__(self, params: Any) -> None:
        self._params = params
        self.is_ready = False
        self.pushed: list[Frame] = []

    async def start(self, frame: StartFrame) -> None: ...

    async def stop(self, frame: EndFrame) -> None: ...

    async def cleanup(self) -> None: ...

    async def set_transport_ready(self, frame: StartFrame) -> None:
        self.is_ready = True

    async def process_frame(self, frame: Frame, direction: Any) -> None:
        await self.push_frame(frame, direction)
        if isinstance(frame, InterruptionFrame):
            await self.push_frame(BotStoppedSpeakingFrame(), direction)

    async def push_frame(self, frame: Frame, direction: Any = None) -> None:
        self.pushed.append(frame)


def test_pipecat(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = (Frame, StartFrame, EndFrame, InterruptionFrame, BotStoppedSpeakingFrame, OutputAudioRawFrame)
    stub(monkeypatch, "pipecat.frames.frames", **{kind.__name__: kind for kind in frames})
    stub(
        monkeypatch,
        "pipecat.processors.frame_processor",
        FrameDirection=types.SimpleNamespace(DOWNSTREAM=1, UPSTREAM=2),
    )
    stub(monkeypatch, "pipecat.transports.base_output", BaseOutputTransport=BaseOutputTransport)
    stub(monkeypatch, "pipecat.transports.base_transport", TransportParams=object)
    module = importlib.import_module("pipecat_output")

    async def main() -> Any:
        params = types.SimpleNamespace(audio_out_channels=1)
        output = module.OutdataOutputTransport(params, backend="null")
        frame = OutputAudioRawFrame(bytes(2 * 24 * 40), 24000, 1)
        assert not await output.write_audio_frame(frame)
        await output.start(StartFrame())
        assert output.is_ready
        # The bot is interrupted while a task waits for room, which another could not wait for.
        for _ in range(5):
            assert await output.write_audio_frame(frame)
        waiting = asyncio.create_task(output.write_audio_frame(OutputAudioRawFrame(bytes(48 * 1000), 24000, 1)))
        await asyncio.sleep(0.1)
        await output.process_frame(InterruptionFrame(), None)
        assert not await waiting
        # It answers, and the pipeline ends: all of that is heard.
        for _ in range(10):
            assert await output.write_audio_frame(frame)
        await output.stop(EndFrame())
        metrics = output._player.metrics()
        await output.cleanup()
        assert not await output.write_audio_frame(frame)
        return output, metrics

    output, metrics = asyncio.run(asyncio.wait_for(main(), 10))
    assert [type(frame) for frame in output.pushed] == [InterruptionFrame, BotStoppedSpeakingFrame]
    (heard,) = output.heard
    assert 0 < heard < 0.3
    assert metrics.dropped_frames > 0
    assert metrics.queued_frames == 0
    assert metrics.underruns == 0
    assert metrics.heard_frames == pytest.approx(24000 * (heard + 0.4), abs=480)
