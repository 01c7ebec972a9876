"""Where things stand in the drawings."""

import json
import re
from dataclasses import replace

import pytest

from checkers.model.history import OPEN
from harness.report.drawing import bars, legend, plots, spacetime_layout, versions
from harness.report.drawing.spacetime_layout import label_px, lay_out, op_label
from harness.report.model import proofs
from harness.report.model.faults import sides
from harness.report.model.lineage import lineage
from harness.report.model.run_model import Step
from harness.report.model.source import read_run
from harness.report.pages import run_page


@pytest.fixture
def page(run):
    return run_page.build(read_run(run))


@pytest.fixture
def layout(page):
    return spacetime_layout.lay_out(page.proofs[0], page.history.meta["nodes"])


def test_a_partition_is_one_wall_between_its_sides(page, layout):
    assert layout.wall.id == "f2"
    above = [lane.name for lane in layout.lanes if lane.y < layout.wall_y]
    below = [lane.name for lane in layout.lanes if lane.y > layout.wall_y]
    assert (above, below) == (["c2", "n1", "n2"], ["n3", "c4"])
    assert sides(layout.wall, page.history.meta["nodes"]) == [["n1", "n2", "n5"], ["n3", "n4"]]


def test_time_never_runs_backwards_and_labels_have_room(page, layout):
    assert list(layout.xs) == sorted(layout.xs)
    first, second = page.proofs[0].ops[:2]
    assert layout.x(second.inv) - layout.x(first.inv) >= len(spacetime_layout.op_label(first)) * 6
    assert layout.x(first.ret) - layout.x(first.inv) >= 40


def test_an_idle_stretch_shrinks_to_its_logarithm():
    assert spacetime_layout.gap_px(1_000_000) < spacetime_layout.gap_px(1_000_000_000) <= 76


def test_the_lost_version_stands_alone_and_what_is_held_covers_the_rest(page):
    graph = lineage(page.proofs[0], page.history)
    by_value = {version.op.value: version for version in graph.versions}
    assert by_value["1:143"].covered
    assert by_value["3:161"].held_by == ("n1", "n2", "n3")
    assert not by_value["4:267"].covered
    assert not by_value["4:267"].held_by
    assert [(edge.earlier, edge.later) for edge in graph.edges] == [
        (by_value["1:143"].op.id, by_value["3:161"].op.id)
    ]


def test_a_bar_for_each_run_and_the_worst_stands_tallest():
    drawn = bars.run_bars([["valid", "invalid"], ["harness"]])
    heights = {
        cls: float(d.split("v")[1].split("h")[0])
        for d, cls in re.findall(r'd="([^"]+)" class="([^"]+)"', drawn)
    }
    assert heights["tk"] < heights["tu tx"] < heights["tb"] == 20
    assert "3 runs: 1 valid, 1 invalid, 1 harness" in drawn


def test_many_runs_become_shares_in_which_one_violation_is_still_seen():
    drawn = bars.run_bars([["valid"] * 5_000 + ["invalid"]])
    assert len(drawn) < 600
    width = re.search(r'd="M0.0 0.0h([\d.]+)[^"]*" class="tb"', drawn)
    assert width is not None
    assert float(width[1]) >= 2.9


def test_a_log_axis_holds_its_values_and_marks_round_ones():
    axis = plots.log_axis([2.0, 40.0])
    assert 0 < axis.at(2.0) < axis.at(40.0) < 100
    assert axis.marks() == [2.0, 5.0, 10.0, 20.0, 50.0]


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0 %"), (99.94, "99.94 %"), (0.00057, "0.000570 %"), (12.5, "12.50 %")]
)
def test_percentages_keep_three_digits(value, shown):
    assert plots.percent(value) == shown


def test_the_put_inside_a_lost_add_is_the_version_that_the_graph_is_about(run):
    history = run / "history.jsonl"
    lines = history.read_text().splitlines()
    add = {
        "kind": "op",
        "type": "invoke",
        "op": 9000,
        "time": 11_361_000_000,
        "process": 4,
        "f": "add",
        "key": "k118",
    }
    changed = [line.replace('"op": 4,', '"op": 4, "parent": 9000,') for line in lines]
    place = next(i for i, line in enumerate(changed) if '"parent": 9000' in line)
    history.write_text(
        "\n".join([*changed[:place], json.dumps({**add, "value": "4:t"}), *changed[place:]]) + "\n"
    )
    folder = read_run(run)
    violation = {
        "kind": "set",
        "key": "k118",
        "ops": [9000],
        "message": "gone",
        "proof": ["op 9000 added `4:t`"],
    }
    proof = proofs.build("set", {"asserted": True}, violation, folder.history, "set-1")
    put = next(row for row in proof.rows if isinstance(row, Step) and row.f == "put")
    assert put.part_of == proof.numbers[9000]
    assert [version.op.value for version in lineage(proof, folder.history).versions if version.loud] == [
        "4:267"
    ]


def test_the_key_of_a_diagram_explains_the_strokes_that_occur(run):
    proof = run_page.build(read_run(run)).proofs[0]
    key = legend.legend(proof)
    assert "hatched" in key, "there is a partition"
    assert "dashed arrow: the answer" in key
    assert "clock is off" not in key, "no clock was moved"
    unanswered = replace(proof.ops[0], type="info", ret=OPEN)
    assert "dashed bar: no answer" in legend.legend(replace(proof, ops=(unanswered,)))


def test_a_version_box_holds_its_longest_line(run):
    folder = read_run(run)
    proof = run_page.build(folder).proofs[0]
    drawn = versions.draw(proof, folder.history)
    widths = [float(found) for found in re.findall(r'<rect x="\d+" y="\d+" width="([\d.]+)"', drawn)]
    longest = max(len(line) for line in re.findall(r">(by c\d+[^<]*)<", drawn))
    assert min(widths) >= 6 * longest + 11


def test_no_label_of_one_client_runs_into_the_next(run):
    """Every label ends before the next one on its lane begins, and before the final reads do."""
    folder = read_run(run)
    for proof in run_page.build(folder).proofs:
        layout = lay_out(proof, [str(node) for node in folder.history.meta["nodes"]])
        by_client = {}
        for op in proof.ops:
            by_client.setdefault(op.process, []).append(op)
        for ops in by_client.values():
            starts = [layout.x(op.inv) for op in ops]
            for op, start, limit in zip(ops, starts, [*starts[1:], layout.finals_x + 24], strict=True):
                assert start + label_px(op_label(op)) <= limit
