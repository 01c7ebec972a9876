"""The shopping cart of sections 2.3 and 4.4: always writeable, merged by its application."""

from tests.unit.reference.cluster import KEY, Cluster


def items(values: list[str]) -> set[str]:
    """A cart is its items, joined; several versions are reconciled by their union."""
    return {item for value in values for item in value.split("+") if item}


async def add(client, item: str, node: str) -> None:
    """Read, reconcile, add, write with the context of what was read."""
    read = await client.get(KEY, node)
    await client.put(KEY, "+".join(sorted({*items(read.values), item})), read.context, node)


async def remove(client, item: str, node: str) -> None:
    read = await client.get(KEY, node)
    await client.put(KEY, "+".join(sorted(items(read.values) - {item})), read.context, node)


def split(cluster: Cluster) -> list[tuple[str, str]]:
    """Links between the first owner with one fallback, and everybody else."""
    here = (cluster.owners()[0], cluster.fallbacks()[0])
    there = [node for node in cluster.nodes if node not in here]
    return [link for a in here for b in there for link in ((a, b), (b, a))]


def test_an_add_can_never_be_forgotten_or_rejected():
    """4.4: "an 'Add to Cart' operation can never be forgotten or rejected". On both sides of a partition."""
    cluster = Cluster()

    async def story():
        mine, yours = cluster.client(), cluster.client()
        first, second, _ = cluster.owners()
        await add(mine, "book", first)
        await cluster.sleep(0.1)
        await cluster.testbed.block("split", split(cluster))
        await cluster.sleep(0.1)
        await add(mine, "lamp", first)
        await add(yours, "pen", second)
        await cluster.testbed.unblock("split")
        await cluster.settle()
        assert items((await mine.get(KEY, first)).values) == {"book", "lamp", "pen"}

    cluster.play(story())


def test_deleted_items_can_resurface():
    """4.4: "However, deleted items can resurface": a removal on one side, an add on the other."""
    cluster = Cluster()

    async def story():
        mine, yours = cluster.client(), cluster.client()
        first, second, _ = cluster.owners()
        await add(mine, "book", first)
        await cluster.sleep(0.1)
        await cluster.testbed.block("split", split(cluster))
        await cluster.sleep(0.1)
        await remove(mine, "book", first)
        await add(yours, "pen", second)
        await cluster.testbed.unblock("split")
        await cluster.settle()
        assert items((await mine.get(KEY, first)).values) == {"book", "pen"}

    cluster.play(story())


def test_a_put_may_return_before_all_replicas_have_it():
    """4.4: a put "may return to its caller before the update has been applied at all the replicas"."""
    cluster = Cluster()

    async def story():
        first, _, third = cluster.owners()
        await cluster.cut_off(third)
        await cluster.client().put(KEY, "book", None, first)
        assert third not in cluster.copies()
        assert len(cluster.copies()) >= cluster.config.w

    cluster.play(story())


def test_reading_both_sides_collapses_them():
    """4.4: reconciled versions are written with a context that covers all of them: one is left."""
    cluster = Cluster()

    async def story():
        client = cluster.client()
        for node in cluster.owners():
            await client.put(KEY, node, None, node)
        await cluster.settle()
        await add(client, "pen", cluster.owners()[0])
        await cluster.settle()
        (cart,) = cluster.copies()[cluster.owners()[1]]
        assert items([cart]) == {*cluster.owners(), "pen"}

    cluster.play(story())
