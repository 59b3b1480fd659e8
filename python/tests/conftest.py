"""What the tests share: the contract's vectors, and the tool as a program of the workspace's."""

import json
import os
import pathlib
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def vectors(krate: str, name: str) -> Any:
    """The answers of the contract that a crate is tested against."""
    path = ROOT / "crates" / krate / "tests" / "vectors" / f"{name}.json"
    return json.loads(path.read_text())


@pytest.fixture(scope="session")
def tool() -> Any:
    """Runs the workspace's tool, and returns what it wrote to standard output."""
    program = os.environ.get("OUTDATA_TOOL")
    if program is None:
        pytest.skip("OUTDATA_TOOL names no program: cargo xtask test python builds one")

    def run(*arguments: str, data: bytes = b"") -> bytes:
        done = subprocess.run([program, *arguments], input=data, capture_output=True, check=True, timeout=60)
        return done.stdout

    return run


def hung(*_: object) -> None:
    raise TimeoutError("it hangs")


@pytest.fixture
def ends() -> Iterator[None]:
    """Ends a test that hangs: an event loop that waits for one of its own tasks would wait for ever."""
    signal.signal(signal.SIGALRM, hung)
    signal.alarm(30)
    yield
    signal.alarm(0)
