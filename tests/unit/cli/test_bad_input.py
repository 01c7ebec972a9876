"""Whatever is wrong with what we are given is one line on stderr, exit 4, and no traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

Schism = Any
META = '{"kind":"meta","version":1}\n'


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["rum", "small.yaml"], 'Did you mean "run"?'),
        (["run"], "requires an argument"),
        (["run", "nowhere.yaml"], "nowhere.yaml: cannot read it: No such file or directory"),
        (["run", "."], "is a folder, not a plan"),
        (["run", "small.yaml", "--sed", "3"], "Did you mean --seed?"),
        (["run", "small.yaml", "--seed", "x"], "unable to convert"),
        (["run", "small.yaml", "--seed", "-1"], "--seed: must be a whole number"),
        (["run", "small.yaml", "--jobs", "0"], "--jobs: must be a whole number from 1 to 256"),
        (["run", "small.yaml", "--testbed", "smi"], "unknown testbed `smi`: did you mean `sim`?"),
        (["run", "small.yaml", "--store", "small.yaml/x"], "cannot write the store: Not a directory"),
        (["run", "small.yaml", "extra"], "Unused Tokens"),
        (["run", "broken.yaml"], "broken.yaml:2: not valid YAML"),
        (
            ["run", "misspelt.yaml"],
            "misspelt.yaml:5: nemeses[0].lanes[0].nemesis: unknown nemesis",
        ),
        (["check", "nowhere.jsonl"], "no such file or folder"),
        (["check", "empty.jsonl"], "the file is empty"),
        (["check", "binary.jsonl"], "binary.jsonl"),
        (["check", "torn.jsonl"], "torn.jsonl:2"),
        (["check", "words.jsonl"], "words.jsonl"),
        (["check", "history.edn"], "history.edn:1"),
        (["check", "."], "no `history.jsonl` in this folder"),
        (["check", "torn.jsonl", "--format", "xml"], "unknown format `xml`"),
        (["replay", "nobody"], "no such run"),
        (["replay", "../../etc"], "no such run"),
        (["show", "."], "no run: it has no plan.yaml"),
        (["report", "."], "neither a campaign's folder"),
        (["list", "bugs"], "Choose from"),
        (["soak", "--runs", "0"], "--runs: must be a whole number"),
    ],
)
def test_one_line_and_exit_4(schism: Schism, plan: Path, arguments: list[str], says: str) -> None:
    Path("broken.yaml").write_text("name: [1\nseed: 2\n")
    Path("misspelt.yaml").write_text(
        "name: m\nsystems: [{label: d}]\nworkloads: [{workload: register}]\n"
        "nemeses:\n  - {label: p, lanes: [{nemesis: partitoin}]}\n"
    )
    Path("empty.jsonl").write_text("")
    Path("binary.jsonl").write_bytes(bytes(range(256)))
    Path("torn.jsonl").write_text(META + '{"kind":"op","ty\n' + META)
    Path("words.jsonl").write_text("these are words\n")
    Path("history.edn").write_text("{:type :invoke, :f :read, :value nil, :time 1, :index 0}\n")
    said = schism(*arguments)
    assert said.code == 4
    assert says in said.err
    assert len(said.err.splitlines()) == 1
    assert said.out == ""
    assert "Traceback" not in said.err


def test_help_and_version_are_no_errors(schism: Schism) -> None:
    said = schism("--help")
    assert said.code == 0
    assert schism().out == said.out
    for command in ("run", "check", "convert", "replay", "show", "list", "soak", "report"):
        shown = schism(command, "--help").out
        assert f"\n    schism {command}" in shown, "help teaches with examples"
        assert "Parameters" in shown or "Arguments" in shown
    assert schism("--version").code == 0


def test_an_unexpected_failure_is_one_line_and_exit_3(
    schism: Schism, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.cli.run.check_names", lambda loaded: 1 / 0)
    said = schism("run", plan)
    assert said.code == 3
    assert said.err.startswith("schism: a failure of our own: ZeroDivisionError: division by zero (")
    assert len(said.err.splitlines()) == 1
    trace = Path(said.err.split("traceback in ")[1].rstrip(")\n"))
    assert "ZeroDivisionError" in trace.read_text()
    trace.unlink()
