"""The version is the workspace's, and so are the crates that the extension is built from."""

import pathlib
import tomllib

from setuptools import setup
from setuptools.command.sdist import sdist


class NoSdist(sdist):
    """An archive of this folder would lack the crates beside it, and could not be built."""

    def run(self) -> None:
        raise SystemExit("there is no sdist of outdata: build from a checkout (pip install ./python), or from its address")


workspace = pathlib.Path(__file__).resolve().parents[1] / "Cargo.toml"
setup(
    version=tomllib.loads(workspace.read_text())["workspace"]["package"]["version"],
    cmdclass={"sdist": NoSdist},
)
