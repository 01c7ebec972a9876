"""The console script. It imports nothing before it can answer Ctrl-C: the rest takes most of a second."""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line in `sys.argv`, and exit."""
    try:
        from harness.cli.app import main as command
    except KeyboardInterrupt:
        print("schism: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
    command()
