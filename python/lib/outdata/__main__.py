"""The command-line tool: python -m outdata."""

import signal
import sys

from . import _native, _outdata
from .errors import DeviceError


def main() -> int:
    """Runs the tool with this program's arguments, with real devices where they can be had."""
    # The tool handles Ctrl-C itself.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        run_tool = _native.with_devices().run_tool
    except DeviceError:
        run_tool = _outdata.run_tool
    return int(run_tool(["outdata", *sys.argv[1:]]))


if __name__ == "__main__":
    sys.exit(main())
