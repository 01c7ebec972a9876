"""A plan's variant for a testbed takes the place of what the plan says, and complaints name its lines."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.plan.cells import runs_of
from harness.plan.load import load
from harness.plan.schema import Plan
from harness.plan.variants import on_testbed

PLAN = """\
name: p
systems:
  - label: dotted
workloads:
  - workload: register
nemeses:
  - label: partitions
    lanes: [{ nemesis: partition }]
testbed: { name: sim, nodes: 5, options: { latency_ms: [1, 2] } }
variants:
  local:
    seeds_per_cell: 1
    nemeses:
      - label: crashes
        lanes: [{ nemesis: kill }]
"""


def loaded(tmp_path: Path, text: str = PLAN):
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    found = load(path)
    assert isinstance(found.value, Plan)
    return found.value, found.document


def test_on_its_own_testbed_the_plan_is_what_it_says(tmp_path: Path) -> None:
    plan, document = loaded(tmp_path)
    chosen, _ = on_testbed(plan, document, "sim")
    assert [run.nemesis.label for run in runs_of(chosen)] == ["partitions"] * 8
    assert runs_of(chosen) == runs_of(plan)
    assert chosen.testbed == plan.testbed


def test_on_another_testbed_the_variant_replaces_what_it_names(tmp_path: Path) -> None:
    plan, document = loaded(tmp_path)
    chosen, _ = on_testbed(plan, document, "local")
    (run,) = runs_of(chosen)
    assert (run.testbed.name, run.testbed.nodes) == ("local", 5)
    assert run.testbed.options == {}  # a simulated latency means nothing there
    assert run.nemesis.label == "crashes"
    assert run.workload == plan.workloads[0]


def test_without_a_variant_only_the_testbed_changes(tmp_path: Path) -> None:
    plan, document = loaded(tmp_path)
    chosen, _ = on_testbed(plan, document, "netns")
    assert chosen.nemeses == plan.nemeses
    assert chosen.testbed.name == "netns"


def test_a_complaint_names_the_line_in_the_variant(tmp_path: Path) -> None:
    plan, document = loaded(tmp_path)
    _, lines = on_testbed(plan, document, "local")
    assert lines.place("$.nemeses[0].label") == f"{document.path}:14: nemeses[0].label"
    assert lines.place("$.systems[0].label") == f"{document.path}:3: systems[0].label"
    assert document.place("$.nemeses[0].label") == f"{document.path}:7: nemeses[0].label"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("    seeds_per_cell: 0", r"plan.yaml:12: seeds_per_cell: must be at least 1"),
        ("    seeds: 1", r"plan.yaml:12: variants.local.seeds: unknown field"),
        ("    systems: []", r"plan.yaml:12: systems: is empty"),
    ],
)
def test_a_variant_is_checked_as_a_plan_is(tmp_path: Path, wrong: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        loaded(tmp_path, PLAN.replace("    seeds_per_cell: 1", wrong))


def test_a_misspelt_field_deep_in_a_variant_is_told_with_what_was_meant(tmp_path: Path) -> None:
    wrong = PLAN.replace("      - label: crashes\n        lanes:", "      - label: crashes\n        lane:")
    with pytest.raises(UsageError, match=r"plan.yaml:15: .*lane: unknown field: did you mean `lanes`"):
        loaded(tmp_path, wrong)
