"""The README's program, as it stands there."""

import pathlib
import subprocess
import sys

from bare import ten_lines

README = pathlib.Path(__file__).resolve().parents[1] / "README.md"


def test_ten_lines_to_a_voice(tmp_path: pathlib.Path) -> None:
    program = ten_lines(README)
    assert len(program.strip().splitlines()) <= 10
    subprocess.run(
        [sys.executable, "-m", "outdata", "demo"], cwd=tmp_path, check=True, capture_output=True, timeout=60
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60
    )
    # The clip has 5.98 s.
    assert done.stdout == "5.98 s of sentence 0 were heard\n"
