"""The same bits as the tool gives, which is a program of the workspace's."""

from typing import Any

import numpy as np
import outdata
import pytest

FRAMES = 3001


def noise(kind: str, channels: int, seed: int = 7) -> Any:
    random = np.random.default_rng(seed)
    if kind.startswith("f"):
        return random.uniform(-1.1, 1.1, (FRAMES, channels)).astype("<" + kind.replace("f32", "f4").replace("f64", "f8"))
    bits = int(kind[1:])
    return random.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (FRAMES, channels)).astype(f"<i{bits // 8}")


def rendered(tool: Any, data: Any, source: str, target: str, *options: str) -> bytes:
    """What the tool makes of raw samples. Its raw specs are FORMAT:RATE:CHANNELS."""
    rate, rest = source.split("x", 1)
    channels, name = rest.split(":")
    raw = ["--raw", f"{name}:{rate}:{channels}"]
    out: bytes = tool("render", *raw, "-", "-", "--to", target, *options, data=data.tobytes())
    return out


@pytest.mark.parametrize("rounding", ["nearest", "toward-zero", "half-away"])
@pytest.mark.parametrize("to", ["s16le", "s24le", "u8", "mulaw", "f32le", "s16be"])
@pytest.mark.parametrize("kind", ["f32", "s16"])
def test_convert(tool: Any, kind: str, to: str, rounding: str) -> None:
    data = noise(kind, 2)
    want = rendered(tool, data, f"48000x2:{kind}le", f"48000x2:{to}", "--round", rounding)
    assert outdata.convert(data, to, rounding=rounding).tobytes() == want
    assert outdata.convert(data.tobytes(), to, source=f"{kind}le", channels=2, rounding=rounding) == want


@pytest.mark.parametrize("dither", ["rectangular", "tpdf", "tpdf-hp", "f-weighted"])
def test_convert_with_noise_in_pieces(tool: Any, dither: str) -> None:
    data = noise("f32", 2)
    want = rendered(tool, data, "48000x2:f32le", "48000x2:s16le", "--dither", dither, "--seed", "5")
    assert outdata.convert(data, "s16", dither=dither, seed=5).tobytes() == want
    converter = outdata.Converter("f32", "s16", channels=2, dither=dither, seed=5)
    pieces = [converter.process(data[at : at + 100]) for at in range(0, FRAMES, 100)]
    assert np.concatenate(pieces).tobytes() == want


@pytest.mark.parametrize("rules", ["speakers", "original", "discrete"])
@pytest.mark.parametrize(("layout", "to"), [("5.1", "stereo"), ("mono", "stereo"), ("stereo", "mono"), ("7.1", "5.1")])
@pytest.mark.parametrize("kind", ["f32", "s16"])
def test_mix(tool: Any, kind: str, layout: str, to: str, rules: str) -> None:
    channels = {"mono": 1, "stereo": 2, "5.1": 6, "7.1": 8}[layout]
    data = noise(kind, channels)
    want = rendered(tool, data, f"48000x{layout}:{kind}le", f"48000x{to}:{kind}le", "--mix", rules)
    assert outdata.mix(data, layout, to, rules=rules).tobytes() == want


@pytest.mark.parametrize("quality", ["linear", "balanced", "high"])
@pytest.mark.parametrize(("from_hz", "to_hz"), [(24000, 48000), (44100, 48000), (48000, 16000)])
def test_resample(tool: Any, from_hz: int, to_hz: int, quality: str) -> None:
    for kind in ("f32", "s16"):
        data = noise(kind, 2)
        spec = f"x2:{kind}le"
        want = rendered(tool, data, f"{from_hz}{spec}", f"{to_hz}{spec}", "--resample", quality)
        got = outdata.resample(data, from_hz, to_hz, quality=quality)
        assert got.dtype == data.dtype
        assert len(got) == -(-FRAMES * to_hz // from_hz)
        assert got.tobytes() == want


def test_render(tool: Any) -> None:
    """All of it at once, in blocks of another size, with a gain."""
    data = noise("s16", 1)
    want = rendered(tool, data, "24000x1:s16le", "48000x2:f32le", "--gain-db", "-6", "--block", "480")
    stream = outdata.Stream("24000x1:s16", "48000x2:f32", gain_db=-6, queue_ms=1000)
    with stream.utterance():
        stream.write(data)
    blocks = []
    for _ in range(100):
        block = np.empty((77, 2), np.float32)
        stream.render(block)
        blocks.append(block)
    got = np.concatenate(blocks)[: 2 * FRAMES]
    assert got.tobytes() == want
    assert stream.metrics().heard_frames == FRAMES


def test_the_wheels_tool_is_the_tool(tool: Any) -> None:
    import subprocess
    import sys

    data = noise("s16", 2).tobytes()
    line = ["render", "--raw", "s16le:44100:2", "-", "-", "--to", "48000x1:s16le"]
    ours = subprocess.run(
        [sys.executable, "-m", "outdata", *line], input=data, capture_output=True, check=True, timeout=60
    )
    assert ours.stdout == tool(*line, data=data)
    assert len(ours.stdout) > 6000
    wrong = subprocess.run([sys.executable, "-m", "outdata", "rendr"], capture_output=True, check=False, timeout=60)
    assert wrong.returncode == 2
    assert b"rendr" in wrong.stderr
