"""Players on the null and WAV backends."""

import asyncio
import contextlib
import pathlib
import signal
import threading
import time
import wave
from typing import Any

import numpy as np
import outdata
import pytest

RATE = 24000
SOURCE = f"{RATE}x1:s16le"


def sound(milliseconds: float) -> Any:
    return (np.sin(np.arange(int(RATE * milliseconds / 1000)) * 0.05) * 8000).astype(np.int16)


def read_wav(path: pathlib.Path) -> Any:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def test_a_file_has_what_was_written(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "out.wav"
    data = sound(300)
    with outdata.Player(SOURCE, backend=f"wav:{path}") as player:
        for at in range(0, len(data), 480):
            player.write(data[at : at + 480])
    heard = read_wav(path)
    first = int(np.flatnonzero(heard)[0]) - int(np.flatnonzero(data)[0])
    assert (heard[first : first + len(data)] == data).all()
    assert not heard[first + len(data) :].any()


def test_events_position_and_metrics() -> None:
    with outdata.Player(SOURCE, backend="null") as player:
        assert player.device == SOURCE
        with player.utterance() as utterance:
            player.write(sound(100))
            mark = player.mark()
            player.write(sound(100))
        assert player.wait()
        told = {event.kind: event for event in player.poll()}
        assert told["started"].utterance == utterance.id
        assert told["mark"].mark == mark
        assert told["finished"].heard_frames == 2 * len(sound(100))
        assert told["finished"].heard_seconds == pytest.approx(0.2)
        assert told["finished"].at_frame is not None
        position = player.position
        assert (position.frames, position.seconds) == (4800, pytest.approx(0.2))
        assert position.utterance == utterance.id
        metrics = player.metrics()
        assert metrics.pushed_frames == metrics.heard_frames == 4800
        assert metrics.underruns == metrics.shape_mismatches == metrics.events_lost == 0
        assert metrics.callback_ns_max >= metrics.callback_ns_median > 0


def test_an_interruption_has_a_receipt() -> None:
    with outdata.Player(SOURCE, backend="null") as player:
        with player.utterance() as utterance:
            player.write(sound(400))
            time.sleep(0.15)
            receipt = player.interrupt(fade_ms=20)
            with pytest.raises(outdata.Interrupted):
                player.write(sound(20))
        assert receipt is not None
        assert receipt.utterance == utterance.id
        assert 480 < receipt.heard_frames < 9600
        assert receipt.heard_seconds == pytest.approx(receipt.heard_frames / RATE)
        # Nothing sounds any more.
        assert player.interrupt() is None
        # What comes later is heard.
        with player.utterance() as later:
            player.write(sound(50))
        assert player.wait()
        assert player.position.utterance == later.id
        kinds = [event.kind for event in player.poll()]
        assert kinds.count("interrupted") == 1
        assert kinds.count("finished") == 1


def test_a_write_that_waits_is_interrupted() -> None:
    with outdata.Player(SOURCE, backend="null") as player:
        player.pause()
        threading.Timer(0.1, player.interrupt_nowait).start()
        begin = time.monotonic()
        with player.utterance() as utterance:
            player.write(sound(900))
        assert utterance.interrupted
        assert 0.08 < time.monotonic() - begin < 0.6
        player.resume()


def test_controls(tmp_path: pathlib.Path) -> None:
    player = outdata.Player(SOURCE, backend="null", gain_db=-3)
    assert player.gain_db == -3
    player.gain_db = -12
    assert player.gain_db == -12
    player.pause()
    assert player.is_paused
    player.resume()
    player.mute()
    assert player.is_muted
    player.unmute()
    player.hold()
    assert player.is_held
    player.resume()
    assert not player.is_held
    with player.utterance() as first:
        player.write(sound(300))
    with player.utterance():
        player.write(sound(50))
    assert player.cancel(first.id)
    assert not player.cancel(99)
    assert player.wait()
    # The first block may have begun with it.
    assert 1200 <= player.position.frames < 1200 + 4800
    player.hold()
    player.write(sound(100))
    player.discard()
    assert not player.is_held
    player.set_source("48000x2:f32")
    assert player.source == "48000x2:f32le"
    player.write(np.zeros((4800, 2), np.float32))
    assert player.wait()
    player.close()
    player.close()
    assert player.device is None


def test_a_closed_player_says_so() -> None:
    player = outdata.Player(SOURCE, backend="null")
    threading.Timer(0.1, player.close).start()
    with pytest.raises(outdata.DeviceError, match="closed"):
        player.write(sound(2000))
    begin = time.monotonic()
    for call in (
        lambda: player.write(sound(1)),
        lambda: player.push(sound(1)),
        player.wait,
        player.interrupt,
        player.begin_utterance,
        player.mark,
    ):
        with pytest.raises(outdata.DeviceError, match="closed"):
            call()
    assert time.monotonic() - begin < 1
    # What only sets something, or ends something, is no mistake.
    player.interrupt_nowait()
    player.pause()
    player.end_utterance()


def test_an_interruption_ends_when_its_player_is_closed(ends: None) -> None:
    async def main(player: outdata.Player) -> None:
        await player.ainterrupt()

    player = outdata.Player(SOURCE, backend="null")
    player.close()
    with pytest.raises(outdata.DeviceError, match="the player is closed"):
        asyncio.run(main(player))
    # Its device stands still: no block settles it.
    player = outdata.Player(SOURCE, backend="null", block_ms=2000)
    player.write(sound(100))
    threading.Timer(0.1, player.close).start()
    with pytest.raises(outdata.DeviceError, match="the player is closed"):
        player.interrupt()


def test_leaving_by_an_exception_does_not_wait() -> None:
    begin = time.monotonic()
    with pytest.raises(KeyError), outdata.Player(SOURCE, backend="null") as player:
        player.write(sound(450))
        raise KeyError
    assert time.monotonic() - begin < 0.3


def test_wait_has_a_timeout() -> None:
    player = outdata.Player(SOURCE, backend="null")
    player.pause()
    player.write(sound(10))
    with pytest.raises(TimeoutError):
        player.wait(timeout=0.05)
    player.close()


@pytest.mark.parametrize("is_interrupted", [False, True])
def test_a_plain_call_on_a_loop_that_waits_for_a_task_of_it_returns(is_interrupted: bool, ends: None) -> None:
    async def main() -> None:
        async with outdata.Player(SOURCE, backend="null") as player:
            writing = asyncio.create_task(player.awrite(sound(1500)))
            await asyncio.sleep(0.05)
            if is_interrupted:
                threading.Timer(0.05, player.interrupt_nowait).start()
            # Its turn comes behind the task's.
            player.end_utterance()
            assert not writing.done()
            with pytest.raises(outdata.Interrupted) if is_interrupted else contextlib.nullcontext():
                await writing

    asyncio.run(main())


def test_ctrl_c_ends_a_write() -> None:
    player = outdata.Player(SOURCE, backend="null")
    threading.Timer(0.1, lambda: signal.raise_signal(signal.SIGINT)).start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt) as caught:
        player.write(sound(5000))
    assert time.monotonic() - begin < 0.5
    # The feeder is free again, also while somebody keeps the exception and all that its frames hold.
    player.interrupt()
    assert player.push(sound(10)) == 240
    player.close()
    del caught


def test_no_device_is_an_error_with_words() -> None:
    with pytest.raises(outdata.DeviceError, match="nowhere"):
        outdata.Player(SOURCE, backend="wav:/nowhere/x.wav")


def test_devices_of_a_backend() -> None:
    kinds = {(device.id, device.is_input) for device in outdata.devices("null")}
    assert kinds == {("null", False), ("null", True)}


def test_a_task() -> None:
    async def main() -> list[str]:
        kinds: list[str] = []

        async def listen(player: outdata.Player) -> None:
            async for event in player.events():
                kinds.append(event.kind)

        async with outdata.Player(SOURCE, backend="null") as player:
            listening = asyncio.create_task(listen(player))
            async with player.utterance():
                await player.awrite(sound(600))
            assert await player.drain()
            async with player.utterance() as second:
                await player.awrite(sound(400))
                await asyncio.sleep(0.1)
                receipt = await player.ainterrupt()
                await player.awrite(sound(10))
            assert receipt is not None
            assert receipt.utterance == second.id
            assert second.interrupted
        await asyncio.wait_for(listening, 1)
        return kinds

    kinds = asyncio.run(main())
    assert kinds == ["started", "finished", "started", "interrupted"]


@pytest.mark.parametrize("call", ["awrite", "drain", "utterance", "ainterrupt", "leave", "events"])
def test_cancelling_any_await_leaves_the_player_usable(call: str) -> None:
    async def main() -> None:
        player = outdata.Player(SOURCE, backend="null", queue_ms=100, buffering="fixed")
        player.pause()
        await player.awrite(sound(99))

        async def stuck() -> None:
            if call == "awrite":
                await player.awrite(sound(100))
            elif call == "drain":
                await player.drain()
            elif call == "utterance":
                # The places for markers are few.
                for _ in range(100):
                    async with player.utterance():
                        pass
            elif call == "ainterrupt":
                # The feeder is somebody else's, and the receipt comes.
                await player.ainterrupt()
                await asyncio.sleep(10)
            elif call == "leave":
                async with player:
                    pass
            else:
                async for _ in player.events():
                    pass

        task = asyncio.create_task(stuck())
        await asyncio.sleep(0.05)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        if call == "leave":
            assert player.device is None
            return
        player.resume()
        player.interrupt_nowait()
        await asyncio.sleep(0.06)
        async with player.utterance() as utterance:
            await player.awrite(sound(20))
        await asyncio.wait_for(player.drain(), 2)
        assert player.position.utterance == utterance.id
        player.close()

    asyncio.run(main())


def test_other_tasks_run_while_one_waits() -> None:
    async def main() -> int:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.01)

        async with outdata.Player(SOURCE, backend="null", queue_ms=100, buffering="fixed") as player:
            ticking = asyncio.create_task(tick())
            await player.awrite(sound(400))
            ticking.cancel()
        return ticks

    assert asyncio.run(main()) > 10


def test_threads_share_a_player() -> None:
    with outdata.Player(SOURCE, backend="null") as player:
        written = [0] * 4
        failed: list[BaseException] = []
        stop = threading.Event()

        def write(number: int) -> None:
            try:
                for _ in range(15):
                    player.write(sound(10))
                    written[number] += len(sound(10))
            except BaseException as error:  # noqa: BLE001
                failed.append(error)

        def look() -> None:
            try:
                while not stop.is_set():
                    metrics = player.metrics()
                    assert metrics.pushed_frames == (
                        metrics.heard_frames
                        + metrics.in_flight_frames
                        + metrics.queued_frames
                        + metrics.dropped_frames
                    )
                    player.poll()
                    player.gain_db = -1
            except BaseException as error:  # noqa: BLE001
                failed.append(error)

        writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        looker = threading.Thread(target=look)
        for thread in [*writers, looker]:
            thread.start()
        for thread in writers:
            thread.join()
        stop.set()
        looker.join()
        assert not failed
        assert player.wait()
        assert player.position.frames == sum(written) == 4 * 15 * 240
