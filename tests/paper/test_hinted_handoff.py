"""Section 4.6 and Figure 2's nodes: A is down, D takes its replica, and gives it back."""

from tests.unit.reference.cluster import KEY, Cluster


def outage(cluster: Cluster):
    """The key's owners are (A, B, C), D is the next node; while A is down one put is made through B."""

    async def begin() -> str:
        a, b, _ = cluster.owners()
        fault = await cluster.cut_off(a)
        await cluster.suspect(a)
        await cluster.client().put(KEY, "v", None, b)
        await cluster.sleep(0.05)
        return fault

    return begin()


def test_the_first_n_healthy_nodes_take_the_write():
    """4.6: operations are on "the first N healthy nodes from the preference list"."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        await outage(cluster)
        _, b, c = cluster.owners()
        d = cluster.fallbacks()[0]
        assert sorted(cluster.copies()) == sorted((b, c))
        assert d in cluster.hints()

    cluster.play(story())


def test_the_hint_says_for_whom_it_is_and_is_kept_apart():
    """4.6: a hint "suggests which node was the intended recipient", in "a separate local database"."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        await outage(cluster)
        a, d = cluster.owners()[0], cluster.fallbacks()[0]
        assert cluster.hints()[d] == [a]
        assert KEY not in cluster.node(d).replica.copies

    cluster.play(story())


def test_upon_recovery_it_is_delivered_and_deleted():
    """4.6: D "will attempt to deliver the replica to A. Once the transfer succeeds, D may delete"."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        fault = await outage(cluster)
        await cluster.testbed.unblock(fault)
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere("v")
        assert cluster.hints() == {}

    cluster.play(story())


def test_while_a_stays_away_d_keeps_it():
    """A minute of an owner that is down, a restart of D in between: nothing is given up."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        await outage(cluster)
        a, d = cluster.owners()[0], cluster.fallbacks()[0]
        await cluster.sleep(30)
        await cluster.restart(d)
        await cluster.sleep(30)
        assert cluster.hints()[d] == [a]

    cluster.play(story())


def test_with_w_of_1_any_single_node_takes_writes():
    """4.6: "only rejected if all nodes in the system are unavailable". Four of five fail, one by one."""
    cluster = Cluster(n=3, w=1, r=1)

    async def story():
        client = cluster.client()
        down = []
        for number, node in enumerate(cluster.nodes[:4]):
            down.append(await cluster.cut_off(node))
            await cluster.suspect(node)
            await client.put(KEY, f"{number}", None, cluster.nodes[4])
        for fault in down:
            await cluster.testbed.unblock(fault)
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere("0", "1", "2", "3")

    cluster.play(story())
