"""G1, B1, H1: gossip spreads a change; who joins collects first, who leaves hands over first."""

from reference.membership import GONE, JOINING, LEAVING, UP
from reference.messages import Collect, Fetch, ReplicaPut
from reference.versions.siblings import Event
from tests.unit.reference.cluster import Cluster

KEYS = [f"key{number}" for number in range(30)]


async def write_all(cluster, node="n1"):
    for key in KEYS:
        await cluster.client().put(key, f"value of {key}", None, node)
    await cluster.settle()


async def leave(cluster, name, at="n1"):
    await cluster.node(at).members.decide(LEAVING, name)
    while cluster.node(at).members.status(name) != GONE:
        await cluster.sleep(0.1)
    await cluster.settle()


async def join(cluster, name, at="n1"):
    await cluster.node(at).members.decide(JOINING, name, tokens=cluster.config.tokens)
    while cluster.node(at).members.status(name) != UP:
        await cluster.sleep(0.1)


def everything_is_where_it_belongs(cluster):
    for key in KEYS:
        assert cluster.copies(key) == {owner: [f"value of {key}"] for owner in sorted(cluster.owners(key))}


def test_gossip_tells_everybody_of_a_change():
    """G1: an operator says it once, at one node."""
    cluster = Cluster()

    async def story():
        await cluster.node("n4").members.decide(LEAVING, "n2")
        await cluster.sleep(8 * cluster.config.gossip_period_s)
        assert {cluster.node(name).members.status("n2") for name in cluster.nodes} == {GONE}
        assert len({cluster.node(name).members.view.id for name in cluster.nodes}) == 1

    cluster.play(story())


def test_a_change_survives_a_restart():
    """G1: the history of changes is persisted."""
    cluster = Cluster()

    async def story():
        await leave(cluster, "n2")
        for name in cluster.nodes:
            await cluster.testbed.kill(name)
        for name in cluster.nodes:
            await cluster.testbed.start(name)
        assert {cluster.node(name).members.status("n2") for name in cluster.nodes} == {GONE}

    cluster.play(story())


def test_who_leaves_hands_everything_over_before_it_is_gone():
    """B1's pitfall (B32): the source drops before the target has confirmed. Anti-entropy is off."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        await write_all(cluster)
        await leave(cluster, "n3")
        assert cluster.node("n3").replica.held() == []
        everything_is_where_it_belongs(cluster)

    cluster.play(story())


def test_who_leaves_keeps_what_its_heirs_have_not_confirmed():
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        await write_all(cluster)
        held = cluster.node("n3").replica.held()
        cluster.lose = lambda source, target, message: source == "n3" and isinstance(message, ReplicaPut)
        await cluster.node("n1").members.decide(LEAVING, "n3")
        await cluster.sleep(5)
        assert cluster.node("n3").replica.held() == held
        assert cluster.node("n1").members.status("n3") == LEAVING
        cluster.lose = lambda source, target, message: False
        await cluster.sleep(5)
        assert cluster.node("n1").members.status("n3") == GONE
        everything_is_where_it_belongs(cluster)

    cluster.play(story())


def test_a_joiner_owns_nothing_before_it_has_collected_its_ranges():
    """B1's pitfall (B31): the new owner serves before the transfer ends."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        await write_all(cluster)
        await leave(cluster, "n3")
        cluster.lose = lambda source, target, message: isinstance(message, Fetch)
        await cluster.node("n1").members.decide(JOINING, "n3", tokens=cluster.config.tokens)
        await cluster.sleep(5)
        assert all("n3" not in cluster.deployment.preference_list(key) for key in KEYS)
        cluster.lose = lambda source, target, message: False
        await cluster.sleep(5)
        assert cluster.node("n1").members.status("n3") == UP
        await cluster.settle()
        everything_is_where_it_belongs(cluster)

    cluster.play(story())


def test_a_joiner_fetches_nothing_twice():
    """4.9: the confirmation round. Keys that the first source gave are not fetched from the second."""
    cluster = Cluster()

    async def story():
        await write_all(cluster)
        await leave(cluster, "n3")
        cluster.sent.clear()
        await join(cluster, "n3")
        fetched = [key for _, _, message in cluster.messages(Fetch) for key in message.keys]
        assert len(cluster.messages(Collect)) >= 4  # every owner was asked
        assert fetched
        assert len(fetched) == len(set(fetched))

    cluster.play(story())


def test_writes_during_a_join_are_not_missed():
    """B1's pitfall: writes accepted while the transfer runs. No anti-entropy that could hide it."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        await leave(cluster, "n3")
        joining = cluster.testbed.spawn(join(cluster, "n3"), "join")
        number = 0
        while not joining.done():
            key = KEYS[number % len(KEYS)]
            client = cluster.client()
            read = await client.get(key, "n1")
            await client.put(key, f"value of {key}", read.context, "n1")
            number += 1
        for key in KEYS[number:]:
            await cluster.client().put(key, f"value of {key}", None, "n1")
        await cluster.settle()
        everything_is_where_it_belongs(cluster)

    cluster.play(story())


def test_hints_for_a_node_that_left_go_to_the_new_owners():
    """H1's pitfall (B25): the owner leaves the ring, and its hints are dropped or owed for ever."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        key = KEYS[0]
        gone = cluster.owners(key)[2]
        at = cluster.owners(key)[0]
        await cluster.testbed.kill(gone)
        await cluster.client().put(key, "v", None, at)
        assert cluster.node(at).replica.hints[gone]
        await cluster.node(at).members.decide(GONE, gone, drained=False)
        await cluster.sleep(8)
        assert all(cluster.node(name).replica.hint_count == 0 for name in cluster.nodes if name != gone)
        assert gone not in cluster.owners(key)
        assert cluster.copies(key) == {owner: ["v"] for owner in sorted(cluster.owners(key))}

    cluster.play(story())


def test_a_copy_that_arrives_at_a_former_owner_finds_the_owners():
    """A coordinator that has not heard of the change yet writes where the key no longer belongs."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        key = KEYS[0]
        former = cluster.fallbacks(key)[0]
        state = cluster.node(former).replica.versions
        late = state.write(state.empty, b"late", None, Event("n9@1", "n9", 1))
        cluster.node(former).receive("n1", ReplicaPut((1, 1), key, late))
        await cluster.settle()
        assert cluster.copies(key) == {owner: ["late"] for owner in sorted(cluster.owners(key))}

    cluster.play(story())


def test_actors_are_fresh_with_every_ring():
    """V2: a range that is ours again must not go on counting where we stopped."""
    cluster = Cluster()

    async def story():
        key, client = KEYS[0], cluster.client()
        first = cluster.owners(key)[0]
        await client.put(key, "a", None, first)
        other = next(name for name in cluster.nodes if name not in cluster.owners(key))
        await leave(cluster, other)
        await client.put(key, "b", (await client.get(key, first)).context, first)
        assert len(cluster.state(first, key).vector) == 2

    cluster.play(story())
