"""Microphones on the null and WAV backends, and the echo reference."""

import asyncio
import pathlib
import time
import wave
from typing import Any

import numpy as np
import outdata
import pytest

RATE = 16000


@pytest.fixture
def speech(tmp_path: pathlib.Path) -> tuple[str, Any]:
    data = np.arange(1, RATE // 4 + 1, dtype=np.int16)
    path = tmp_path / "in.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(data.tobytes())
    return f"wav:{path}", data


def test_blocks_of_exactly_so_many_frames(speech: tuple[str, Any]) -> None:
    backend, data = speech
    with outdata.Microphone(f"{RATE}x1:s16", backend=backend, block_ms=30) as microphone:
        assert microphone.block_frames == 480
        first = microphone.read()
        assert first.shape == (480, 1)
        assert first.dtype == np.int16
        second = microphone.read(7)
        assert len(second) == 7
        rest = list(microphone)
    assert all(len(block) == 480 for block in rest[:-1])
    heard = np.concatenate([first, second, *rest])[:, 0]
    assert (heard == data).all()


def test_bytes_where_they_are_asked_for(speech: tuple[str, Any]) -> None:
    backend, data = speech
    with outdata.Microphone(f"{RATE}x1:s16", backend=backend, arrays=False) as microphone:
        assert microphone.read(100) == data[:100].tobytes()
    assert microphone.device is None
    live = outdata.Microphone(f"{RATE}x1:s16", backend="null")
    live.close()
    with pytest.raises(outdata.DeviceError, match="closed"):
        live.read(RATE)


def test_another_format_rate_and_channels(speech: tuple[str, Any]) -> None:
    backend, data = speech
    with outdata.Microphone("48000x2:f32", backend=backend) as microphone:
        heard = np.concatenate(list(microphone))
    assert heard.shape == (3 * len(data), 2)
    assert heard.dtype == np.float32


def test_a_task_that_is_cancelled_loses_nothing(speech: tuple[str, Any]) -> None:
    backend, data = speech

    async def main() -> Any:
        parts = []
        async with outdata.Microphone(f"{RATE}x1:s16", backend=backend) as microphone:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(microphone.aread(RATE), 0.1)
            async for block in microphone:
                parts.append(block)
        return np.concatenate(parts)[:, 0]

    assert (asyncio.run(main()) == data).all()


def test_silence_and_controls() -> None:
    with outdata.Microphone(f"{RATE}x1:s16", backend="null", gain_db=-3) as microphone:
        assert microphone.target == f"{RATE}x1:s16le"
        assert microphone.device == f"{RATE}x1:s16le"
        assert microphone.gain_db == -3
        microphone.gain_db = 0
        microphone.mute()
        assert microphone.is_muted
        microphone.unmute()
        assert not microphone.read(320).any()
        assert 0 <= microphone.lag < 1
        assert microphone.poll() == []
        with pytest.raises(TimeoutError):
            microphone.read(RATE, timeout=0.02)


def test_a_reader_that_stood_still_is_told_of_the_gap() -> None:
    with outdata.Microphone(f"{RATE}x1:s16", backend="null", queue_ms=60) as microphone:
        time.sleep(0.3)
        microphone.read(RATE // 5)
        (gap,) = (event for event in microphone.poll() if event.kind == "gap")
        assert gap.missing_frames is not None
        assert gap.missing_frames > 0


@pytest.mark.parametrize("is_task", [False, True])
@pytest.mark.parametrize("arrays", [False, True])
def test_the_pairs_of_a_file_end_with_it(speech: tuple[str, Any], is_task: bool, arrays: bool) -> None:
    backend, data = speech
    player = outdata.Player("48000x1:f32", backend="null", reference=True)
    microphone = outdata.Microphone(f"{RATE}x1:s16", backend=backend, block_ms=30, arrays=arrays)
    pairs = microphone.with_reference(player)

    async def main() -> list[tuple[Any, Any]]:
        return [pair async for pair in pairs]

    read = asyncio.run(main()) if is_task else list(pairs)
    captured = np.concatenate([np.frombuffer(pair[0], np.int16) for pair in read])
    heard = np.concatenate([np.frombuffer(pair[1], np.float32) for pair in read])
    assert (captured == data).all()
    assert len(heard) == len(data)
    # The last one is what is left.
    assert len(read[-1][0]) == (len(data) % 480 if arrays else 2 * (len(data) % 480))
    assert all(len(pair[0]) == len(read[0][0]) for pair in read[:-1])
    assert len(pairs.read()[0]) == 0
    player.close()


def test_a_closed_microphone_with_a_reference_says_so() -> None:
    player = outdata.Player("48000x1:f32", backend="null", reference=True)
    microphone = outdata.Microphone(f"{RATE}x1:s16", backend="null")
    pairs = microphone.with_reference(player)
    microphone.close()
    with pytest.raises(outdata.DeviceError, match="the microphone is closed"):
        list(pairs)
    player.close()


def test_what_was_heard_while_it_was_captured() -> None:
    """A tone that is played comes back as the reference, and a microphone that hears nothing as silence."""
    player = outdata.Player("48000x1:f32", backend="null", reference=True, queue_ms=2000)
    microphone = outdata.Microphone(f"{RATE}x1:s16", backend="null")
    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * 48000) / 48000)).astype(np.float32)
    pairs = microphone.with_reference(player)
    player.write(tone)
    captured, heard = [], []
    for _ in range(60):
        block, reference = pairs.read(timeout=2)
        assert block.shape == (320, 1)
        assert reference.shape == (320, 1)
        assert reference.dtype == np.float32
        captured.append(block)
        heard.append(reference[:, 0])
    assert not np.concatenate(captured).any()
    # From a block behind the beginning on it is the tone: at 440 Hz, and nothing else.
    steady = np.concatenate(heard)[RATE // 2 : RATE]
    spectrum = np.abs(np.fft.rfft(steady * np.hanning(len(steady))))
    peak = int(spectrum.argmax()) * RATE / len(steady)
    assert abs(peak - 440) < 2
    # Its loudness, and not its peak: a late callback may make the reference jump.
    assert np.sqrt(np.mean(steady**2)) == pytest.approx(0.5 / np.sqrt(2), abs=0.02)
    with pytest.raises(outdata.ConfigError, match="reference=True"):
        microphone.with_reference(player)
    player.close()
    microphone.close()
