"""Whom a process fault may hit: nodes that no other fault holds, and whose data may be at stake."""

from __future__ import annotations

from random import Random

from harness.nemeses.nemesis import Scene

LEFT_ALONE = 1
"""At least so many nodes are held by no process fault, or nothing would be under test."""


def victims(scene: Scene, fault: str, most: int, rng: Random) -> tuple[str, ...]:
    """One to `most` nodes for this fault, in the testbed's order; none if there is none to be had.

    A fault that costs data under this configuration takes only nodes that may lose theirs.
    """
    allowed = scene.may_lose_data if fault in scene.lossy else scene.nodes
    free = [node for node in scene.nodes if node in allowed and node not in scene.busy]
    room = min(most, len(free), len(scene.nodes) - len(scene.busy) - LEFT_ALONE)
    if room < 1:
        return ()
    # One node most of the time: two at once leave some keys with a single replica.
    count = rng.randint(1, room) if rng.random() < 0.4 * scene.intensity else 1
    drawn = rng.sample(free, count)
    return tuple(node for node in scene.nodes if node in drawn)
