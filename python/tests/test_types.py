"""The stubs: a file that uses every name is strictly typed, and uses every name."""

import ast
import inspect
import pathlib

import outdata
import pytest
from mypy import api
from outdata import _outdata

EVERY = pathlib.Path(__file__).with_name("every_name.py")


def test_mypy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program, and the package as it is installed."""
    monkeypatch.setenv("MYPYPATH", str(EVERY.parent))
    words, errors, status = api.run(["--strict", "--cache-dir=/dev/null", "-p", "outdata", "-m", EVERY.stem])
    assert status == 0, words + errors


def public(thing: object) -> set[str]:
    """The members of a class or module of the package, and what is only given by name."""
    if inspect.isfunction(thing):
        parameters = inspect.signature(thing).parameters.values()
        return {one.name for one in parameters if one.kind is one.KEYWORD_ONLY}
    names = set(getattr(thing, "__annotations__", ()))
    inside = inspect.getmro(thing) if inspect.isclass(thing) else [thing] if inspect.ismodule(thing) else []
    for place in inside:
        if getattr(place, "__module__", outdata.__name__).startswith(outdata.__name__):
            for name, member in vars(place).items():
                own = getattr(member, "__module__", outdata.__name__).startswith(outdata.__name__)
                if name == "__init__" or (own and not name.startswith("_")):
                    names |= {name} | public(member)
    return {name for name in names if not name.startswith("_")}


def test_every_name_is_used() -> None:
    used: set[str] = set()
    for node in ast.walk(ast.parse(EVERY.read_text())):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)) | ast.alias(name=name):
                used.add(name)
            case ast.Constant(value=str(name)):
                # The keys of options.
                used.add(name)
    names = set(outdata.__all__).union(*(public(getattr(outdata, name)) for name in outdata.__all__))
    assert sorted(names - used) == []
    assert len(names) > 120


def test_the_stub_has_what_the_native_module_has() -> None:
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
