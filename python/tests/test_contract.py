"""Every vector of the contract, through Python."""

from typing import Any

import numpy as np
import outdata
import pytest
from conftest import vectors

ROUNDINGS = {"toward_zero": "toward-zero", "nearest_even": "nearest"}


def floats(bits: list[int]) -> Any:
    return np.array(bits, np.uint32).view(np.float32)


def test_every_block_of_the_original_callback() -> None:
    cases = vectors("rt-callback", "callback")
    assert len(cases) == 56
    for case in cases:
        kind = np.int16 if case["format"] == "i16" else np.float32
        data = np.array(case["data_i16"], np.int16).reshape(-1, case["data_ch"])
        block = np.full((case["frames"], case["out_ch"]), 99, kind)
        frames = outdata.original.callback_block(data, block, rounding=case["rounding"].replace("nearest_even", "nearest"))
        assert frames == min(case["data_frames"], case["frames"])
        want = np.array(case["out"], np.int16) if kind == np.int16 else floats(case["out"])
        assert block.tobytes() == want.tobytes(), case


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_float_to_int16(rounding: str) -> None:
    known = vectors("pcm-convert", "f32_to_i16")
    got = outdata.convert(floats(known["f32_bits"]), "s16", rounding=ROUNDINGS[rounding])
    assert got.dtype == np.int16
    want = np.array(known[rounding], np.int16)
    assert len(want) > 2500
    assert got.tobytes() == want.tobytes()


@pytest.mark.parametrize("rounding", ["nearest", "toward-zero"])
def test_all_values_come_back(rounding: str) -> None:
    every = np.arange(-32768, 32768, dtype=np.int16)
    as_float = outdata.convert(every, "f32")
    assert as_float[0] == -1.0
    assert as_float[-1] == np.float32(32767 / 32768)
    assert (outdata.convert(as_float, "s16", rounding=rounding) == every).all()


def test_mixing() -> None:
    cases = vectors("channel-mix", "mix")
    assert len(cases) == 64
    for case in cases:
        data = floats(case["data_bits"]).reshape(-1, case["data_ch"])
        got = outdata.mix(data, case["data_ch"], case["out_ch"], rules="original")
        assert got.shape == (case["frames"], case["out_ch"])
        assert got.tobytes() == floats(case["out_bits"]).tobytes(), case


def test_linear_resampling_however_it_is_cut() -> None:
    for case in vectors("rate-convert", "resample_linear"):
        data = floats(case["x_bits"])
        rates = case["in_rate"], case["out_rate"]
        whole = outdata.resample(data, *rates, quality="linear")
        assert len(whole) == len(case["y"])
        assert np.abs(whole - np.array(case["y"])).max() <= 1.5e-7
        for size in (1, 7, 64, 399):
            resampler = outdata.Resampler(*rates, quality="linear")
            pieces = [resampler.process(data[at : at + size]) for at in range(0, len(data), size)]
            pieces.append(resampler.flush(data[:0]))
            assert np.concatenate(pieces).tobytes() == whole.tobytes(), (rates, size)


def test_the_stream_is_the_original_callback_where_it_is_asked_to_be() -> None:
    """Mono to stereo and stereo to mono, as the contract has them, through `Stream.callback`."""
    data = np.array([[1, 0], [0, -1], [2, 3], [-32768, -32767]], np.int16)
    stream = outdata.Stream("48000x2:s16", "48000x1:s16", rounding="toward-zero", mix="original")
    stream.write(data)
    block = np.full((4, 1), 99, np.int16)
    stream.callback(block, 4, None, None)
    assert block[:, 0].tolist() == [0, 0, 2, -32767]

    stream = outdata.Stream("48000x1:s16", "48000x6:f32", mix="original")
    stream.write(np.array([16384, -32768], np.int16))
    wide = np.full((3, 6), 9.0, np.float32)
    stream.callback(wide, 3, None, None)
    assert wide[:2].tolist() == [[0.5, 0.5, 0, 0, 0, 0], [-1.0, -1.0, 0, 0, 0, 0]]
    assert not wide[:, 2:].any()


def test_the_soft_guard(caplog: Any) -> None:
    stream = outdata.Stream("48000x2:s16", "48000x2:f32", log_every=50)
    stream.write(np.full((100, 2), 1000, np.int16))
    block = np.full(5, 7.0, np.float32)
    for _ in range(50):
        stream.callback(block, 2, None, None)
        assert not block.any()
        block[:] = 7.0
    assert stream.metrics().shape_mismatches == 50
    assert stream.metrics().mismatch_samples == 5
    assert stream.metrics().heard_frames == 0
    assert not caplog.records
    stream.push(np.zeros((0, 2), np.int16))
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.name == "outdata.rt_callback"
    assert "Shape mismatch: block of 5 samples" in record.getMessage()
