"""Membership: an operator makes nodes leave and join again while writes go on (Dynamo, section 4.8.1).

A leave is over when the node has handed everything to the owners, a join when the node has collected its
ranges and everybody who serves counts it in. A node that left drained has nothing to lose when it comes back.
"""

from __future__ import annotations

from random import Random
from typing import Any, ClassVar

from harness.errors import HarnessError
from harness.nemeses.nemesis import Injection, Scene
from harness.plan.options import Options
from harness.testbeds.testbed import Operator, Testbed

WAIT_S = 60.0
"""How long a healed cluster may take to finish a change before that is a failure."""
LOOK_S = 0.1


class Membership:
    """One change a time; a lane alternates as it pleases between leaving and joining."""

    name = "membership"
    summary = "nodes leave the cluster and join it again"
    needs = frozenset({"membership"})
    kinds = ("leave", "join")
    owns = "process"
    options: ClassVar[dict[str, str]] = {
        "kinds": "which changes: leave, join (default: both; a join needs a node that left)",
        "least_nodes": "never fewer members than this (default: one more than N)",
    }

    def check(self, options: dict[str, Any]) -> None:
        """Raises UsageError on an option that is unknown or out of range."""
        given = Options("nemesis `membership`", self.options, options)
        given.some_of("kinds", self.kinds)
        given.number("least_nodes", 4, 1, 1000)

    def plan(self, scene: Scene, options: dict[str, Any], rng: Random) -> Injection | None:
        """A node that left joins again, or one of the members leaves; None if neither is possible now."""
        given = Options("nemesis `membership`", self.options, options)
        kinds = given.some_of("kinds", self.kinds)
        least = given.number("least_nodes", scene.primaries + 1, 1, 1000)
        free = [node for node in scene.nodes if node not in scene.busy]
        absent = [node for node in free if node not in scene.members]
        present = [node for node in free if node in scene.members]
        if absent and (rng.random() < 0.6 or len(scene.members) <= least):
            return Injection("join", (rng.choice(absent),), {"lost": "none"})
        if "leave" in kinds and present and len(scene.members) > least:
            return Injection("leave", (rng.choice(present),), {})
        return None

    async def inject(self, testbed: Testbed, injection: Injection) -> None:
        """Say it to some node that serves. If none accepts it now, it is said again later."""
        operator = _operator(testbed)
        await (operator.join if injection.fault == "join" else operator.leave)(injection.nodes[0])

    async def verify(self, testbed: Testbed, injection: Injection) -> dict[str, Any] | None:
        """Ask the nodes: somebody must see the change under way or done."""
        seen = await _operator(testbed).seen(injection.nodes[0])
        return {"seen": seen} if _begun(injection, seen) else None

    async def over(self, testbed: Testbed, injection: Injection) -> bool:
        """Whether all who serve see it done. A decision that died with its node is made again."""
        seen = await _operator(testbed).seen(injection.nodes[0])
        if not _begun(injection, seen):
            await self.inject(testbed, injection)
        done = "up" if injection.fault == "join" else "gone"
        return bool(seen) and all(status == done for status in seen.values())

    async def heal(self, testbed: Testbed, injection: Injection) -> None:
        """Wait for the end: a change of membership is not undone but finished."""
        for _ in range(int(WAIT_S / LOOK_S)):
            if await self.over(testbed, injection):
                if injection.fault == "leave":
                    injection.details["drained"] = True
                return
            await testbed.sleep(LOOK_S)
        raise HarnessError(
            "nemesis", f"{injection.fault} of {injection.nodes[0]} did not end in {WAIT_S:g} s"
        )


def _begun(injection: Injection, seen: dict[str, str]) -> bool:
    """Whether any node knows of the change."""
    wanted = ("joining", "up") if injection.fault == "join" else ("leaving", "gone")
    return any(status in wanted for status in seen.values())


def _operator(testbed: Testbed) -> Operator:
    operator = testbed.operator
    if operator is None:
        raise HarnessError("nemesis", "this system has no operator that could change its membership")
    return operator


NEMESES = (Membership(),)
