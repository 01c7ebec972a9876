"""D1, V2: reaping of tombstones and retiring of actors in a whole cluster. The mode is off by default."""

from contextlib import suppress
from random import Random
from typing import Any

import pytest

from harness.errors import Refused, Unanswered
from reference.config import ConfigError, NodeConfig
from reference.messages import Compact, Confirm, ReplicaPut
from tests.unit.reference.cluster import KEY, Cluster

REAP_S = 2.0
PATIENCE_S = 2.5 * REAP_S + 1


def reaping(**options: Any) -> Cluster:
    return Cluster(**{"reap_tombstones_s": REAP_S, "floor_s": 600.0, **options})


async def put_and_delete(cluster: Cluster, node: str, value: str = "v") -> Any:
    """The state that held the value, on which the delete was built."""
    client = cluster.client()
    await client.put(KEY, value, None, node)
    await cluster.sleep(0.1)
    alive = cluster.state(cluster.owners()[0])
    await client.delete(KEY, (await client.get(KEY, node)).context, node)
    return alive


async def agreed(cluster: Cluster, node: str, digest: bytes | None = None) -> tuple[str, ...]:
    """To what a node says yes when it is asked about the first owner's state."""
    first = cluster.owners()[0]
    digest = digest or cluster.state(first).digest()
    view = cluster.node(first).members.view.id
    return (await cluster.ask(node, Confirm, view, ((KEY, digest, ()),))).keys


def clocks(cluster: Cluster, key: str = KEY) -> list[list[str]]:
    """The actors that each owner's copy knows."""
    return [list(cluster.state(owner, key).vector) for owner in cluster.owners(key)]


def roots(cluster: Cluster) -> list[dict[int, int]]:
    """Merkle roots that two nodes could compare, a node."""
    found = []
    for name in cluster.nodes:
        tree = cluster.node(name).antientropy
        ranges = cluster.node(name).members.ring.ranges(cluster.config.n)
        found.append({index: tree.root(index) for index, owners in enumerate(ranges) if name in owners})
    return found


def test_by_default_nothing_is_forgotten():
    cluster = Cluster()

    async def story():
        await put_and_delete(cluster, cluster.owners()[0])
        await cluster.sleep(20)
        assert cluster.messages(Confirm) == []
        assert cluster.copies() == cluster.everywhere()

    cluster.play(story())


def test_a_deleted_key_is_forgotten_by_all_and_leaves_the_merkle_trees():
    cluster = reaping()

    async def story():
        before = roots(cluster)
        await put_and_delete(cluster, cluster.owners()[0])
        await cluster.sleep(REAP_S / 2)
        assert cluster.copies() == cluster.everywhere()
        await cluster.sleep(PATIENCE_S)
        assert cluster.copies() == {}
        assert roots(cluster) == before

    cluster.play(story())


def test_a_value_that_is_alive_stays_and_its_clock_is_cut():
    """V4's cure without its harm: entries of actors that are gone leave, the living dot's stays."""
    cluster = reaping()

    async def story():
        client = cluster.client()
        for turn in range(12):
            node = cluster.owners()[turn % 3]
            await client.put(KEY, str(turn), (await client.get(KEY, node)).context, node)
            await cluster.restart(node)
            await cluster.sleep(0.2)
        assert len(clocks(cluster)[0]) == 12
        await cluster.sleep(PATIENCE_S)
        (first, *others) = clocks(cluster)
        assert len(first) == 1
        assert others == [first, first]
        assert cluster.copies() == cluster.everywhere("11")

    cluster.play(story())


def test_clocks_stay_bounded_over_many_restarts():
    cluster = reaping()

    async def story():
        client, sizes = cluster.client(), []
        for turn in range(15):
            for step in range(3):
                node = cluster.owners()[(turn + step) % 3]
                await client.put(KEY, f"{turn}.{step}", (await client.get(KEY, node)).context, node)
                await cluster.restart(node)
                await cluster.sleep(0.2)
            await cluster.sleep(PATIENCE_S)
            sizes.append(len(cluster.state(cluster.owners()[0]).vector))
        assert max(sizes) <= 3

    cluster.play(story())


@pytest.mark.parametrize("silent", ["owner", "outsider"])
def test_one_member_that_does_not_answer_stops_it(silent):
    """D1's pitfall: what it holds is not known, whether or not it is an owner."""
    cluster = reaping()

    async def story():
        await put_and_delete(cluster, cluster.owners()[0])
        await cluster.sleep(0.2)
        down = cluster.owners()[1] if silent == "owner" else cluster.fallbacks()[0]
        await cluster.testbed.kill(down)
        await cluster.sleep(3 * PATIENCE_S)
        assert len(cluster.copies()) >= 2
        await cluster.testbed.start(down)
        await cluster.sleep(PATIENCE_S)
        assert cluster.copies() == {}

    cluster.play(story())


def test_one_hint_stops_it():
    """D1's rule: an old value may be in it. The hint's owner cannot be reached by its holder alone."""
    cluster = reaping(anti_entropy_s=100.0)

    async def story():
        first, _, third = cluster.owners()
        holder = cluster.fallbacks()[0]
        await put_and_delete(cluster, first)
        await cluster.sleep(0.2)
        links = [(holder, third), (third, holder)]
        old = await cluster.write(first, "other", b"x")
        assert old is not None
        await cluster.testbed.block("cut", links)
        state = cluster.state(first)
        cluster.testbed.network.send(first, holder, ReplicaPut((9, 9), KEY, state, third))
        await cluster.sleep(2 * PATIENCE_S)
        assert cluster.hints() == {holder: [third]}
        assert len(cluster.copies()) == 3
        await cluster.testbed.unblock("cut")
        await cluster.sleep(PATIENCE_S)
        assert cluster.copies() == {}

    cluster.play(story())


def test_who_agrees_has_forgotten_its_hints_for_good():
    """D1's rule: durable. The end of a delivered hint is noted, and would be lost in a power cut."""
    cluster = reaping(reap_tombstones_s=500.0, anti_entropy_s=100.0)

    async def story():
        first, _, third = cluster.owners()
        holder = cluster.fallbacks()[0]
        fault = await cluster.cut_off(third)
        await cluster.suspect(third)
        await cluster.client().put(KEY, "v", None, first)
        await cluster.sleep(0.2)
        assert third in cluster.hints()[holder]
        await cluster.testbed.unblock(fault)
        await cluster.settle()
        assert cluster.hints() == {}
        assert await agreed(cluster, holder) == (KEY,)
        await cluster.testbed.power_cut(holder)
        await cluster.testbed.start(holder)
        assert cluster.hints() == {}

    cluster.play(story())


def test_a_copy_at_a_node_that_is_no_owner_stops_it():
    """It had it under an earlier ring, and has yet to hand it over."""
    cluster = reaping(reap_tombstones_s=500.0)

    async def story():
        await put_and_delete(cluster, cluster.owners()[0])
        outsider = cluster.fallbacks()[0]
        assert await agreed(cluster, outsider) == (KEY,)
        await cluster.node(outsider).replica.merge(KEY, cluster.state(cluster.owners()[0]))
        assert await agreed(cluster, outsider) == ()

    cluster.play(story())


def test_an_owner_agrees_to_exactly_what_it_holds():
    cluster = reaping(reap_tombstones_s=500.0)

    async def story():
        first, second, _ = cluster.owners()
        alive = await put_and_delete(cluster, first)
        await cluster.sleep(0.2)
        assert await agreed(cluster, second) == (KEY,)
        assert await agreed(cluster, second, alive.digest()) == ()
        await cluster.testbed.kill(second)
        await cluster.testbed.wipe(second)
        await cluster.testbed.start(second)
        assert await agreed(cluster, second) == (), "it lost its disk: it holds less"

    cluster.play(story())


@pytest.mark.parametrize("restarted", [False, True], ids=["", "after a restart"])
def test_a_late_copy_of_what_was_forgotten_revives_nothing(restarted):
    """D1's pitfall (riak_kv#226), B27: the floor is durable with what was forgotten."""
    cluster = reaping()

    async def story():
        first, *_ = cluster.owners()
        alive = await put_and_delete(cluster, first)
        await cluster.sleep(PATIENCE_S)
        assert cluster.copies() == {}
        if restarted:
            for name in cluster.nodes:
                await cluster.restart(name)
        for owner in cluster.owners():
            cluster.testbed.network.send(first, owner, ReplicaPut((9, 9), KEY, alive))
        cluster.testbed.network.send(first, cluster.fallbacks()[0], ReplicaPut((9, 9), KEY, alive, first))
        await cluster.sleep(1)
        assert (await cluster.read(first)).values == ()
        await cluster.sleep(2 * PATIENCE_S)
        assert cluster.copies() == {}, "what came back of its clock is forgotten again"

    cluster.play(story())


def test_after_the_floor_is_gone_a_late_copy_would_come_back():
    """Why the mode is off by default, and that it is the floor which holds until then."""
    cluster = reaping(floor_s=REAP_S)

    async def story():
        first, *_ = cluster.owners()
        alive = await put_and_delete(cluster, first)
        await cluster.sleep(PATIENCE_S + 2 * REAP_S)
        assert cluster.copies() == {}
        cluster.testbed.network.send(first, first, ReplicaPut((9, 9), KEY, alive))
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere("v")

    cluster.play(story())


def test_a_key_that_was_forgotten_is_written_again_under_a_fresh_actor():
    """V2, B28: a context from before would cover a counter that begins anew, and the write be lost."""
    cluster = reaping()

    async def story():
        first, *_ = cluster.owners()
        client = cluster.client()
        await client.put(KEY, "1", None, first)
        old = await client.get(KEY, first)
        before = clocks(cluster)[0]
        await client.delete(KEY, old.context, first)
        await cluster.sleep(PATIENCE_S)
        await client.put(KEY, "2", None, first)
        await cluster.sleep(0.1)
        assert not [actor for actor in clocks(cluster)[0] if actor in before]
        await client.put(KEY, "3", old.context, first)
        assert sorted((await client.get(KEY, first)).values) == ["2", "3"]

    cluster.play(story())


def test_a_context_from_before_the_cut_still_covers_what_it_covered():
    cluster = reaping()

    async def story():
        first, second, _ = cluster.owners()
        client = cluster.client()
        await client.put(KEY, "1", None, first)
        await cluster.restart(first)
        await client.put(KEY, "2", (await client.get(KEY, second)).context, second)
        seen = await client.get(KEY, second)
        await cluster.sleep(PATIENCE_S)
        assert len(clocks(cluster)[0]) == 1
        await client.put(KEY, "3", seen.context, first)
        assert (await client.get(KEY, first)).values == ["3"]

    cluster.play(story())


def test_an_owner_that_was_not_told_gives_the_entries_back_until_all_are():
    """The worst that may happen: they come back, all agree on them, and they go again."""
    cluster = reaping()
    deaf: list[str] = [cluster.owners()[2]]
    cluster.lose = lambda source, target, message: isinstance(message, Compact) and target in deaf

    async def story():
        await put_and_delete(cluster, cluster.owners()[0])
        await cluster.sleep(3 * PATIENCE_S)
        assert cluster.messages(Compact)
        assert cluster.state(deaf[0]).versions == {}
        deaf[0] = "nobody"
        await cluster.sleep(2 * PATIENCE_S)
        assert cluster.copies() == {}

    cluster.play(story())


def test_a_write_between_the_agreement_and_the_cut_is_kept():
    """Each owner looks once more at what it drops."""
    cluster = reaping()
    late: list[tuple[str, str, Any]] = []

    def hold_back(source: str, target: str, message: Any) -> bool:
        if isinstance(message, Compact) and len(late) < 4:
            late.append((source, target, message))
            return True
        return False

    cluster.lose = hold_back

    async def story():
        await put_and_delete(cluster, cluster.owners()[0])
        while not late:
            await cluster.sleep(0.05)
        client = cluster.client()
        await client.put(KEY, "new", None, cluster.owners()[1])
        await cluster.sleep(0.2)
        for source, target, message in late:
            cluster._transmit(source, target, message)
        await cluster.sleep(PATIENCE_S)
        assert cluster.copies() == cluster.everywhere("new")

    cluster.play(story())


def test_a_write_on_its_way_to_the_disk_is_not_cut_off():
    """The copy that is cut is not yet the newest: to write it would undo what is being written."""
    cluster = reaping()
    late: list[Any] = []

    def hold_back(source: str, target: str, message: Any) -> bool:
        late.extend([message] if isinstance(message, Compact) else [])
        return isinstance(message, Compact)

    cluster.lose = hold_back

    async def story():
        second = cluster.owners()[1]
        await put_and_delete(cluster, cluster.owners()[0])
        while not late:
            await cluster.sleep(0.05)
        putting = cluster.testbed.spawn(cluster.client().put(KEY, "new", None, second), "put")
        node = cluster.node(second)
        while node.replica.quiet(KEY):
            await cluster.sleep(0.0001)
        await node.retirement.compact(late[0])
        assert cluster.copies()[second] == ["new"]
        await putting

    cluster.play(story())


@pytest.mark.parametrize("seed", range(8))
def test_with_crashes_cuts_and_late_copies_nothing_is_lost_and_nothing_comes_back(seed):
    """Every acknowledged write is there or covered; all agree, clocks are short, and then it is quiet.

    Late copies are of any message between replicas that was ever sent, however long ago.
    """
    cluster = reaping(seed=seed, anti_entropy_s=0.5)
    rng = Random(seed)
    keys = ["k", "l", "m"]
    covered: dict[str, bool] = {}
    acknowledged: dict[str, str] = {}
    replaced: dict[str, bool] = {}

    async def client(number: int) -> None:
        asks = cluster.client(0.5)
        for turn in range(25):
            key, node, value = rng.choice(keys), rng.choice(cluster.nodes), f"{number}:{turn}"
            with suppress(Refused, Unanswered):
                seen = await asks.get(key, node)
                for old in seen.values:
                    covered[old] = True
                if seen.values and rng.random() < 0.3:
                    await asks.delete(key, seen.context, node)
                else:
                    await asks.put(key, value, seen.context, node)
                    acknowledged[value] = key
                replaced.update(dict.fromkeys(seen.values, True))
            await cluster.sleep(rng.choice((0.01, 0.1, 3.0)))

    async def trouble() -> None:
        for _ in range(12):
            await cluster.sleep(rng.uniform(0.2, 3.0))
            for source, target, copy in rng.choices(cluster.messages(ReplicaPut), k=10):
                cluster.testbed.network.send(source, target, copy._replace(request=(9, 9)))
            node = rng.choice(cluster.nodes)
            if rng.random() < 0.5:
                await cluster.restart(node)
                continue
            fault = await cluster.cut_off(node)
            await cluster.sleep(rng.uniform(0.2, 2.0))
            await cluster.testbed.unblock(fault)

    async def story():
        tasks = [cluster.testbed.spawn(client(number), "client") for number in range(3)]
        await trouble()
        for task in tasks:
            await task
        await cluster.settle()
        held = [cluster.copies(key) for key in keys]
        for value, key in acknowledged.items():
            copies = cluster.copies(key).values()
            assert value in covered or (copies and all(value in values for values in copies))
        assert len(acknowledged) > 20
        assert not [
            value
            for key in keys
            for held in cluster.copies(key).values()
            for value in held
            if value in replaced
        ]
        for key in keys:
            digests = {cluster.state(owner, key).digest() for owner in cluster.copies(key)}
            assert len(cluster.copies(key)) in (0, 3)
            assert len(digests) <= 1
            for owner in cluster.copies(key):
                state = cluster.state(owner, key)
                assert len(state.vector) <= len(state.versions) + len(cluster.nodes)
        sent = len(cluster.messages(Compact))
        await cluster.sleep(5 * REAP_S)
        assert len(cluster.messages(Compact)) == sent, "quiescence"
        assert [cluster.copies(key) for key in keys] == held

    cluster.play(story())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "last-writer"}, "needs mode: dotted"),
        ({"engine": "memory"}, "needs mode: dotted, a disk"),
        ({"durability": "buffer"}, "durability: fsync"),
        ({"anti_entropy_s": 0.0}, "needs anti-entropy"),
        ({"reap_tombstones_s": 0.1}, "between 2 x request_timeout_s and floor_s"),
        ({"floor_s": 1.0}, "between 2 x request_timeout_s and floor_s"),
    ],
)
def test_where_it_cannot_work_it_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        NodeConfig(**{"reap_tombstones_s": REAP_S, **options})
