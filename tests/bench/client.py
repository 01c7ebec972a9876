"""What it saves that a client knows the ring (section 6.4), as ratios of simulated latencies beside Table 2.

The paper: client-driven coordination cut reads and writes by at least 30 ms at the 99.9th percentile and by 3
to 4 ms on average. Its absolute times are those of its disks and load balancers. Only the saved hops are the
same here, and no load balancer is among them, so that less is saved: the ratios are larger than the paper's.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from harness.systems.dynamo import DynamoDeployment
from harness.systems.dynamo_clients import ClientOptions
from harness.testbeds.sim.testbed import SimTestbed
from reference.config import NodeConfig
from tests.bench.figure import Figure

NODES, CLIENTS, ROUNDS = 10, 10, 400
PAPER_MS = {
    ("read", "p99.9"): (30.4, 68.9),
    ("write", "p99.9"): (30.4, 68.5),
    ("read", "mean"): (1.55, 3.9),
    ("write", "mean"): (1.9, 4.02),
}
"""Table 2: (client-driven, server-driven)."""


def figures() -> Iterator[Figure]:
    """Client-driven over server-driven, for reads and writes, mean and p99.9."""
    aware, server = _latencies_ms("aware"), _latencies_ms("server")
    for (operation, measure), (client_driven, server_driven) in PAPER_MS.items():
        of = _mean if measure == "mean" else _p999
        ours, theirs = of(aware[operation]), of(server[operation])
        yield Figure(
            f"{operation}, {measure}: client-driven / server-driven",
            ours / theirs,
            "",
            client_driven / server_driven,
            f"Table 2: {client_driven} / {server_driven} ms; here {ours:.2f} / {theirs:.2f} simulated ms",
        )


def _latencies_ms(kind: str) -> dict[str, list[float]]:
    """Each client reads a random key and writes it back, at once; through a random node if server-driven."""
    testbed = SimTestbed(1, [f"n{number + 1}" for number in range(NODES)])
    deployment = DynamoDeployment(testbed, NodeConfig(), clients=ClientOptions(kind, client_ids=True))
    took: dict[str, list[float]] = {"read": [], "write": []}

    async def client(number: int) -> None:
        rng, asks = Random(number), deployment.client(number)
        for turn in range(ROUNDS):
            key, node = f"k{rng.randrange(500)}", rng.choice(testbed.nodes)
            began = testbed.now()
            read = await asks.get(key, node)
            written = testbed.now()
            await asks.put(key, f"{number}:{turn}", read.context, node)
            took["read"].append((written - began) / 1e6)
            took["write"].append((testbed.now() - written) / 1e6)

    async def all_clients() -> None:
        for node in testbed.nodes:
            await testbed.start(node)
        for task in [testbed.spawn(client(number), f"client {number}") for number in range(CLIENTS)]:
            await task

    testbed.run(all_clients())
    return took


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _p999(values: list[float]) -> float:
    """Nearest rank."""
    return sorted(values)[-(-len(values) * 999 // 1000) - 1]
