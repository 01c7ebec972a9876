"""Links: order, faults by id, duplicates never on client links, incarnations, refusals."""

from random import Random

from harness.testbeds.sim.kernel import Kernel
from harness.testbeds.sim.network import Network
from harness.testbeds.testbed import LinkShape

AB, BA, CA = ("a", "b"), ("b", "a"), ("c0", "a")


class Wire:
    """Two nodes a and b and a client c0; `got` is what each heard: (who, from, message)."""

    def __init__(self, seed: int = 1) -> None:
        self.kernel = Kernel()
        self.network = Network(self.kernel, Random(seed), ["a", "b"], (0.3, 1.5))
        self.got: list[tuple[str, str, object]] = []
        self.times: list[int] = []
        self.refused: list[object] = []
        for name in ("a", "b", "c0"):
            self.listen(name)

    def listen(self, name: str) -> None:
        def receive(sender, message):
            self.got.append((name, sender, message))
            self.times.append(self.kernel.now())

        self.network.port(name).receive = receive

    def send(self, source: str, target: str, message: object) -> None:
        self.network.send(source, target, message, lambda node, message: self.refused.append(message))

    def rest(self, seconds: float = 1.0) -> list[object]:
        """Let everything arrive; the messages in the order of their arrival."""

        async def nap():
            await self.kernel.sleep(seconds)

        self.kernel.run(nap())
        return [message for _, _, message in self.got]


def test_a_plain_link_keeps_the_order_and_its_latency():
    wire = Wire()
    for number in range(50):
        wire.send(*AB, number)
    assert wire.rest() == list(range(50))
    assert all(300_000 <= time <= 1_500_000 for time in wire.times)


def test_links_are_independent_of_each_other():
    """No order between links, or a slow one would hold up all."""
    orders = set()
    for seed in range(20):
        wire = Wire(seed)
        wire.send(*AB, "ab")
        wire.send(*BA, "ba")
        orders.add(tuple(wire.rest()))
    assert orders == {("ab", "ba"), ("ba", "ab")}


def test_a_blocked_link_drops_one_direction_only():
    wire = Wire()
    wire.network.rule("f1", [AB], None)
    wire.send(*AB, "lost")
    wire.send(*BA, "arrives")
    assert wire.rest() == ["arrives"]


def test_each_fault_takes_back_only_its_own():
    wire = Wire()
    wire.network.rule("f1", [AB], None)
    wire.network.rule("f2", [AB], None)
    wire.network.clear("f1")
    wire.send(*AB, "still blocked by f2")
    wire.rest()
    wire.network.clear("f2")
    wire.send(*AB, "free")
    assert wire.rest() == ["free"]
    wire.network.clear("f2")
    wire.network.clear("never was")


def test_loss_is_a_ratio():
    wire = Wire()
    wire.network.rule("f1", [AB], LinkShape(loss=0.3))
    for number in range(1000):
        wire.send(*AB, number)
    assert 620 < len(wire.rest()) < 780


def test_duplicates_arrive_on_node_links():
    wire = Wire()
    wire.network.rule("f1", [AB], LinkShape(duplicate=0.5))
    for number in range(400):
        wire.send(*AB, number)
    arrived = wire.rest()
    twice = [number for number in range(400) if arrived.count(number) == 2]
    assert 140 < len(twice) < 260
    assert len(arrived) == 400 + len(twice)


def test_duplicates_never_arrive_on_client_links():
    """promises.md, once: a client's request has no id that would make a second copy harmless."""
    wire = Wire()
    wire.network.rule("f1", [CA, ("a", "c0")], LinkShape(duplicate=1.0))
    for number in range(100):
        wire.send(*CA, number)
        wire.send("a", "c0", 1000 + number)
    assert len(wire.rest()) == 200


def test_reordering_lets_messages_overtake():
    wire = Wire()
    wire.network.rule("f1", [AB], LinkShape(reorder=0.5))
    for number in range(100):
        wire.send(*AB, number)
    arrived = wire.rest()
    assert sorted(arrived) == list(range(100))
    assert arrived != sorted(arrived)


def test_a_delayed_link_keeps_its_order():
    wire = Wire()
    wire.network.rule("f1", [AB], LinkShape(delay_ms=50, jitter_ms=50))
    for number in range(50):
        wire.send(*AB, number)
    assert wire.rest() == list(range(50))
    assert all(50e6 <= time <= 102e6 for time in wire.times)


def test_shapes_of_several_faults_add_up():
    wire = Wire()
    wire.network.rule("f1", [AB], LinkShape(delay_ms=50))
    wire.network.rule("f2", [AB], LinkShape(delay_ms=30))
    wire.send(*AB, "slow")
    wire.rest()
    assert wire.times[0] >= 80e6


def test_a_message_is_for_the_incarnation_that_it_was_sent_to():
    """X1: a restart drops what was under way, as a broken connection would."""
    wire = Wire()
    wire.send(*AB, "for the first")
    wire.network.port("b").incarnation += 1
    wire.send(*AB, "for the second")
    assert wire.rest() == ["for the second"]


def test_where_nobody_listens_the_sender_hears_a_refusal():
    """history.md, fail: refused before anything was handed to a process."""
    wire = Wire()
    wire.network.port("a").receive = None
    wire.send(*CA, "knock")
    wire.rest()
    assert wire.refused == ["knock"]


def test_a_refusal_takes_the_way_back():
    """Behind a partition there is no refusal either: the client must not know."""
    wire = Wire()
    wire.network.port("a").receive = None
    wire.network.rule("f1", [("a", "c0")], None)
    wire.send(*CA, "knock")
    wire.rest()
    assert wire.refused == []


def test_a_block_on_the_way_is_silence_not_refusal():
    wire = Wire()
    wire.network.port("a").receive = None
    wire.network.rule("f1", [CA], None)
    wire.send(*CA, "knock")
    wire.rest()
    assert wire.refused == []
    assert wire.got == []


def test_probes_meet_what_messages_meet():
    wire = Wire()
    arrived: list[object] = []
    wire.network.rule("f1", [AB], None)
    wire.network.probe(AB, arrived.append)
    wire.network.probe(BA, arrived.append)
    wire.rest()
    assert arrived == [BA]
    assert wire.got == []


def test_one_seed_one_world():
    def world(seed: int) -> list[tuple[object, int]]:
        wire = Wire(seed)
        wire.network.rule("f1", [AB], LinkShape(loss=0.2, duplicate=0.2, reorder=0.2, jitter_ms=3))
        for number in range(100):
            wire.send(*AB, number)
        return list(zip(wire.rest(), wire.times, strict=True))

    assert world(1) == world(1)
    assert world(1) != world(2)
