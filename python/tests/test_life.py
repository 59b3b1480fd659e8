"""Objects that are dropped, forked, or left open: nothing hangs, and nothing crashes."""

import gc
import os
import subprocess
import sys
import textwrap
import time
import weakref

import numpy as np
import outdata
import pytest


def run(program: str, *, timeout: float = 30) -> subprocess.CompletedProcess[str]:
    """Runs a program of its own."""
    return subprocess.run(
        [sys.executable, "-X", "dev", "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def test_a_player_that_is_collected_stops() -> None:
    threads = len(os.listdir("/proc/self/task"))
    for _ in range(20):
        player = outdata.Player("48000x1:s16", backend="null")
        player.write(np.zeros(4800, np.int16))
        ring = [player]
        ring.append(ring)  # type: ignore[arg-type]
        gone = weakref.ref(player)
        del player, ring
        gc.collect()
        assert gone() is None
    deadline = time.monotonic() + 5
    # The engine keeps one thread, which looks after futures.
    while len(os.listdir("/proc/self/task")) > threads + 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(os.listdir("/proc/self/task")) <= threads + 1


@pytest.mark.parametrize("state", ["playing", "paused", "waiting thread", "microphone", "closed"])
def test_left_open_at_exit(state: str) -> None:
    done = run(f"""
        import threading, time, numpy, outdata
        state = {state!r}
        player = outdata.Player("48000x1:s16", backend="null")
        microphone = outdata.Microphone("16000x1:s16", backend="null")
        player.write(numpy.zeros(4800, numpy.int16))
        if state == "paused":
            player.pause()
        if state == "waiting thread":
            player.pause()
            threading.Thread(target=player.write, args=(numpy.zeros(480000, numpy.int16),), daemon=True).start()
            threading.Thread(target=microphone.read, args=(1600000,), daemon=True).start()
            time.sleep(0.05)
        if state == "microphone":
            microphone.read()
        if state == "closed":
            player.close()
        keep = [player, microphone]
        keep.append(keep)
        print("end")
    """)
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_forked() -> None:
    done = run("""
        import os, time, numpy, outdata
        player = outdata.Player("48000x1:s16", backend="null", queue_ms=100)
        microphone = outdata.Microphone("16000x1:s16", backend="null")
        player.write(numpy.zeros(480, numpy.int16))
        child = os.fork()
        if child == 0:
            refused = 0
            for call in (
                lambda: player.write(numpy.zeros(48, numpy.int16)),
                lambda: player.wait(),
                lambda: player.interrupt(),
                lambda: player.pause(),
                lambda: player.poll(),
                lambda: player.close(),
                lambda: microphone.read(),
                lambda: microphone.close(),
            ):
                try:
                    call()
                except outdata.Error as error:
                    refused += "forked" in str(error)
            # Dropping them waits for no thread.
            begin = time.monotonic()
            del player, microphone
            refused += 10 * (time.monotonic() - begin < 0.3)
            with outdata.Player("48000x1:s16", backend="null") as own:
                own.write(numpy.zeros(4800, numpy.int16))
            os._exit(refused)
        _, status = os.waitpid(child, 0)
        assert player.wait()
        player.close()
        print(os.waitstatus_to_exitcode(status))
    """)
    assert done.stdout == "18\n", done.stderr


def test_importing_needs_neither_numpy_nor_an_audio_library() -> None:
    done = run("""
        import sys
        sys.modules["numpy"] = None
        import outdata
        with outdata.Player("48000x1:s16", backend="null") as player:
            player.write(bytes(960))
        with outdata.Microphone("16000x1:s16", backend="null") as microphone:
            assert microphone.read() == bytes(640)
        assert outdata.convert(bytes(4), "f32", source="s16") == bytes(8)
        with open("/proc/self/maps") as file:
            maps = file.read()
        assert "outdata._outdata" in sys.modules
        print("asound" in maps, "outdata._devices" in sys.modules)
    """)
    assert (done.stdout, done.returncode) == ("False False\n", 0), done.stderr


def test_without_the_audio_library_a_real_device_says_what_to_install() -> None:
    done = run("""
        import sys
        sys.modules["outdata._devices"] = None
        import outdata
        try:
            outdata.Player("48000x1:s16")
        except outdata.DeviceError as error:
            print("apt-get install libasound2" in str(error))
        with outdata.Player("48000x1:s16", backend="null") as player:
            player.write(bytes(960))
    """)
    assert done.stdout == "True\n", done.stderr


def test_with_the_audio_library_an_unknown_device_is_an_error() -> None:
    pytest.importorskip("outdata._devices", reason="built without ALSA's headers")
    with pytest.raises(outdata.DeviceError):
        outdata.Player("48000x1:s16", "no such device")
    with pytest.raises(outdata.DeviceError, match="no such host"):
        outdata.Player("48000x1:s16", backend="no such host")


COUNTS = ["-1", "10**13", "2**61", "2**63 - 1", "2**63", "2**64", "10**30"]
LENGTHS = ["1e7", "1e10", "1e15", "1e300", "float('inf')"]


@pytest.mark.parametrize(
    "call",
    [
        "microphone.read({count}, timeout=0.1)",
        "microphone.with_reference(player).read({count}, timeout=0.1)",
        "asyncio.run(asyncio.wait_for(microphone.aread({count}), 0.1))",
    ],
)
def test_no_number_of_frames_ends_the_process(call: str) -> None:
    # A player gives its reference once, and a microphone takes one.
    first = (
        "player = outdata.Player('16000x1:s16', backend='null', reference=True); "
        "microphone = outdata.Microphone('16000x1:s16', backend='null'); "
    )
    calls = [first + call.format(count=count) for count in COUNTS]
    assert raised(calls) == ["ValueError"] * len(COUNTS)


@pytest.mark.parametrize(
    "call",
    [
        "outdata.Stream('48000x2:s16', '48000x2:f32', queue_ms={ms})",
        "outdata.Stream('48000x2:s16', '48000x2:f32', queue_ms={ms}, buffering='adaptive')",
        "outdata.Player('48000x2:s16', backend='null', queue_ms={ms})",
        "outdata.Microphone('48000x2:s16', backend='null', queue_ms={ms})",
        "outdata.Microphone('48000x2:s32', backend='null', block_ms={ms}).read()",
        "outdata.Stream('48000x2:s16', '48000x2:f32', ramp_ms=10 * {ms})",
        "outdata.Stream('48000x2:s16', '48000x2:f32', lead_in_ms=10 * {ms})",
    ],
)
def test_no_length_ends_the_process(call: str) -> None:
    names = raised([call.format(ms=ms) for ms in LENGTHS])
    assert len(names) == len(LENGTHS)
    assert set(names) <= {"ConfigError", "ValueError"}


def test_a_queue_is_refused_that_another_source_would_make_too_large() -> None:
    call = "outdata.Stream('8000x1:u8', '48000x2:f32', queue_ms=1e8).set_source('768000x64:f64')"
    assert raised([call]) == ["ConfigError"]


def test_what_memory_has_no_room_for_is_a_memory_error() -> None:
    """Where the address space is no larger than what the program has, and a little more."""
    calls = [
        "outdata.Stream('48000x2:s16', '48000x2:f32', queue_ms=5e6)",
        "outdata.convert(bytes(1 << 28), 'f64', source='u8')",
        "outdata.convert(bytes(1 << 28), 'u8', source='u8', dither='tpdf')",
        "outdata.convert(bytes(1 << 27), 'u8', source='u8', dither='tpdf')",
        "outdata.convert(bytes(1 << 27), 's8', source='u8', rounding='half-away')",
        "outdata.resample(bytes(1 << 28), 8000, 48000, source='u8')",
    ]
    assert raised(calls, limit=True) == ["MemoryError"] * len(calls)


def raised(calls: list[str], *, limit: bool = False) -> list[str]:
    """Which exceptions the calls raise, in a process of their own."""
    done = run(f"""
        import asyncio, pathlib, resource, outdata
        if {limit}:
            pages = int(pathlib.Path("/proc/self/statm").read_text().split()[0])
            most = pages * resource.getpagesize() + (3 << 27)
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
        for call in {calls}:
            try:
                exec(call)
                print("none")
            except Exception as error:
                print(type(error).__name__)
    """)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


RENDERING = """
    import gc, threading, outdata
    stream = outdata.Stream("48000x1:f32", "48000x1:f32")
    class Ring:
        def __init__(self):
            self.ring = self
        def __del__(self):
            {finaliser}
    class Block(bytearray):
        def __getattr__(self, name):
            {look}
            raise AttributeError(name)
    gc.set_threshold(5)
    def audio():
        block = Block(480 * 4)
        for _ in range(3000):
            Ring()
            stream.callback(block, 480, None, None)
    threads = [threading.Thread(target=audio) for _ in range({threads})]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("end")
"""


@pytest.mark.parametrize("calls", ["stream.set_device_latency(0)", "stream.render(bytearray(8))"])
def test_a_finaliser_may_use_the_stream_that_looks_at_a_block(calls: str) -> None:
    done = run(RENDERING.format(finaliser=calls, look="pass", threads=1))
    assert done.stdout == "end\n", done.stderr


def test_a_block_may_use_the_stream_that_looks_at_it() -> None:
    done = run(RENDERING.format(finaliser="pass", look="stream.set_device_latency(0)", threads=1))
    assert done.stdout == "end\n", done.stderr


def test_a_finaliser_that_lets_others_run_holds_no_renderer_up() -> None:
    done = run(RENDERING.format(finaliser='open("/dev/null").close()', look="pass", threads=2))
    assert done.stdout == "end\n", done.stderr
