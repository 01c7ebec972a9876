"""Plants every bug and prints what found it: python -m tests.planted [NUMBER ...]."""

import sys
import tempfile
from pathlib import Path

from harness.errors import Exit
from tests.planted.bug import hunt
from tests.planted.bugs import BUGS, NOT_PLANTED


def main(numbers: list[str]) -> int:
    known = [bug.number for bug in BUGS]
    for number in numbers:
        if number not in known:
            print(f"planted: there is no bug `{number}`; known: {', '.join(known)}", file=sys.stderr)
            return Exit.USAGE
    bugs = [bug for bug in BUGS if not numbers or bug.number in numbers]
    count = 0
    for bug in bugs:
        with tempfile.TemporaryDirectory() as directory:
            found = hunt(bug, Path(directory))
        count += found is not None
        by = ", ".join(name for name in bug.checks if found and name in found.broken)
        told = f"schedule {found.seed}: {by}" if found else f"not found in {bug.seeds} schedules"
        print(f"{bug.number:5} {bug.what:58} {told}")
    print(f"\nfound {count} of {len(bugs)}")
    if not numbers:
        print("\nnot planted:")
        for number, why in NOT_PLANTED.items():
            print(f"{number:5} {why}")
    return Exit.VALID


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
