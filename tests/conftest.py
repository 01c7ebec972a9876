"""Tests of real processes run one at a time, so that they do not starve each other into timeouts."""

from pathlib import Path

import pytest

REAL = ("tests/net/", "tests/local/", "tests/parity/", "tests/conformance/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One group for the real ones (`--dist loadgroup`); their simulated twins stay free."""
    for item in items:
        path = Path(item.fspath).as_posix()
        simulated = getattr(getattr(item, "callspec", None), "id", "").startswith("sim")
        if any(folder in path for folder in REAL) and not simulated:
            item.add_marker(pytest.mark.xdist_group("real processes"))
