"""The package where there is nothing but Python's own library: `bare.py README`. `cargo xtask wheel` runs it in a chroot."""

import contextlib
import ctypes
import importlib.util
import io
import pathlib
import re
import subprocess
import sys


def ten_lines(readme: pathlib.Path) -> str:
    """The README's program."""
    (program,) = re.findall(r"```python\n(.*?)```", readme.read_text(), re.DOTALL)
    assert isinstance(program, str)
    return program


def main(readme: pathlib.Path) -> None:
    # It would show nothing where these are there.
    with contextlib.suppress(OSError):
        ctypes.CDLL("libasound.so.2")
        raise SystemExit("this system has ALSA's library")
    assert importlib.util.find_spec("numpy") is None, "this system has numpy"

    import outdata

    subprocess.run([sys.executable, "-m", "outdata", "demo"], check=True, capture_output=True, timeout=60)
    heard = io.StringIO()
    with contextlib.redirect_stdout(heard):
        exec(compile(ten_lines(readme), readme, "exec"), {})
    assert heard.getvalue() == "5.98 s of sentence 0 were heard\n", heard.getvalue()
    try:
        outdata.Player("48000x2:s16")
    except outdata.DeviceError as error:
        words = str(error)
    else:
        raise SystemExit("a device was opened without ALSA's library")
    assert "libasound.so.2" in words, words
    assert "apt-get install libasound2" in words, words
    print(f"without an audio library: {heard.getvalue().strip()}; a device says: {words}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
