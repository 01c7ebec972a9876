"""A fault of links is proved by what the store sent: which silence proves nothing, which speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from harness.nemeses import witness
from harness.testbeds.testbed import Link, Sent

CUT = [("n1", "n2"), ("n2", "n1"), ("n1", "n3"), ("n3", "n1")]


class Place:
    """A testbed as far as a witness looks at one."""

    nodes = ("n1", "n2", "n3")

    def __init__(
        self, sees_all: bool, sent: Mapping[Link, Sent], past: Mapping[Link, str] | None = None
    ) -> None:
        self.sees_all = sees_all
        self.sent = dict(sent)
        self.past = dict(past or {})

    def now(self) -> int:
        return 0

    def traffic(self) -> Mapping[Link, Sent]:
        return self.sent

    async def bypasses(self, since_ns: int) -> dict[Link, str]:
        return self.past


def doubt(place: Any, later: Mapping[Link, Sent] | None = None, cut: bool = True) -> str:
    seen = witness.begin(place, CUT, cut)
    place.sent |= later or {}
    return asyncio.run(witness.doubt(place, seen))


HEARD = {("n1", "n2"): Sent(5, 5), ("n3", "n1"): Sent(4, 4)}
"""The store spoke between n1 and n2, and between n1 and n3: one way is enough."""


@pytest.mark.parametrize("sees_all", [True, False])
def test_a_cut_that_the_store_met_is_not_doubted(sees_all: bool) -> None:
    assert doubt(Place(sees_all, HEARD), {("n1", "n2"): Sent(9, 5)}) == ""


def test_one_quiet_link_among_others_speaks_against_it_only_where_there_is_another_way() -> None:
    some = {("n1", "n2"): Sent(5, 5)}
    assert doubt(Place(True, some)) == ""
    assert "n1-n3: the store has sent nothing" in doubt(Place(False, some))


@pytest.mark.parametrize("sees_all", [True, False])
def test_a_store_that_uses_none_of_the_links_has_met_nothing(sees_all: bool) -> None:
    assert "the store has sent nothing" in doubt(Place(sees_all, {("n2", "n3"): Sent(5, 5)}))


def test_what_passed_while_it_was_cut_and_what_went_past_speak_against_it() -> None:
    assert "passed while it was cut" in doubt(Place(False, HEARD), {("n1", "n2"): Sent(9, 9)})
    assert doubt(Place(False, HEARD), {("n1", "n2"): Sent(9, 9)}, cut=False) == ""
    assert "direct" in doubt(Place(False, HEARD, {("n1", "n2"): "a direct connection"}))
