"""Whether a fault of links met the store: judged by what the store itself sent, not by probes.

A probe proves what a link does. It does not prove that the store uses the link: one that was told direct
addresses, or gossips them, goes past whatever is cut there, and would be called partition-proof.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from harness.testbeds.testbed import Link, Sent, Testbed, Traffic

_NOTHING = Sent(0, 0)


@dataclass(frozen=True, slots=True)
class Witness:
    """What was so when the fault began."""

    links: Sequence[Link]
    cut: bool
    """Whether nothing may pass them."""
    since_ns: int
    before: Mapping[Link, Sent]

    async def doubt(self, testbed: Testbed) -> str:
        """Asked before it heals: why the fault is not proved after all; empty if nothing is against it."""
        place = cast(Traffic, testbed)
        past = await place.bypasses(self.since_ns)
        for link in self.links:
            if link in past:
                return f"{link[0]}-{link[1]}: {past[link]}"
        after = place.traffic()
        pairs = _pairs(self.links, testbed.nodes)
        quiet = [pair for pair, links in pairs.items() if not any(_offered(after, link) for link in links)]
        # Where a store has no other way, one link that it had no use for yet proves nothing against the rest.
        if quiet and not (place.sees_all and len(quiet) < len(pairs)):
            first, second = quiet[0]
            return f"{first}-{second}: the store has sent nothing over this link since the run began"
        if _clients_unheard(self.links, after, testbed.nodes):
            return "no client has sent anything over a link of its own since the run began"
        for link in self.links if self.cut else ():
            passed = after.get(link, _NOTHING).carried - self.before.get(link, _NOTHING).carried
            if passed:
                return f"{link[0]}>{link[1]}: {passed} of the store's own passed while it was cut"
        return ""


def _offered(traffic: Mapping[Link, Sent], link: Link) -> int:
    return traffic.get(link, _NOTHING).offered


def begin(testbed: Testbed, links: Sequence[Link], cut: bool) -> Witness | None:
    """Called when the fault is in effect. None where a testbed has no links that a store could go past."""
    if not hasattr(testbed, "traffic"):
        return None
    return Witness(links, cut, testbed.now(), dict(cast(Traffic, testbed).traffic()))


async def doubt(testbed: Testbed, witness: Witness | None) -> str:
    """What the witness says; nothing if there is none."""
    return "" if witness is None else await witness.doubt(testbed)


def _pairs(links: Sequence[Link], nodes: Sequence[str]) -> dict[Link, list[Link]]:
    """Pairs of nodes -> their links that the fault touches: a store may well send only one way over one."""
    found: dict[Link, list[Link]] = {}
    for source, target in links:
        if source in nodes and target in nodes:
            found.setdefault((min(source, target), max(source, target)), []).append((source, target))
    return found


def _clients_unheard(links: Sequence[Link], after: Mapping[Link, Sent], nodes: Sequence[str]) -> bool:
    """A fault may name clients that are yet to come: it is enough that clients use links of their own."""
    if all(source in nodes and target in nodes for source, target in links):
        return False
    return not any(sent.offered for (source, _), sent in after.items() if source not in nodes)
