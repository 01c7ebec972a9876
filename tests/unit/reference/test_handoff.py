"""H1: hints go to their owner once it answers, and stay until it has said so."""

from reference.config import NodeConfig
from reference.gossip import Members
from reference.handoff import Handoff
from reference.membership import UP, Member, View
from reference.messages import ReplicaPut, ReplicaPutDone
from reference.peers import Peers
from reference.replica import Replica
from reference.versions.dotted import Dotted
from reference.versions.siblings import Event
from tests.unit.reference.alone import Alone

CONFIG = NodeConfig()
DOTTED = Dotted()


class Holder:
    """A node that holds hints, and an owner that the test plays."""

    def __init__(self, records: tuple = ()) -> None:
        self.world = Alone(records=records)
        self.replica = Replica(self.world, "log", DOTTED)
        self.peers = Peers(self.world, CONFIG, 1)
        view = View.initial([Member(name, UP, 4, "", "") for name in ("n1", "n2", "n3", "n4", "n5")])
        members = Members(self.world, CONFIG, view, self.replica, self.peers)
        self.handoff = Handoff(self.world, CONFIG, members, self.replica, self.peers)

    def hold(self, owner: str, key: str, value: bytes = b"v") -> None:
        state = DOTTED.write(DOTTED.empty, value, None, Event(f"n1@{key}", "n1", 0))
        self.world.run(self.replica.keep_hint(owner, key, state))

    def deliveries(self) -> list[tuple[str, str]]:
        return [(to, message.key) for to, message in self.world.asked(ReplicaPut)]

    def acknowledge(self, number: int = -1) -> None:
        self.peers.answer("n2", ReplicaPutDone(self.world.asked(ReplicaPut)[number][1].request))
        self.world.turn()


def test_a_hint_goes_to_its_owner_and_only_then_is_forgotten():
    """H1's pitfall (B21): deleted on send."""
    holder = Holder()
    holder.hold("n2", "k")
    holder.handoff.owed("n2")
    holder.world.turn(CONFIG.hint_backoff_min_s)
    assert holder.deliveries() == [("n2", "k")]
    assert holder.replica.hint_count == 1
    holder.acknowledge()
    assert holder.replica.hint_count == 0


def test_a_delivery_is_a_plain_copy_for_the_owner():
    """H1: to the owner it is its own copy, merged; it does not become a hint again."""
    holder = Holder()
    holder.hold("n2", "k")
    holder.handoff.owed("n2")
    holder.world.turn(CONFIG.hint_backoff_min_s)
    ((_, delivery),) = holder.world.asked(ReplicaPut)
    assert delivery.owner is None
    assert delivery.state == holder.replica.hints["n2"]["k"]


def test_a_silent_owner_is_asked_again_ever_more_slowly():
    """B39's beginning: back-off with a ceiling."""
    holder = Holder()
    holder.hold("n2", "k")
    holder.handoff.owed("n2")
    holder.world.turn(10.0)
    number = len(holder.deliveries())
    assert 10 / (CONFIG.hint_backoff_max_s + CONFIG.replica_timeout_s) <= number + 1 <= 18
    assert holder.replica.hint_count == 1


def test_every_key_reaches_the_owner_with_its_own_value():
    """H1's pitfall (B24): an index into a list that changes while a delivery is awaited."""
    holder = Holder()
    for number in range(5):
        holder.hold("n2", f"k{number}", b"%d" % number)
    holder.handoff.owed("n2")
    holder.world.turn(CONFIG.hint_backoff_min_s)
    while holder.replica.hint_count:
        holder.acknowledge()
    delivered = {message.key: message.state.values() for _, message in holder.world.asked(ReplicaPut)}
    assert delivered == {f"k{number}": [b"%d" % number] for number in range(5)}


def test_a_failure_midway_leaves_the_rest_for_later():
    holder = Holder()
    for number in range(3):
        holder.hold("n2", f"k{number}")
    holder.handoff.owed("n2")
    holder.world.turn(CONFIG.hint_backoff_min_s)
    holder.acknowledge()
    holder.world.turn(CONFIG.replica_timeout_s)  # k1 stays unanswered: k2 is not tried
    assert [key for _, key in holder.deliveries()] == ["k0", "k1"]
    holder.world.turn(2 * CONFIG.hint_backoff_min_s)
    assert [key for _, key in holder.deliveries()] == ["k0", "k1", "k1"]


def test_what_changed_during_a_delivery_is_delivered_again():
    """H1's rule: only exactly the state that is now held."""
    holder = Holder()
    holder.hold("n2", "k", b"1")
    holder.handoff.owed("n2")
    holder.world.turn(CONFIG.hint_backoff_min_s)
    holder.hold("n2", "k", b"1")
    newer = DOTTED.write(DOTTED.empty, b"2", None, Event("n1@other", "n1", 0))
    holder.world.run(holder.replica.keep_hint("n2", "k", newer))
    holder.acknowledge()
    assert holder.replica.hint_count == 1
    holder.world.turn(CONFIG.hint_backoff_min_s)
    assert holder.world.asked(ReplicaPut)[-1][1].state.values() == [b"1", b"2"]
    holder.acknowledge()
    assert holder.replica.hint_count == 0


def test_one_delivery_a_time_for_each_owner():
    """B39's pitfall: a storm."""
    holder = Holder()
    holder.hold("n2", "k")
    for _ in range(5):
        holder.handoff.owed("n2")
    holder.world.turn(CONFIG.hint_backoff_min_s)
    assert len(holder.deliveries()) == 1


def test_owners_do_not_wait_for_each_other():
    holder = Holder()
    holder.hold("n2", "k")
    holder.hold("n3", "k")
    holder.handoff.owed("n2")
    holder.handoff.owed("n3")
    holder.world.turn(CONFIG.hint_backoff_min_s)
    assert holder.deliveries() == [("n2", "k"), ("n3", "k")]


def test_a_start_takes_up_what_the_disk_still_holds():
    """H1's pitfall (B38): fallbacks that deliver only what they took in since their start."""
    before = Holder()
    before.hold("n3", "k")
    before.hold("n2", "k")
    after = Holder(before.world.disk.records())
    after.handoff.resume()
    after.world.turn(CONFIG.hint_backoff_min_s)
    assert after.deliveries() == [("n2", "k"), ("n3", "k")]


def test_hints_that_come_later_are_delivered_too():
    """B37's kin: a delivery that ended begins anew."""
    holder = Holder()
    for key in ("k1", "k2"):
        holder.hold("n2", key)
        holder.handoff.owed("n2")
        holder.world.turn(CONFIG.hint_backoff_min_s)
        holder.acknowledge()
    assert [key for _, key in holder.deliveries()] == ["k1", "k2"]
    assert holder.replica.hint_count == 0
