"""Section 6: instances differ in N, R, W and in how they reconcile. Four patterns, each with its promise."""

from pathlib import Path

import pytest

from checkers import check
from harness.plan.schema import LanePlan, NemesisPlan, Run, SystemPlan, WorkloadPlan
from harness.run.lifecycle import execute
from harness.systems.dynamo import Dynamo
from reference.config import OPTIONS, PATTERNS, ConfigError, NodeConfig
from reference.messages import ReplicaGet, ReplicaPut
from tests.unit.reference.cluster import KEY, Cluster


def chosen(pattern: str, **options) -> NodeConfig:
    return NodeConfig.of({"pattern": pattern, **options})


def cluster(pattern: str, **options) -> Cluster:
    """Of five nodes."""
    config = chosen(pattern, **options)
    return Cluster(**{name: getattr(config, name) for name in config.__dataclass_fields__})


@pytest.mark.parametrize(
    ("pattern", "mode", "n", "r", "w"),
    [
        ("business-logic", "dotted", 3, 2, 2),
        ("timestamp", "last-writer", 3, 2, 2),
        ("read-engine", "dotted", 3, 1, 3),
        ("common", "dotted", 3, 2, 2),
    ],
)
def test_a_pattern_is_a_configuration(pattern, mode, n, r, w):
    """6: "typically R is set to 1 and W to N"; "(N,R,W) ... used by several instances ... is (3,2,2)"."""
    config = chosen(pattern)
    assert (config.mode, config.n, config.r, config.w, config.sloppy) == (mode, n, r, w, True)
    assert pattern in OPTIONS["pattern"]


def test_what_is_given_beside_the_pattern_goes_on_top():
    assert chosen("timestamp", w=3, r=1).w == 3
    assert chosen("common", mode="last-writer").mode == "last-writer"


def test_the_read_engines_w_is_n_whatever_n_is():
    assert (chosen("read-engine", n=5).w, chosen("read-engine", n=5, w=4).w) == (5, 4)


@pytest.mark.parametrize("pattern", ["reed-engine", 3])
def test_an_unknown_pattern_is_refused_with_those_that_there_are(pattern):
    with pytest.raises(ConfigError, match="is none of business-logic, timestamp, read-engine, common"):
        NodeConfig.of({"pattern": pattern})


def test_business_logic_reconciles_what_the_store_keeps():
    """6: "the client application performs its own reconciliation": both carts are there to be merged."""
    story_of = cluster("business-logic")
    assert sorted(story_of.play(two_at_once(story_of))) == ["a", "b"]


def test_timestamp_reconciliation_keeps_the_last():
    """6: "the object with the largest physical timestamp value is chosen as the correct version"."""
    story_of = cluster("timestamp")
    assert story_of.play(two_at_once(story_of)) == ["b"]


async def two_at_once(cluster: Cluster) -> list[str]:
    """Two clients write without having read the other's value; what a third reads."""
    first, second = cluster.owners()[:2]
    await cluster.client().put(KEY, "a", None, first)
    await cluster.client().put(KEY, "b", None, second)
    return (await cluster.client().get(KEY, first)).values


def test_the_read_engine_reads_from_one_replica_without_waiting():
    """6: "high performance read engine": with R=1 an owner answers from its own copy."""
    story_of = cluster("read-engine")

    async def story():
        owner = story_of.owners()[1]
        await story_of.client().put(KEY, "v", None, story_of.owners()[0])
        await story_of.cut_off(*(node for node in story_of.nodes if node != owner))
        began = story_of.testbed.now()
        answer = await story_of.read(owner)
        assert story_of.testbed.now() - began < story_of.config.replica_timeout_s * 1e9, (
            "it waited for others"
        )
        return answer.values

    assert story_of.play(story()) == (b"v",)
    assert story_of.messages(ReplicaGet), "they are asked all the same, for read repair"


@pytest.mark.parametrize("down", [1, 2])
def test_with_sloppy_quorums_its_writes_stay_available_with_nodes_down(down):
    """U1's pitfall: W=N sounds like no writes with one node down; N healthy nodes are not N primaries."""
    story_of = cluster("read-engine")

    async def story():
        away = story_of.owners()[-down:]
        fault = await story_of.cut_off(*away)
        await story_of.suspect(*away)
        await story_of.client().put(KEY, "v", None, story_of.owners()[0])
        await story_of.testbed.unblock(fault)
        await story_of.settle()
        assert story_of.copies() == story_of.everywhere("v")

    story_of.play(story())
    assert any(message.owner for *_, message in story_of.messages(ReplicaPut)), "a fallback stood in"


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("seed", [1, 2])
def test_under_faults_each_keeps_its_own_promise(pattern, seed, tmp_path: Path):
    """Partitions, crashes, skew. U1's pitfall: what last-writer-wins drops breaks no promise of its own."""
    config = {"pattern": pattern}
    run = Run(
        name=pattern,
        seed=seed,
        system=SystemPlan(pattern, config=config),
        workload=WorkloadPlan("register", operations=200, keys=5, clients=5),
        nemesis=NemesisPlan("some", tuple(LanePlan(name) for name in ("partition", "kill", "clock"))),
    )
    ended = execute(run, tmp_path)
    assert ended.failure is None
    report = check(tmp_path / "history.jsonl")
    assert report.promise == Dynamo().promise(config)
    assert report.verdict == "valid", report
