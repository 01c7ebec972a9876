"""The `schism` command: finds the subcommand, maps every way to end to an exit code and one clear line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from io import TextIOWrapper

from cyclopts import App
from cyclopts.exceptions import CycloptsError

from checkers.errors import InputError
from harness.cli import check, convert, listing, replay, report, run, show, soak
from harness.cli.crash import save_traceback
from harness.cli.inputs import STDIN
from harness.cli.output import complain
from harness.errors import Exit, SchismError

HELP = """\
Put key-value stores through faults and prove, from what clients saw, which promises they kept.

A first look (no root, no network, under a minute):

    schism run campaigns/quick.yaml   run it, judge it, report in ./store
    schism show 130                   the story of one key of run 130
    schism replay 130                 the same run again, byte for byte

Exit codes: 0 valid, 1 invalid (a promise was broken), 2 unknown,
3 the harness itself failed, 4 usage, 130 interrupted.
Of several, 1 outranks 3 and 3 outranks 2.
"""


def build() -> App:
    """The application with all its commands."""
    app = App(
        name="schism",
        help=HELP,
        help_format="plaintext",
        version=lambda: version("schism"),
        print_error=False,
        exit_on_error=False,
        suppress_keyboard_interrupt=False,
        result_action="return_value",
    )
    app.command(run.run, name="run")
    app.command(check.check, name="check")
    app.command(convert.convert, name="convert")
    app.command(show.show, name="show")
    app.command(replay.replay, name="replay")
    app.command(report.report, name="report")
    app.command(soak.soak, name="soak")
    app.command(listing.list_extensions, name="list")
    return app


def execute(arguments: Sequence[str]) -> int:
    """Run one command line; its exit code. Never raises, never shows a traceback."""
    try:
        return int(build()([str(STDIN) if word == "-" else word for word in arguments]) or Exit.VALID)
    except CycloptsError as error:
        complain(f"{' '.join(str(error).split())} (see: schism --help)")
        return Exit.USAGE
    except InputError as error:
        complain(str(error))
        return Exit.USAGE
    except SchismError as error:
        complain(str(error))
        return error.exit
    except KeyboardInterrupt:
        complain("interrupted")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone: say nothing more, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.HARNESS
    except Exception as error:
        complain(f"a failure of our own: {type(error).__name__}: {error} ({save_traceback(error)})")
        return Exit.HARNESS


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no ✔ gets a ?, not a traceback
    sys.exit(execute(sys.argv[1:]))
