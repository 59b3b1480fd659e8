"""The version is the workspace's."""

import pathlib
import tomllib

from setuptools import setup

workspace = pathlib.Path(__file__).resolve().parents[1] / "Cargo.toml"
setup(version=tomllib.loads(workspace.read_text())["workspace"]["package"]["version"])
