"""One seed, one world: the same bytes under any PYTHONHASHSEED, and another world for another seed."""

import subprocess
import sys

PROGRAM = """
import sys
from harness.systems.dynamo import DynamoDeployment
from harness.testbeds.sim.testbed import SimTestbed
from harness.testbeds.testbed import LinkShape
from harness.errors import Refused, Unanswered
from reference.config import NodeConfig

testbed = SimTestbed(int(sys.argv[1]), ["n1", "n2", "n3", "n4", "n5"])
cluster = DynamoDeployment(testbed, NodeConfig())
send = testbed.network.send

def tapped(source, target, message, refused=None):
    print(testbed.now(), source, target, message)
    send(source, target, message, refused)

testbed.network.send = tapped
links = [(a, b) for a in testbed.nodes for b in testbed.nodes if a != b]

async def client(number):
    mine = cluster.client(number)
    for turn in range(20):
        node = testbed.nodes[(number + turn) % 5]
        key = f"k{turn % 3}"
        try:
            seen = await mine.get(key, node)
            await mine.put(key, f"{number}:{turn}", seen.context if turn % 4 else None, node)
        except (Refused, Unanswered) as error:
            print(testbed.now(), number, error)

async def story():
    for node in testbed.nodes:
        await testbed.start(node)
    await testbed.shape("f1", links, LinkShape(loss=0.05, duplicate=0.1, reorder=0.2, jitter_ms=2))
    clients = [testbed.spawn(client(number), "client") for number in range(4)]
    await testbed.sleep(0.05)
    await testbed.power_cut("n2")
    await testbed.sleep(0.2)
    await testbed.start("n2")
    for one in clients:
        await one
    await testbed.unblock("f1")
    await testbed.sleep(3)
    for node in testbed.nodes:
        print(await cluster.state(node))

testbed.run(story())
"""


def told(seed: int, hash_seed: str) -> bytes:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(seed)],
        env={"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        check=True,
    )
    return run.stdout


def test_every_message_at_its_nanosecond_whatever_the_hash_seed():
    one, other = told(1, "0"), told(1, "1")
    assert len(one.splitlines()) > 1000
    assert one == other


def test_another_seed_is_another_world():
    assert told(1, "0") != told(2, "0")
