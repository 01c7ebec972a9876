"""Every nemesis against the real simulated testbed: planned, verified, healed, its neighbours untouched."""

import dataclasses
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest

from harness import registry
from harness.errors import UsageError
from harness.nemeses.nemesis import Injection, Nemesis, Scene
from harness.testbeds.sim.testbed import SimTestbed
from tests.perfect import NODES, Idle

SCENE = Scene(
    nodes=NODES,
    preference_lists=(NODES, NODES[2:] + NODES[:2]),
    primaries=3,
    may_lose_data=("n2",),
    lossy={"wipe": "all"},
    busy=frozenset(),
    hold_s=1.0,
    intensity=1.0,
)
LINKS = [(source, target) for source in NODES for target in NODES if source != target]
CASES = [
    (name, kind)
    for name, nemesis in registry.extensions("nemeses").items()
    for kind in (nemesis.kinds or (None,))
    if name != "membership"  # changes a store, not a testbed: test_membership.py
    and nemesis.needs <= SimTestbed.capabilities  # of the others: tests/conformance, on testbeds that can
]


def nemesis_of(name: str) -> Nemesis:
    found: Nemesis = registry.find("nemeses", name, "here")
    return found


def on_a_testbed(story: Callable[[SimTestbed], Awaitable[None]]) -> None:
    testbed = SimTestbed(1, NODES)
    testbed.install(Idle)

    async def main() -> None:
        for node in NODES:
            await testbed.start(node)
        await story(testbed)

    testbed.run(main())


async def looks(testbed: SimTestbed) -> dict[str, Any]:
    """All that a fault could touch, as independent probes see it."""
    return {
        "alive": {node: await testbed.alive(node) for node in NODES},
        "links": await testbed.probe_links(LINKS, 30),
        "offset_ms": {node: await testbed.clock_offset_ms(node) for node in NODES},
    }


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("name", "kind"), CASES)
def test_it_bites_is_proven_and_leaves_no_trace(name: str, kind: str | None, seed: int) -> None:
    nemesis = nemesis_of(name)

    async def story(testbed: SimTestbed) -> None:
        before = await looks(testbed)
        injection = nemesis.plan(SCENE, {"kinds": [kind]} if kind else {}, Random(seed))
        assert injection is not None
        assert injection.nodes
        injection.id = "f1"
        assert await nemesis.verify(testbed, dataclasses.replace(injection)) is None, (
            "nothing was injected yet"
        )

        await nemesis.inject(testbed, injection)
        await nemesis.inject(testbed, injection)  # idempotent
        assert await nemesis.verify(testbed, injection) is not None
        during = await looks(testbed)
        for probe in ("alive", "offset_ms"):
            for node in set(NODES) - set(injection.nodes):
                assert during[probe][node] == before[probe][node], f"{node} is a neighbour"

        await testbed.sleep(0.3)
        await nemesis.heal(testbed, injection)
        await nemesis.heal(testbed, injection)
        await testbed.sleep(0.2)
        assert await looks(testbed) == before

    on_a_testbed(story)


def test_healing_one_partition_leaves_another_in_place() -> None:
    nemesis = nemesis_of("partition")

    async def story(testbed: SimTestbed) -> None:
        first, second = (
            Injection("partition", ("n1", "n2"), {"how": "one-way", "blocked": [["n1", "n2"]]}, id=name)
            for name in ("f1", "f2")
        )
        await nemesis.inject(testbed, first)
        await nemesis.inject(testbed, second)
        await nemesis.heal(testbed, first)
        assert await nemesis.verify(testbed, second) == {"sent": 1, "arrived": 0}
        await nemesis.heal(testbed, second)
        assert await testbed.probe_links([("n1", "n2")]) == {("n1", "n2"): 1}

    on_a_testbed(story)


def test_clients_may_be_cut_off_under_every_name_that_they_may_take() -> None:
    scene = dataclasses.replace(SCENE, clients=(("c0", "c2", "c4"), ("c1", "c3", "c5")))
    options = {"kinds": ["halves"], "clients": 1.0}
    seen = set()
    for seed in range(20):
        injection = nemesis_of("partition").plan(scene, options, Random(seed))
        assert injection is not None
        cut = frozenset(name for link in injection.details["blocked"] for name in link if name[0] == "c")
        seen.add(cut)
        assert not set(injection.nodes) & cut
    assert seen == {
        frozenset(names) for names in ((), scene.clients[0], scene.clients[1], sum(scene.clients, ()))
    }


@pytest.mark.parametrize("name", ["kill", "pause", "power-cut", "wipe"])
def test_process_faults_leave_busy_nodes_alone_and_one_node_free(name: str) -> None:
    free = dataclasses.replace(SCENE, busy=frozenset(("n1", "n3")), may_lose_data=NODES)
    for seed in range(20):
        injection = nemesis_of(name).plan(free, {}, Random(seed))
        assert injection is not None
        assert not set(injection.nodes) & free.busy
    full = dataclasses.replace(free, busy=frozenset(NODES[:4]))
    assert nemesis_of(name).plan(full, {}, Random(1)) is None


def test_what_loses_data_takes_only_nodes_that_may_lose_it() -> None:
    for seed in range(20):
        injection = nemesis_of("wipe").plan(SCENE, {}, Random(seed))
        assert injection is not None
        assert injection.nodes == ("n2",)
        assert injection.details == {"lost": "all"}
    assert nemesis_of("wipe").plan(dataclasses.replace(SCENE, may_lose_data=()), {}, Random(1)) is None

    memory = dataclasses.replace(SCENE, lossy={"wipe": "all", "kill": "all", "power-cut": "all"})
    kill = nemesis_of("kill").plan(memory, {}, Random(1))
    assert kill is not None
    assert (kill.nodes, kill.details) == (("n2",), {"lost": "all"})


def test_a_drift_announces_a_bound_and_says_at_last_what_was_reached() -> None:
    nemesis = nemesis_of("clock")

    async def story(testbed: SimTestbed) -> None:
        injection = nemesis.plan(SCENE, {"kinds": ["drift"]}, Random(2))
        assert injection is not None
        bound = injection.details["max_offset_ms"]
        await nemesis.inject(testbed, injection)
        await testbed.sleep(SCENE.hold_s)
        reached = max([abs(await testbed.clock_offset_ms(node)) for node in injection.nodes])
        await nemesis.heal(testbed, injection)
        assert reached <= injection.details["max_offset_ms"] <= bound

    on_a_testbed(story)


def test_intensity_scales_what_is_drawn() -> None:
    def largest(intensity: float) -> float:
        scene = dataclasses.replace(SCENE, intensity=intensity)
        drawn = [nemesis_of("clock").plan(scene, {"kinds": ["bump"]}, Random(seed)) for seed in range(50)]
        return max(float(injection.details["max_offset_ms"]) for injection in drawn if injection)

    assert largest(0.0) < 200 < 1000 < largest(1.0) <= 5000


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "partition",
            {"kind": ["halves"]},
            r"nemesis `partition`: unknown option `kind`: did you mean `kinds`\?",
        ),
        ("partition", {"kinds": ["halfs"]}, r"`kinds` has 'halfs': did you mean `halves`\?"),
        ("partition", {"kinds": []}, r"`kinds` is \[\]: give a list of halves, isolate-one"),
        ("partition", {"clients": 2}, r"`clients` is 2: give a number from 0 to 1"),
        ("clock", {"max_offset_ms": "much"}, r"`max_offset_ms` is 'much': give a number from 5 to"),
        ("link", {"max_ratio": True}, r"`max_ratio` is True: give a number from 0.05 to 0.9"),
        ("kill", {"max_node": 1}, r"nemesis `kill`: unknown option `max_node`: did you mean `max_nodes`\?"),
    ],
)
def test_bad_options_are_refused_with_the_fix(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        nemesis_of(name).check(options)
