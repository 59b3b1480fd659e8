"""The stubs: a file that uses every name is strictly typed, and uses every name."""

import inspect
import pathlib

import outdata
import pytest
from mypy import api

EVERY = pathlib.Path(__file__).with_name("every_name.py")


def test_mypy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program, and the package as it is installed."""
    monkeypatch.setenv("MYPYPATH", str(EVERY.parent))
    words, errors, status = api.run(["--strict", "--cache-dir=/dev/null", "-p", "outdata", "-m", EVERY.stem])
    assert status == 0, words + errors


def test_every_name_is_used() -> None:
    text = EVERY.read_text()
    names = set(outdata.__all__)
    for name in outdata.__all__:
        thing = getattr(outdata, name)
        if inspect.isclass(thing):
            names |= {member for member in dir(thing) if not member.startswith("_")}
    names -= {"args", "add_note", "with_traceback"}
    names -= set(dir(dict))
    missing = sorted(name for name in names if name not in text)
    assert not missing
    assert len(names) > 90


def test_the_stub_has_what_the_native_module_has() -> None:
    import ast

    from outdata import _outdata

    stub = ast.parse(pathlib.Path(_outdata.__file__ or "").with_name("_outdata.pyi").read_text())
    listed = {node.name for node in stub.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    there = {name for name in dir(_outdata) if not name.startswith("_")}
    assert listed == there
    for node in stub.body:
        if isinstance(node, ast.ClassDef):
            native = getattr(_outdata, node.name)
            members = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
            members |= {part.target.id for part in node.body if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)}
            own = {name for name in vars(native) if not name.startswith("_")}
            assert members - {"__init__"} == own, node.name
