"""One incarnation of a process: dead never resumes, paused resumes late, its clock is its own."""

import pytest

from harness.errors import HarnessError
from harness.testbeds.sim.testbed import SimTestbed


class Ticker:
    """A program that writes a record and counts, every 10 ms; and logs what it hears."""

    log: list[tuple[str, object]]

    def __init__(self, runtime, log):
        self.runtime = runtime
        self.log = log

    async def start(self):
        await self.runtime.disk.sync()
        self.runtime.spawn(self.tick())

    async def tick(self):
        number = 0
        while True:
            await self.runtime.sleep(0.01)
            number += 1
            self.log.append((self.runtime.name, number))
            self.runtime.disk.append(number)
            self.runtime.send("n2", number)

    def receive(self, sender, message):
        if message == "break":
            raise ValueError("broken program")
        self.log.append((f"{self.runtime.name} hears", message))


class World:
    def __init__(self, program=Ticker, nodes=("n1", "n2"), seed=1) -> None:
        self.log: list[tuple[str, object]] = []
        self.testbed = SimTestbed(seed, nodes)
        self.testbed.install(lambda runtime: program(runtime, self.log))

    def play(self, story):
        async def whole():
            await self.testbed.start("n1")
            await story

        self.testbed.run(whole())

    def count(self, who: str) -> int:
        return sum(1 for name, _ in self.log if name == who)


@pytest.mark.parametrize("end", ["kill", "power_cut"])
def test_nothing_of_a_dead_incarnation_runs_again(end):
    world = World()

    async def story():
        await world.testbed.sleep(0.055)
        await getattr(world.testbed, end)("n1")
        ticks, records = world.count("n1"), await world.testbed.stored_records("n1")
        await world.testbed.sleep(1)
        assert world.count("n1") == ticks == 5
        assert await world.testbed.stored_records("n1") == records

    world.play(story())


def test_a_new_incarnation_is_not_the_old_one():
    world = World()

    async def story():
        await world.testbed.sleep(0.055)
        first = world.testbed.program("n1")
        await world.testbed.kill("n1")
        assert world.testbed.program("n1") is None
        await world.testbed.start("n1")
        assert world.testbed.program("n1") is not first
        assert first.runtime.rng.random() != world.testbed.program("n1").runtime.rng.random()
        before = len(world.log)
        await world.testbed.sleep(0.035)
        assert world.log[before:] == [("n1", 1), ("n1", 2), ("n1", 3)]

    world.play(story())


def test_a_paused_process_goes_on_late_and_in_order():
    world = World()

    async def story():
        await world.testbed.sleep(0.025)
        await world.testbed.pause("n1")
        for number in range(3):
            world.testbed.network.send("c0", "n1", f"m{number}")
            await world.testbed.sleep(0.01)
        assert world.log == [("n1", 1), ("n1", 2)]
        await world.testbed.resume("n1")
        await world.testbed.sleep(0)
        heard = [message for name, message in world.log if name == "n1 hears"]
        assert heard == ["m0", "m1", "m2"]
        await world.testbed.sleep(0.011)
        assert ("n1", 3) in world.log

    world.play(story())


def test_killed_while_paused_is_dead():
    world = World()

    async def story():
        await world.testbed.pause("n1")
        world.testbed.network.send("c0", "n1", "lost")
        await world.testbed.sleep(0.05)
        await world.testbed.kill("n1")
        await world.testbed.resume("n1")
        await world.testbed.sleep(0.1)
        assert world.log == []
        await world.testbed.start("n1")
        await world.testbed.sleep(0.015)
        assert world.log == [("n1", 1)]

    world.play(story())


@pytest.mark.parametrize("end", ["kill", "power_cut"])
def test_killed_while_it_starts_does_not_keep_the_starter_waiting(end):
    """Overlapping faults: one lane starts a node, another ends it before it serves."""
    world = World(nodes=("n1", "n2"))

    async def story():
        starting = world.testbed.spawn(world.testbed.start("n2"), "start")
        await world.testbed.sleep(0.0001)
        await getattr(world.testbed, end)("n2")
        await world.testbed.sleep(1)
        assert starting.done()
        assert await world.testbed.alive("n2") == "down"
        await world.testbed.start("n2")
        assert await world.testbed.alive("n2") == "serving"

    world.play(story())


def test_whoever_starts_a_node_that_is_starting_waits_until_it_serves():
    world = World(nodes=("n1", "n2"))

    async def story():
        world.testbed.spawn(world.testbed.start("n2"), "start")
        await world.testbed.sleep(0.0001)
        await world.testbed.start("n2")
        assert await world.testbed.alive("n2") == "serving"

    world.play(story())


def test_a_process_reads_its_own_wall_clock_and_the_common_monotonic_one():
    world = World()

    async def story():
        runtime = world.testbed.program("n1").runtime
        wall, now = runtime.wall(), runtime.now()
        await world.testbed.set_clock("n1", 500.0)
        assert runtime.wall() == wall + 500_000_000
        assert runtime.now() == now == world.testbed.now()

    world.play(story())


@pytest.mark.parametrize("where", ["receive", "start"])
def test_a_program_that_breaks_is_our_failure(where):
    """architecture.md, verdicts: never an outcome, and it names the node and the error."""

    class Broken(Ticker):
        async def start(self):
            if where == "start" and self.runtime.name == "n2":
                raise ValueError("broken program")
            await super().start()

    world = World(Broken, nodes=("n1", "n2"))

    async def provoke():
        if where == "start":
            await world.testbed.start("n2")
        else:
            world.testbed.network.send("c0", "n2", "break")
        await world.testbed.sleep(0.01)
        await world.testbed.sleep(0)

    async def story():
        if where == "receive":
            await world.testbed.start("n2")
        with pytest.raises(HarnessError, match="n2's program raised ValueError: broken program"):
            await provoke()
        assert await world.testbed.alive("n2") == "down"
        assert await world.testbed.alive("n1") == "serving"

    world.play(story())


def test_an_error_of_a_dead_incarnation_does_not_end_the_next():
    world = World()

    async def story():
        old = world.testbed._hosts["n1"].runtime
        await world.testbed.kill("n1")
        await world.testbed.start("n1")
        old._on_error(ValueError("an echo"))
        await world.testbed.sleep(0.1)
        assert await world.testbed.alive("n1") == "serving"

    world.play(story())
