"""The nemesis `link` on clients' links: they duplicate, and nothing else."""

import dataclasses
from random import Random

from harness.testbeds.sim.testbed import SimTestbed
from tests.unit.nemeses.test_nemeses import SCENE, nemesis_of

CROWDED = dataclasses.replace(SCENE, clients=(("c0", "c2"), ("c1", "c3")))


def injections(options):
    for seed in range(30):
        injection = nemesis_of("link").plan(CROWDED, options, Random(seed))
        assert injection is not None
        yield injection


def test_only_if_asked_for_and_only_duplication():
    assert not [one for one in injections({}) if "client_links" in one.details]
    for injection in injections({"clients": 1.0}):
        duplicates = "duplicate" in injection.details["shape"]
        assert ("client_links" in injection.details) == duplicates
        if duplicates:
            ends = {name for link in injection.details["client_links"] for name in link}
            assert ends == {"c0", "c1", "c2", "c3", *injection.nodes}


def test_a_clients_link_neither_loses_nor_delays():
    testbed = SimTestbed(1, CROWDED.nodes)
    testbed.network.client_duplicates = True
    nemesis = nemesis_of("link")
    injection = next(one for one in injections({"clients": 1.0}) if "client_links" in one.details)
    injection.id = "f1"
    link = tuple(injection.details["client_links"][0])

    async def story():
        await nemesis.inject(testbed, injection)
        during = (await testbed.probe_links([link], 300))[link]
        await nemesis.heal(testbed, injection)
        return during, (await testbed.probe_links([link], 300))[link]

    during, after = testbed.run(story())
    assert during > 300, "all of them, and copies"
    assert after == 300
