"""What may be written and rendered into, in any shape, type and cutting."""

import array
import hashlib
import mmap
from typing import Any

import numpy as np
import outdata
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

TYPES = {"u8": "u1", "s8": "i1", "s16": "i2", "s32": "i4", "f32": "f4", "f64": "f8", "s16be": ">i2", "f32be": ">f4"}
FORMATS = st.sampled_from(sorted(TYPES))


def samples(name: str, frames: int, channels: int, seed: int) -> Any:
    random = np.random.default_rng(seed)
    kind = np.dtype(TYPES[name])
    if kind.kind == "f":
        return random.uniform(-1, 1, (frames, channels)).astype(kind)
    bounds = np.iinfo(kind)
    return random.integers(bounds.min, bounds.max, (frames, channels), endpoint=True).astype(kind)


def drawn(stream: outdata.Stream, name: str, frames: int, channels: int, sizes: list[int]) -> bytes:
    """So many frames of a stream, in blocks of these sizes, which are arrays or bytes."""
    parts = []
    left = frames
    while left > 0:
        for size in sizes:
            take = min(size, left)
            block: Any = np.full((take, channels), 3, np.dtype(TYPES[name]).newbyteorder("="))
            if name.endswith("be") or size % 2:
                block = bytearray(b"\x33" * block.nbytes)
            stream.render(block)
            parts.append(bytes(block))
            left -= take
    return b"".join(parts)


@settings(max_examples=150, deadline=None)
@given(
    source=FORMATS,
    device=FORMATS,
    channels=st.integers(1, 8),
    out_channels=st.integers(1, 8),
    frames=st.integers(1, 700),
    to_hz=st.sampled_from([16000, 24000, 44100, 48000]),
    pushes=st.lists(st.integers(1, 300), min_size=1, max_size=5),
    blocks=st.lists(st.integers(1, 300), min_size=1, max_size=5),
    form=st.sampled_from(["array", "bytes", "bytearray", "view", "strided"]),
    seed=st.integers(0, 2**32),
)
def test_any_cutting_and_any_form_gives_the_same_bits(
    source: str,
    device: str,
    channels: int,
    out_channels: int,
    frames: int,
    to_hz: int,
    pushes: list[int],
    blocks: list[int],
    form: str,
    seed: int,
) -> None:
    data = samples(source, frames, channels, seed)
    specs = f"24000x{channels}:{source}", f"{to_hz}x{out_channels}:{device}"
    expected = -(-frames * to_hz // 24000)
    hashes = set()
    for cut in (False, True):
        stream = outdata.Stream(*specs, queue_ms=1000)
        with stream.utterance():
            if not cut:
                stream.write(data)
            at = 0
            while cut and at < frames:
                for size in pushes:
                    piece = data[at : at + size]
                    at += size
                    stream.write(formed(piece, form))
        made = drawn(stream, device, expected, out_channels, blocks if cut else [expected])
        hashes.add(hashlib.sha256(made).hexdigest())
        metrics = stream.metrics()
        assert metrics.heard_frames == frames
        assert metrics.underruns == metrics.shape_mismatches == 0
    assert len(hashes) == 1


def formed(piece: Any, form: str) -> Any:
    if form == "bytes":
        return piece.tobytes()
    if form == "bytearray":
        return bytearray(piece.tobytes())
    if form == "view":
        return memoryview(piece)
    if form == "strided":
        return np.repeat(piece, 2, axis=0)[::2]
    return piece


def test_other_holders_of_bytes() -> None:
    stream = outdata.Stream("48000x2:s16", "48000x2:s16")
    want = array.array("h", range(8))
    stream.write(want)
    memory = mmap.mmap(-1, 16)
    memory.write(want.tobytes())
    stream.write(memory)
    # A frame in two halves.
    stream.write(want.tobytes()[:3])
    stream.write(want.tobytes()[3:])
    block = array.array("h", [9] * 24)
    assert stream.render(block) == "rendered"
    assert block.tolist() == 3 * list(range(8))
    raw = outdata.Stream("48000x1:s24", "48000x1:s24")
    raw.write(bytes(range(30)))
    out = bytearray(30)
    raw.render(out)
    assert bytes(out) == bytes(range(30))


@pytest.mark.parametrize("name", ["s16", "s24", "f32"])
@pytest.mark.parametrize("shape", [(1000,), (1000, 1), (1000, 2)])
def test_what_is_flushed_has_the_form_of_what_was_processed(name: str, shape: tuple[int, ...]) -> None:
    channels = shape[1] if len(shape) > 1 else 1
    data = outdata.convert(samples("s16", 1000, channels, 3).reshape(shape), name)
    resampler = outdata.Resampler(44100, 48000, format=name, channels=channels)
    whole = outdata.resample(data, 44100, 48000, source=name)
    for _ in range(2):
        made = np.concatenate([resampler.process(data[:600]), resampler.process(data[600:]), resampler.flush()])
        assert (made == whole).all()
        assert made.dtype == data.dtype
    # Bytes stay bytes.
    parts = resampler.process(data.tobytes()) + resampler.flush()
    assert parts == whole.tobytes()
    assert outdata.Mixer(1, 2).flush() == b""


@pytest.mark.parametrize("name", ["s24le", "s24be", "u24le", "u24be"])
@pytest.mark.parametrize("shape", [(480,), (480, 1), (480, 2)])
def test_an_array_of_three_byte_samples_goes_back_in(name: str, shape: tuple[int, ...]) -> None:
    channels = shape[1] if len(shape) > 1 else 1
    want = samples("s16", 480, channels, 7).reshape(shape)
    packed = outdata.convert(want, name)
    assert (packed.shape, packed.dtype) == ((*shape, 3), np.uint8)
    assert (outdata.convert(packed, "s16", source=name) == want).all()
    assert outdata.convert(packed, "s16", source=name).shape == shape
    assert outdata.convert(memoryview(packed), "s16", source=name) == want.tobytes()
    assert (outdata.resample(packed, 48000, 48000, source=name) == packed).all()
    assert (outdata.mix(packed, channels, channels, source=name) == packed).all()
    stream = outdata.Stream(f"48000x{channels}:{name}", f"48000x{channels}:{name}")
    stream.write(packed[:240])
    assert stream.push(packed[240:]) == 240
    block = np.full_like(packed, 9)
    assert stream.render(block) == "rendered"
    assert (block == packed).all()


@pytest.mark.parametrize("shape", [(12,), (4, 3), (4, 2), (4, 2, 2), (4, 3, 3), (1, 4, 2, 3)])
def test_what_are_no_three_byte_samples(shape: tuple[int, ...]) -> None:
    stream = outdata.Stream("48000x2:s24", "48000x2:s24")
    data = np.zeros(shape, np.uint8)
    for call in (stream.write, stream.push, stream.render):
        with pytest.raises(ValueError, match=r"takes \(frames, 2, 3\)$"):
            call(data)
    with pytest.raises(TypeError, match="int8 where"):
        stream.write(np.zeros((4, 2, 3), np.int8))


def test_a_microphone_of_three_byte_samples_is_played() -> None:
    with (
        outdata.Microphone("48000x1:s24", backend="null") as microphone,
        outdata.Player("48000x1:s24", backend="null") as player,
    ):
        block = microphone.read()
        assert block.shape == (960, 1, 3)
        player.write(block)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (np.zeros((4, 2), np.float32), TypeError, ["float32", "s16le", "int16"]),
        (np.zeros((4, 2), ">i2"), TypeError, ["big-endian", "s16le"]),
        (np.zeros(8, np.uint8), TypeError, ["uint8", "s16le"]),
        (np.zeros((4, 2), np.complex64), TypeError, ["Zf", "s16le"]),
        (np.zeros((4, 2), "M8[s]"), TypeError, ["dtype 'M'"]),
        (np.zeros((4, 2), object), TypeError, ["type", "s16le"]),
        (np.zeros((4, 2), bool), TypeError, ["type", "s16le"]),
        (np.array(1, np.int16), ValueError, ["[]"]),
        (np.int16(1), ValueError, ["[]"]),
        (memoryview(np.array(1, np.int16)), ValueError, ["[]"]),
        (array.array("f", [0.0] * 8), TypeError, ["float32", "s16le"]),
        (np.zeros((4, 3), np.int16), ValueError, ["[4, 3]", "(frames, 2)"]),
        (np.zeros(8, np.int16), ValueError, ["[8]", "(frames, 2)"]),
        (np.zeros((2, 2, 2), np.int16), ValueError, ["[2, 2, 2]", "(frames, 2)"]),
        (array.array("h", [0] * 7), ValueError, ["[7]", "(frames, 2)"]),
        ("text", TypeError, ["str"]),
        (7, TypeError, ["int"]),
    ],
)
def test_what_is_no_buffer_of_the_right_samples(data: Any, error: type[Exception], words: list[str]) -> None:
    stream = outdata.Stream("48000x2:s16", "48000x2:f32")
    for call in (stream.write, stream.push):
        with pytest.raises(error) as caught:
            call(data)
        for word in words:
            assert word in str(caught.value)
    assert stream.metrics().pushed_frames == 0


def test_blocks_that_cannot_be_rendered_into() -> None:
    stream = outdata.Stream("48000x2:s16", "48000x2:f32")
    with pytest.raises(TypeError, match="written"):
        stream.render(bytes(16))
    with pytest.raises(TypeError, match="int16.*f32le"):
        stream.render(np.zeros((4, 2), np.int16))
    with pytest.raises(ValueError, match=r"\[4, 3\].*\(frames, 2\)"):
        stream.callback(np.zeros((4, 3), np.float32), 4, None, None)
    readonly = np.zeros((4, 2), np.float32)
    readonly.flags.writeable = False
    with pytest.raises(TypeError, match="written"):
        stream.render(readonly)


def test_what_has_no_shape_or_no_type_is_not_converted() -> None:
    for scalar in (np.array(1.0, np.float32), np.float32(1), memoryview(np.array(1.0, np.float32))):
        with pytest.raises(ValueError, match=r"\[\]"):
            outdata.convert(scalar, "s16")
        with pytest.raises(ValueError, match=r"\[\]"):
            outdata.resample(scalar, 8000, 16000)
        with pytest.raises(ValueError, match=r"\[\]"):
            outdata.Stream("48000x1:f32", "48000x1:f32").render(scalar)
    with pytest.raises(TypeError, match="dtype 'M'"):
        outdata.convert(np.zeros(4, "M8[s]"), "s16")
    odd = np.frombuffer(bytearray(9), np.float32, offset=1, count=2)
    with pytest.raises(TypeError, match="aligned"):
        outdata.Stream("48000x1:f32", "48000x1:f32").render(odd)


def test_a_memoryview_says_how_many_channels_it_has() -> None:
    data = samples("f32", 480, 2, 5)
    assert outdata.convert(memoryview(data), "s16") == outdata.convert(data, "s16").tobytes()
    assert outdata.resample(memoryview(data), 8000, 16000) == outdata.resample(data, 8000, 16000).tobytes()


@pytest.mark.parametrize(
    ("data", "block", "error"),
    [
        (np.zeros((4, 1), np.float32), np.zeros((4, 2), np.float32), TypeError),
        (np.zeros((4, 1), ">i2"), np.zeros((4, 2), np.float32), TypeError),
        (bytes(8), np.zeros((4, 2), np.float32), TypeError),
        (np.zeros((4, 1), np.int16), np.zeros((4, 2), np.float64), TypeError),
        (np.zeros((4, 1), np.int16), bytes(8), TypeError),
        (np.zeros((4, 1), np.int16), memoryview(bytes(16)).cast("f"), TypeError),
        ([1, 2], np.zeros((4, 2), np.float32), TypeError),
        (np.array(1, np.int16), np.zeros((4, 2), np.float32), ValueError),
        (np.zeros((4, 1, 1), np.int16), np.zeros((4, 2), np.float32), ValueError),
        (np.zeros((4, 1), np.int16), np.zeros((4, 1, 2), np.float32), ValueError),
        (np.zeros((4, 1), np.int16), np.array(1, np.float32), ValueError),
    ],
)
def test_what_the_original_callback_does_not_take(data: Any, block: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        outdata.original.callback_block(data, block)


def test_push_takes_what_there_is_room_for() -> None:
    stream = outdata.Stream("1000x1:s16", "1000x1:s16", queue_ms=100)
    assert stream.free_frames == 100
    assert stream.push(np.ones(130, np.int16)) == 100
    assert stream.push(np.ones(30, np.int16)) == 0
    stream.render(np.zeros(10, np.int16))
    assert stream.push(np.ones(30, np.int16)) == 10
    with pytest.raises(ValueError, match="3 bytes"):
        stream.push(b"abc")


@pytest.mark.parametrize(
    "call",
    [
        lambda: outdata.Converter("s16le", "s16be").process(b"\1\0\2"),
        lambda: outdata.Converter("s16", "f32", channels=2).process(bytes(6)),
        lambda: outdata.convert(b"abc", "f32", source="s16"),
        lambda: outdata.convert(b"abcd", "mulaw", source="s24", dither="tpdf"),
        lambda: outdata.resample(b"abc", 8000, 16000, source="s16"),
        lambda: outdata.mix(bytes(6), 2, 1, source="s16"),
        lambda: outdata.Stream("48000x2:s16", "48000x2:f32").push(bytes(6)),
    ],
)
def test_a_frame_that_is_cut_is_refused_and_not_lost(call: Any) -> None:
    with pytest.raises(ValueError, match=r"^\d bytes are no whole number of frames of \d$"):
        call()


def test_arrays_stay_arrays_and_bytes_bytes() -> None:
    mono = np.zeros(480, np.int16)
    assert outdata.convert(mono, "f32").shape == (480,)
    assert outdata.convert(mono, "s24").shape == (480, 3)
    assert outdata.convert(mono.reshape(-1, 2), "mulaw").shape == (240, 2)
    assert outdata.resample(mono, 24000, 48000).shape == (960,)
    assert outdata.resample(mono.reshape(-1, 2), 24000, 48000).shape == (480, 2)
    assert outdata.mix(mono, 1, 2).shape == (480, 2)
    assert outdata.mix(mono.reshape(-1, 2), "stereo", "mono").shape == (240, 1)
    assert outdata.convert(mono, "f32").flags.writeable
    assert outdata.convert(mono.tobytes(), "f32", source="s16") == bytes(4 * 480)
    assert len(outdata.resample(mono.tobytes(), 24000, 48000, source="s16", channels=2)) == 2 * 960
    assert len(outdata.mix(mono.tobytes(), 1, 2, source="s16")) == 2 * 960
    with pytest.raises(TypeError, match="source="):
        outdata.convert(b"ab", "f32")
    with pytest.raises(TypeError, match="complex|Zf"):
        outdata.convert(np.zeros(4, np.complex64), "f32")


@pytest.mark.parametrize(
    "call",
    [
        lambda: outdata.Stream("48000:s16", "48000x2:f32"),
        lambda: outdata.Stream("48000x2:s17", "48000x2:f32"),
        lambda: outdata.Stream("48000x2:s16", "48000x2:f32", resample="best"),
        lambda: outdata.Stream("48000x2:s16", "48000x2:f32", buffering="elastic"),
        lambda: outdata.Stream("48000x2:s16", "48000x2:f32", prebuffer_ms=600),
        lambda: outdata.Stream("48000x2:s16", "48000x2:f32", queue_ms=-1),
        lambda: outdata.Stream("1x2:s16", "48000x2:f32"),
        lambda: outdata.convert(np.zeros(4, np.int16), "f32", dither="loud"),
        lambda: outdata.mix(np.zeros((4, 2), np.int16), "stereo", "5.9"),
        lambda: outdata.resample(np.zeros(4, np.int16), 1, 768000),
        lambda: outdata.Player("48000x2:s16", backend="null", policy="hope"),
        lambda: outdata.Microphone("48000x2:s16", backend="null", gaps="none"),
    ],
)
def test_what_cannot_be_made(call: Any) -> None:
    with pytest.raises(outdata.ConfigError):
        call()


def test_an_option_that_does_not_exist() -> None:
    with pytest.raises(TypeError, match="volume"):
        outdata.Stream("48000x2:s16", "48000x2:f32", volume=11)  # type: ignore[call-arg]
