"""A plan is read whole or refused in one line that names file, line, field and the fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.plan.cells import runs_of
from harness.plan.load import dump, load, read_run
from harness.plan.schema import Plan, Run

GOOD = """\
name: small
seed: 7
seeds_per_cell: 2
systems:
  - label: dotted
    config: {n: 3, r: 2, w: 2, mode: dotted}
workloads:
  - workload: register
    operations: 20
nemeses:
  - label: partitions
    lanes:
      - nemesis: partition
        hold_s: [0.5, 2]
"""


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "plan.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(folder: Path, text: str | bytes) -> str:
    """The one line that refuses this text, without the path of the folder."""
    path = write(folder, text)
    with pytest.raises(UsageError) as caught:
        load(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{path}")
    return message.removeprefix(f"{path}")


def test_a_good_plan_becomes_a_plan(tmp_path: Path) -> None:
    plan = load(write(tmp_path, GOOD)).value
    assert isinstance(plan, Plan)
    assert (plan.name, plan.seed, plan.systems[0].config["w"]) == ("small", 7, 2)
    assert plan.nemeses[0].lanes[0].hold_s == (0.5, 2.0)


def test_a_plan_and_a_run_survive_being_saved_and_read(tmp_path: Path) -> None:
    plan = load(write(tmp_path, GOOD)).value
    assert isinstance(plan, Plan)
    assert load(write(tmp_path, dump(plan))).value == plan
    run = runs_of(plan)[1]
    assert read_run(write(tmp_path, dump(run))) == run
    assert dump(read_run(write(tmp_path, dump(run)))) == dump(run)


def test_a_whole_plan_is_not_a_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a campaign's plan, not a single run's"):
        read_run(write(tmp_path, GOOD))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("seed: 7", "sed: 7"), ":2: sed: unknown field: did you mean `seed`?"),
        (("config:", "confg:"), ":6: systems[0].confg: unknown field: did you mean `config`?"),
        (
            ("hold_s: [0.5, 2]", "holds: [1, 2]"),
            ":14: nemeses[0].lanes[0].holds: unknown field: did you mean `hold_s`?",
        ),
        (("seed: 7", "seed: seven"), ":2: seed: expected a whole number, got text"),
        (("seed: 7", "seed: 7.5"), ":2: seed: expected a whole number, got a number"),
        (("seed: 7", "seed: -1"), ":2: seed: must be a whole number from 0 to 18446744073709551615"),
        (("  - label: dotted\n    config", "  - config"), ":5: systems[0]: the field `label` is missing"),
        (("name: small\n", ""), ":1: the field `name` is missing"),
        (("seeds_per_cell: 2", "seeds_per_cell: 0"), ":3: seeds_per_cell: must be at least 1, is 0"),
        (("seeds_per_cell: 2", "seeds_per_cell: 9999999"), ":3: seeds_per_cell: makes 9999999 runs"),
        (
            ("operations: 20", "operations: 0"),
            ":9: workloads[0].operations: must be from 1 to 10000000",
        ),
        (
            ("operations: 20", "operations: 20000000"),
            ":9: workloads[0].operations: must be from 1 to 10000000, is 20000000",
        ),
        (("seed: 7", "testbed: {nodes: 0}"), ":2: testbed.nodes: must be from 1 to 100, is 0"),
        (("seed: 7", "testbed: {nodes: 1001}"), ":2: testbed.nodes: must be from 1 to 100, is 1001"),
        (
            ("operations: 20", "timeout_s: 0"),
            ":9: workloads[0].timeout_s: must be from 0.001 to 60 sec",
        ),
        (
            ("[0.5, 2]", "[2, 1]"),
            ":14: nemeses[0].lanes[0].hold_s: must be [from, to], each from",
        ),
        (("[0.5, 2]", "[1]"), ":14: nemeses[0].lanes[0].hold_s: expected a list of length 2"),
        (("w: 2", "w: 4"), ":6: systems[0].config.w: W = 4 is more than N = 3: lower it to at most 3"),
        (("n: 3", "n: 9"), ":6: systems[0].config.n: N = 9 replicas need 9 nodes: the testbed has 5"),
        (("r: 2", "r: true"), ":6: systems[0].config.r: must be a whole number of at least 1"),
        (("label: dotted", "label: ../up"), ":5: systems[0].label: `../up` is no label"),
        (("seed: 7", "keep: al"), ":2: keep: unknown rule `al`: did you mean `all`?"),
        (("seed: 7", "name: again"), ":2: name: appears twice in one mapping: keep one"),
        (("seed: 7", "settle_s: .inf"), ":2: settle_s: must be a finite number"),
        (("mode: dotted", "mode: 2026-01-01"), ":6: systems[0].config.mode: is read as date"),
        (
            ("mode: dotted", "on: 1"),
            ":6: systems[0].config: the name `True` is read as bool, not text: quote it",
        ),
        (
            ("[0.5, 2]", "[0, 1.0e+300]"),
            ":14: nemeses[0].lanes[0].hold_s: must be [from, to], each from 0",
        ),
        (
            ("operations: 20", "rate_per_s: 1.0e-300"),
            ":9: workloads[0].rate_per_s: must be 0, or from 0.001",
        ),
        (("operations: 20", "rate_per_s: 1.0e+300"), ":9: workloads[0].rate_per_s: must be 0, or from 0.001"),
        (
            ("operations: 20", "{operations: 1000000, rate_per_s: 0.01}"[1:-1].replace(", ", "\n    ")),
            ":10: workloads[0].rate_per_s: 1000000 operations take 100000000.0 s: at most a day",
        ),
        (("operations: 20", "keys: 100000"), ":9: workloads[0].keys: must be from 1 to 10000, is 100000"),
        (("operations: 20", "timeout_s: 1.0e+9"), ":9: workloads[0].timeout_s: must be from 0.001 to 60"),
        (
            ("operations: 20\n", "timeout_s: 0.001\n    clients: 10000\n"),
            ":15: nemeses[0].lanes[0].hold_s: 10000 clients may take 20020000 names in 2 s",
        ),
        (("seed: 7", "settle_s: 1.0e+300"), ":2: settle_s: must be from 0.001 to 3600 seconds, is 1e+300"),
        (
            ("seed: 7", "targets: {max_gap_s: 1.0e+300}"),
            ":2: targets.max_gap_s: must be from 0.000001 to 86400",
        ),
        (("w: 2", f"w: {'9' * 400}"), ":6: systems[0].config.w: is a whole number of more than 64 bits"),
        (("w: 2", f"w: 0x{'f' * 4000}"), ":6: systems[0].config.w: is a whole number of more than 64 bits"),
        (("mode: dotted", 'mode: "\\ud800"'), ":6: systems[0].config.mode: holds the character U+D800"),
        (("mode: dotted", 'mode: "\\e[2J"'), ":6: systems[0].config.mode: holds the character U+001B"),
        (
            ("seed: 7", "targets: {put_success_min: 2}"),
            ":2: targets.put_success_min: must be from 0 to 1, is 2.0",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    assert change[0] in GOOD
    assert refusal(tmp_path, GOOD.replace(*change, 1)).startswith(message)


def test_labels_are_given_once(tmp_path: Path) -> None:
    twice = GOOD.replace("workloads:", "  - label: dotted\nworkloads:")
    expected = ":7: systems[1].label: `dotted` is the label of systems[0] too: give each its own `label`"
    assert refusal(tmp_path, twice) == expected
    twice = GOOD.replace("nemeses:", "  - workload: register\nnemeses:")
    assert "`register` is the label of workloads[0] too" in refusal(tmp_path, twice)


def test_an_empty_list_is_refused(tmp_path: Path) -> None:
    text = GOOD[: GOOD.index("nemeses:")] + "nemeses: []\n"
    assert refusal(tmp_path, text) == ":10: nemeses: is empty: give at least one entry"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ": is empty"),
        ("# nothing\n", ": is empty"),
        ("name: [1, 2\n", ":2: not valid YAML"),
        ("a: b: c\n", ":1: not valid YAML"),
        ("- a\n- b\n", ":1: expected a mapping of fields, got list"),
        ("just words\n", ":1: expected a mapping of fields, got str"),
        (b"\x7fELF\x02\x01\x01\x00\xff\xfe", ":1: not UTF-8 text"),
        (b"name: \x00\x01", ": not valid YAML"),
        ("name: !!python/object/apply:os.system [true]\n", ":1: not valid YAML"),
        ("a: " + "[" * 2000 + "]" * 2000, ": nested too deeply"),
        ("a: &a [1]\n---\nb: 2\n", ":2: not valid YAML"),
        ("a: &a\n  b: *a\n", ":1: nested too deeply"),
        ("a: " + "9" * 10_000, ": not plain data"),
        ("a: !!timestamp soon\n", ": not plain data"),
        ("#" * 300_000, ": larger than 256 KiB: not a plan"),
    ],
)
def test_what_is_no_plan_at_all_is_one_line_too(tmp_path: Path, text: str | bytes, message: str) -> None:
    assert refusal(tmp_path, text).startswith(message)


def test_aliases_may_be_used_but_not_to_explode(tmp_path: Path) -> None:
    shared = GOOD.replace("config: {", "config: &c {").replace(
        "workloads:", "  - label: other\n    config: {<<: *c, w: 3}\nworkloads:"
    )
    plan = load(write(tmp_path, shared)).value
    assert isinstance(plan, Plan)
    assert plan.systems[1].config == {"n": 3, "r": 2, "w": 3, "mode": "dotted"}
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    assert "too many aliases" in refusal(tmp_path, "\n".join(lines))


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.yaml: cannot read it: No such file"):
        load(tmp_path / "nowhere.yaml")
    with pytest.raises(UsageError, match="is a folder, not a plan"):
        load(tmp_path)


def test_a_run_is_checked_as_a_plan_is(tmp_path: Path) -> None:
    plan = load(write(tmp_path, GOOD)).value
    assert isinstance(plan, Plan)
    text = dump(runs_of(plan)[0])
    assert isinstance(load(write(tmp_path, text)).value, Run)
    assert "name: may hold letters" in refusal(tmp_path, text.replace("name: 0001", "name: ../0001", 1))
