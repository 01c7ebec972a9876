"""Figure 3, "Version evolution of an object over time" (section 4.4), played on a cluster of five nodes.

Sx, Sy and Sz are the three owners of the key. Sy and Sz are kept apart while D3 and D4 are written.
"""

import pytest

from tests.unit.reference.cluster import KEY, Cluster


def clocks(cluster: Cluster, node: str) -> dict[str, dict[str, int]]:
    """value -> its clock, with servers called as in the figure."""
    names = dict(zip(cluster.owners(), ("Sx", "Sy", "Sz"), strict=True))
    versions = cluster.state(node).versions
    return {
        value.decode(): {names[server]: counter for server, counter, _ in clock} for clock, value in versions
    }


async def figure(cluster: Cluster, check) -> None:
    """The story of the figure; `check` is called after each step with the name of the new version."""
    sx, sy, sz = cluster.owners()
    client, other = cluster.client(), cluster.client()

    await client.put(KEY, "D1", None, sx)
    check("D1")

    await client.put(KEY, "D2", (await client.get(KEY, sx)).context, sx)
    await cluster.sleep(0.05)
    check("D2")

    d2, d2_too = await client.get(KEY, sy), await other.get(KEY, sz)
    await cluster.testbed.block("apart", [(sy, sz), (sz, sy), (sx, sy), (sy, sx), (sx, sz), (sz, sx)])
    await client.put(KEY, "D3", d2.context, sy)
    check("D3")
    await other.put(KEY, "D4", d2_too.context, sz)
    check("D4")

    await cluster.testbed.unblock("apart")
    await cluster.settle()
    both = await client.get(KEY, sx)
    assert sorted(both.values) == ["D3", "D4"]
    check("both")

    await client.put(KEY, "D5", both.context, sx)
    await cluster.settle()
    check("D5")


def test_the_papers_clocks():
    """Each clock as the figure prints it."""
    cluster = Cluster(mode="paper-clock")
    sx, sy, sz = cluster.owners()
    expected = {
        "D1": (sx, {"D1": {"Sx": 1}}),
        # "D2 descends from D1 and therefore over-writes D1"
        "D2": (sx, {"D2": {"Sx": 2}}),
        "D3": (sy, {"D3": {"Sx": 2, "Sy": 1}}),
        "D4": (sz, {"D4": {"Sx": 2, "Sz": 1}}),
        # "both versions of the data must be kept and presented to a client"
        "both": (sx, {"D3": {"Sx": 2, "Sy": 1}, "D4": {"Sx": 2, "Sz": 1}}),
        "D5": (sx, {"D5": {"Sx": 3, "Sy": 1, "Sz": 1}}),
    }
    seen = []

    def check(step: str) -> None:
        node, versions = expected[step]
        assert clocks(cluster, node) == versions
        seen.append(step)

    cluster.play(figure(cluster, check))
    assert seen == list(expected)
    assert cluster.copies() == cluster.everywhere("D5")


@pytest.mark.parametrize("mode", ["dotted", "paper-clock"])
def test_dotted_versions_tell_the_same_story(mode):
    """What a client sees is the same: the difference begins where two stale contexts meet one server."""
    cluster = Cluster(mode=mode)
    told = []

    def check(step: str) -> None:
        told.append((step, sorted({value for held in cluster.copies().values() for value in held})))

    cluster.play(figure(cluster, check))
    assert [values for step, values in told if step in ("D1", "D2", "both", "D5")] == [
        ["D1"],
        ["D2"],
        ["D3", "D4"],
        ["D5"],
    ]


@pytest.mark.parametrize(("mode", "left"), [("dotted", ["D3", "D4"]), ("paper-clock", ["D4"])])
def test_where_the_figure_would_lose_d3(mode, left):
    """The same with D3 and D4 through one server: the paper's clock of D4 descends from D3's, which the
    client never saw. This is why dotted versions are the default."""
    cluster = Cluster(mode=mode)

    async def story():
        client, sx = cluster.client(), cluster.owners()[0]
        await client.put(KEY, "D2", None, sx)
        d2 = await client.get(KEY, sx)
        await client.put(KEY, "D3", d2.context, sx)
        await client.put(KEY, "D4", d2.context, sx)
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere(*left)

    cluster.play(story())
