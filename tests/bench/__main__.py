"""`make bench`: what Schism costs, each figure beside the limit that it is compared with.

Prints a table, and the same as JSON with `--json` (or `--out FILE`). CPU time, so that a busy machine
disturbs little; the best of a few repeats, because noise only ever adds. What cannot be measured here is
said, and fails nothing. BENCH=big judges histories of up to
a million operations, BENCH=huge of ten.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import checkers, checking, client, net, searches, simulation, storage
from tests.bench.figure import Figure


def main(argv: list[str]) -> int:
    """Measure everything, or only the groups named."""
    groups = {
        "simulation": simulation.figures,
        "checking": checking.figures,
        "checkers": checkers.figures,
        "searches": searches.figures,
        "net": net.figures,
        "client": client.figures,
        "storage": storage.figures,
    }
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("groups", nargs="*", choices=[*groups, []], help="default: all")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--out", type=Path, help="write the JSON to this file as well")
    arguments = parser.parse_args(argv)
    found: list[Figure] = []
    for name in arguments.groups or groups:
        for figure in groups[name]():
            found.append(figure)
            if not arguments.json:
                print(f"  {figure.name}: {figure.in_words}", file=sys.stderr)
    document = json.dumps(
        {"python": platform.python_version(), "figures": [asdict(figure) for figure in found]}, indent=2
    )
    if arguments.out:
        arguments.out.write_text(document + "\n")
    if arguments.json:
        print(document)
    else:
        Console(width=max(Console().width, 130)).print(_table(found))
    return 0


def _table(figures: list[Figure]) -> Table:
    table = Table(title="What Schism costs", title_justify="left")
    for column in ("figure", "measured", "limit", "of the limit", "what the limit is"):
        table.add_column(
            column, justify="right" if column in ("measured", "limit", "of the limit") else "left"
        )
    for figure in figures:
        limit = f"{figure.limit:,.4g} {figure.unit}" if figure.limit else ""
        share = f"{figure.value / figure.limit:.0%}" if figure.limit and figure.value is not None else ""
        table.add_row(figure.name, figure.in_words, limit, share, figure.limit_is)
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
