"""Conversations of one incarnation: X1's request ids, and F1's probes."""

from reference.config import NodeConfig
from reference.messages import Ping, Pong, ReplicaGet, ReplicaState
from reference.peers import Peers
from tests.unit.reference.alone import Alone

CONFIG = NodeConfig()


def peers(epoch: int = 7) -> tuple[Alone, Peers]:
    world = Alone()
    return world, Peers(world, CONFIG, epoch)


def test_an_answer_ends_the_wait_of_the_one_who_asked():
    world, mine = peers()
    asking = world.begin(mine.ask("n2", ReplicaGet, "k"))
    ((to, question),) = world.sent
    assert (to, question.key) == ("n2", "k")
    mine.answer("n2", ReplicaState(question.request, "state"))
    world.turn()
    assert world.result(asking).state == "state"


def test_an_answer_to_an_earlier_incarnation_matches_nothing():
    """X1's rule: without the epoch in the id, an old acknowledgement votes for a new put."""
    world, before = peers(epoch=1)
    world.begin(before.ask("n2", ReplicaGet, "k"))
    late = ReplicaState(world.sent[0][1].request, "old")
    world, now = peers(epoch=2)
    asking = world.begin(now.ask("n2", ReplicaGet, "k"))
    now.answer("n2", late)
    world.turn()
    assert not asking.done()


def test_a_second_answer_is_dropped():
    """X2's pitfall (B12): a duplicated reply must not reach the next question."""
    world, mine = peers()
    asking = world.begin(mine.ask("n2", ReplicaGet, "k"))
    request = world.sent[0][1].request
    mine.answer("n2", ReplicaState(request, "first"))
    mine.answer("n2", ReplicaState(request, "second"))
    world.turn()
    assert world.result(asking).state == "first"
    mine.answer("n2", ReplicaState(request, "third"))  # nobody waits any more


def test_silence_returns_none_and_is_suspicion():
    world, mine = peers()
    asking = world.begin(mine.ask("n2", ReplicaGet, "k"))
    world.turn(CONFIG.replica_timeout_s)
    assert world.result(asking) is None
    assert mine.detector.suspects("n2")


def test_a_suspected_node_is_pinged_until_it_is_heard():
    """F1's pitfall (B37): a detector that never asks again."""
    world, mine = peers()
    world.begin(mine.ask("n2", ReplicaGet, "k"))
    world.turn(CONFIG.replica_timeout_s + 3 * CONFIG.probe_period_s + 0.01)
    assert [to for to, _ in world.asked(Ping)] == ["n2"] * 3
    mine.detector.heard("n2", world.now())
    world.turn(3 * CONFIG.probe_period_s)
    assert len(world.asked(Ping)) == 3


def test_without_suspicion_there_is_no_probe():
    """F1: no traffic, no probes needed."""
    world, _ = peers()
    world.turn(10)
    assert world.sent == []


def test_a_node_suspected_again_is_probed_again():
    """B37's second half: probing that ended must begin anew."""
    world, mine = peers()
    for _ in range(2):
        world.begin(mine.ask("n2", ReplicaGet, "k"))
        world.turn(CONFIG.replica_timeout_s + CONFIG.probe_period_s + 0.01)
        mine.detector.heard("n2", world.now())
        world.turn(CONFIG.probe_period_s)
    assert len(world.asked(Ping)) == 2


def test_reachable_is_heard_a_moment_ago_or_answers_a_ping():
    """X1: before a write is forwarded, to one node only, that node must have answered something."""
    world, mine = peers()
    mine.detector.heard("n2", world.now())
    assert world.run(mine.reachable("n2")) is True
    assert world.sent == []
    world.turn(1)
    asking = world.begin(mine.reachable("n2"))
    ((_, ping),) = world.asked(Ping)
    mine.answer("n2", Pong(ping.request))
    world.turn()
    assert world.result(asking) is True
    asking = world.begin(mine.reachable("n3"))
    world.turn(CONFIG.replica_timeout_s)
    assert world.result(asking) is False


def test_ids_never_repeat_within_an_incarnation():
    _, mine = peers()
    assert [mine.next_request() for _ in range(3)] == [(7, 1), (7, 2), (7, 3)]


def test_an_answer_of_the_wrong_kind_is_no_answer():
    """A member that speaks nonsense: its request id is right, and what it says is not an answer to that."""
    world, mine = peers()
    asking = world.begin(mine.ask("n2", Ping))
    ((_, ping),) = world.asked(Ping)
    mine.answer("n2", ReplicaState(ping.request, "state"))
    world.turn(CONFIG.replica_timeout_s)
    assert world.result(asking) is None
