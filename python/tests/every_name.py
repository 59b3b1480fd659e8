"""A program that uses every name, for `mypy --strict`. It is checked, and not run."""

from typing import Any

import numpy as np
import outdata
from outdata import (
    ConfigError,
    Conversion,
    Converter,
    Device,
    DeviceError,
    Error,
    Event,
    Interrupted,
    Metrics,
    Microphone,
    Mixer,
    Options,
    Player,
    Position,
    Receipt,
    Referenced,
    Resampler,
    Stream,
    Utterance,
)


def told(event: Event) -> tuple[str, int | None, float | None]:
    if event.kind == "mark":
        return event.kind, event.mark, event.at_seconds
    if event.kind == "interrupted":
        return event.kind, event.heard_frames, event.heard_seconds
    return event.message or event.kind, event.utterance or event.missing_frames or event.at_frame, None


def counters(metrics: Metrics) -> list[int]:
    return [
        metrics.pushed_frames,
        metrics.heard_frames,
        metrics.in_flight_frames,
        metrics.queued_frames,
        metrics.dropped_frames,
        metrics.rendered_frames,
        metrics.blocks,
        metrics.underruns,
        metrics.underrun_frames,
        metrics.starved_frames,
        metrics.startup_silence_frames,
        metrics.idle_frames,
        metrics.paused_frames,
        metrics.shape_mismatches,
        metrics.mismatch_samples,
        metrics.clipped_samples,
        metrics.non_finite_samples,
        metrics.events_lost,
        metrics.callback_ns_median,
        metrics.callback_ns_max,
    ]


def where(position: Position) -> tuple[int, float, int | None, int, float]:
    return (
        position.frames,
        position.seconds,
        position.utterance,
        position.utterance_frames,
        position.utterance_seconds,
    )


def say(player: Player, data: bytes) -> Receipt | None:
    utterance: Utterance
    with player.utterance() as utterance:
        player.write(data)
        number: int = player.mark()
        player.push(data[: 2 * player.free_frames])
    if utterance.interrupted:
        print(utterance.id, number)
    first: int = player.begin_utterance()
    player.end_utterance()
    player.cancel(first)
    player.hold()
    player.discard()
    player.pause()
    player.resume()
    player.mute()
    player.unmute()
    print(player.is_held, player.is_paused, player.is_muted, player.source, player.device)
    player.gain_db = player.gain_db - 6.0
    player.set_gain(0.0, ramp_ms=5.0)
    player.set_source("48000x2:f32")
    player.cancel(utterance.id, fade_ms=5.0)
    player.interrupt_nowait()
    heard: bool = player.wait(timeout=1.0)
    receipt = player.interrupt(fade_ms=10.0, timeout=1.0)
    if receipt is not None and heard:
        print(receipt.utterance, receipt.heard_frames, receipt.heard_seconds)
    events = [told(event) for event in player.poll()]
    print(counters(player.metrics()), where(player.position), events)
    return receipt


async def converse(player: Player, microphone: Microphone) -> None:
    async with player, microphone, player.utterance():
        await player.awrite(b"")
        if await player.drain():
            await player.ainterrupt(fade_ms=5.0)
        async for event in player.events():
            print(told(event))
        block: Any = await microphone.aread(160)
        async for block in microphone:
            print(len(block))
        pairs: Referenced = microphone.with_reference(player)
        captured, heard = await pairs.aread()
        async for captured, heard in pairs:
            print(captured, heard)


def listen(microphone: Microphone, player: Player) -> None:
    with microphone:
        print(microphone.target, microphone.device, microphone.block_frames, microphone.lag)
        microphone.mute()
        microphone.unmute()
        microphone.gain_db = microphone.gain_db + 1.0
        microphone.set_gain(0.0, ramp_ms=1.0)
        print(microphone.is_muted, microphone.read(160, timeout=1.0), microphone.poll())
        for block in microphone:
            print(block)
        pairs = microphone.with_reference(player)
        print(pairs.read(160, timeout=1.0))
        for captured, heard in pairs:
            print(captured, heard)
        microphone.close()


def arrays() -> None:
    x = np.zeros((480, 2), np.float32)
    outdata.convert(x, "s16", rounding="toward-zero", dither="tpdf", seed=1)
    outdata.convert(b"", "s16", source="f32", channels=2)
    outdata.mix(x, "stereo", "mono", rules="original", keep_lfe=True, normalize=True)
    outdata.mix(b"", 2, 1, source="s16")
    outdata.resample(x, 24000, 48000, quality="high")
    outdata.resample(b"", 24000, 48000, source="s16", channels=1)
    converter = Converter("f32", "s16", channels=2, rounding="nearest", dither="none", seed=0)
    converter.process(x)
    mixer = Mixer("5.1", "stereo", format="f32", rules="speakers", keep_lfe=False, normalize=False)
    mixer.flush(mixer.process(x))
    resampler = Resampler(24000, 48000, format="f32", channels=2, quality="linear")
    resampler.flush(resampler.process(x))
    outdata.original.callback_block(x, x, data_channels=2, out_channels=2, rounding="nearest")


def stream() -> None:
    options: Options = {
        "queue_ms": 500.0,
        "prebuffer_ms": 20.0,
        "rebuffer_ms": 20.0,
        "buffering": "fixed",
        "max_backlog_ms": 400.0,
        "gain_db": 0.0,
        "ramp_ms": 2.0,
        "lead_in_ms": 0.0,
        "resample": "linear",
    }
    conversion: Conversion = {
        "resample": "high",
        "mix": "speakers",
        "keep_lfe": False,
        "normalize": False,
        "rounding": "nearest",
        "dither": "none",
        "seed": 0,
    }
    made = Stream("24000x1:s16", "48000x2:f32", log_every=100, **options)
    status: str = made.render(bytearray(3840))
    made.callback(bytearray(3840), 480, None, None)
    made.set_device_latency(480)
    print(status, made.device)
    Microphone(
        "16000x1:s16",
        gaps="live",
        arrays=False,
        block_ms=30.0,
        device_block_ms=10.0,
        queue_ms=100.0,
        **conversion,
    )


def main() -> None:
    found: list[Device] = outdata.devices("null")
    print([(one.id, one.name, one.is_default, one.is_input) for one in found], outdata.__version__)
    outdata.play(b"", "24000x1:s16", backend="null")
    try:
        player = Player(
            "24000x1:s16",
            None,
            backend="null",
            policy="pause",
            block_ms=10.0,
            reference=True,
            prebuffer_ms=100.0,
            buffering="adaptive",
        )
        say(player, b"")
        player.close()
    except Interrupted as interrupted:
        print(interrupted.queued_bytes)
    except (ConfigError, DeviceError) as error:
        wider: Error = error
        print(wider)
