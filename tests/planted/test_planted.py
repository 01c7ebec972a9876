"""Checks that cannot find a bug prove nothing: each planted bug must be found, in few schedules, and rightly.

`python -m tests.planted` prints the table.
"""

import pytest

from tests.planted.bug import clean_runs, hunt
from tests.planted.bugs import BUGS, NOT_PLANTED
from tests.planted.evidence import SHOWN


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.number)
def test_found_with_its_evidence_and_only_where_it_is(bug, tmp_path):
    found = hunt(bug, tmp_path)
    assert found is not None, f"{bug.what}: not found in {bug.seeds} schedules"
    for name in bug.checks:
        for violation in found.broken.get(name, ())[:20]:
            assert violation.message
            shown = SHOWN.get(name)
            assert shown is None or shown(found.history, violation), violation
    for clean in clean_runs(bug, found.seed, tmp_path):
        assert clean.broken == {}, f"seed {clean.seed} accuses the node as it is"


def test_every_bug_of_the_catalogue_is_planted_or_says_why_not():
    numbers = {bug.number[:3] for bug in BUGS if bug.number.startswith("B")}
    assert numbers.isdisjoint(NOT_PLANTED)
    assert sorted(numbers | set(NOT_PLANTED)) == [f"B{number:02d}" for number in range(1, 41)]
    assert len({bug.number for bug in BUGS}) == len(BUGS)
