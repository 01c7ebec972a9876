"""Clients' links may duplicate only where it is allowed, and a copy never says that nobody listened."""

from random import Random

import pytest

from harness.errors import HarnessError
from harness.testbeds.sim.kernel import Kernel
from harness.testbeds.sim.network import Network
from harness.testbeds.sim.testbed import SimTestbed
from harness.testbeds.testbed import LinkShape

ALWAYS_TWICE = LinkShape(duplicate=1.0)


def sent_twice(allowed: bool, listening: bool = True) -> tuple[int, int]:
    """A client's request on a link that duplicates: how often it arrives, and how often it is refused."""
    kernel = Kernel()
    network = Network(kernel, Random(1), ["n1"], (0.3, 1.5))
    network.client_duplicates = allowed
    heard: list[object] = []
    refused: list[object] = []
    if listening:
        network.port("n1").receive = lambda sender, message: heard.append(message)
    network.rule("f1", [("c0", "n1")], ALWAYS_TWICE)
    network.send("c0", "n1", "request", lambda node, message: refused.append(message))

    async def nap() -> None:
        await kernel.sleep(1)

    kernel.run(nap())
    return len(heard), len(refused)


def test_a_clients_link_duplicates_only_where_it_may() -> None:
    assert sent_twice(allowed=False) == (1, 0)
    assert sent_twice(allowed=True) == (2, 0)


def test_two_copies_that_nobody_hears_are_one_refusal() -> None:
    assert sent_twice(allowed=True, listening=False) == (0, 1)


def test_a_copy_that_comes_after_the_end_of_the_node_refuses_nothing() -> None:
    """The first copy was heard: to the client it is a request without an answer, never a `fail`."""
    for seed in range(10):
        kernel = Kernel()
        network = Network(kernel, Random(seed), ["n1"], (0.3, 1.5))
        network.client_duplicates = True
        port, heard, refused = network.port("n1"), [], []

        def dies_of_it(sender, message, port=port, heard=heard):
            heard.append(message)
            port.receive = None
            port.incarnation += 1

        port.receive = dies_of_it
        network.rule("f1", [("c0", "n1")], ALWAYS_TWICE)
        network.send("c0", "n1", "request", lambda node, message, refused=refused: refused.append(message))

        async def nap(kernel=kernel):
            await kernel.sleep(1)

        kernel.run(nap())
        assert (len(heard), len(refused)) == (1, 0)


def test_what_breaks_in_a_clients_program_is_the_harnesss_own_failure() -> None:
    testbed = SimTestbed(1, ["n1"])
    runtime = testbed.client_runtime("c0", lambda node, message: None)

    async def breaks() -> None:
        await runtime.sleep(0.1)
        raise KeyError("x")

    async def story() -> None:
        runtime.spawn(breaks())
        await testbed.sleep(1)
        await testbed.sleep(0)

    with pytest.raises(HarnessError, match="client: c0's program raised KeyError"):
        testbed.run(story())
