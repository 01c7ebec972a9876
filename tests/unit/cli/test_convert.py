"""convert, and check on what other tools recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

Schism = Any
EDN = """\
{:process 0, :type :invoke, :f :read, :value nil}
{:process 0, :type :ok, :f :read, :value 0}
{:process 0, :type :invoke, :f :write, :value 1}
{:process 0, :type :ok, :f :write, :value 1}
{:process 1, :type :invoke, :f :read, :value nil}
{:process 1, :type :ok, :f :read, :value 0}
"""


@pytest.fixture
def edn(plan: Path) -> Path:
    path = Path("h.edn")
    path.write_text(EDN)
    return path


def test_a_register_of_jepsens_gets_an_answer_with_evidence(schism: Schism, edn: Path) -> None:
    said = schism("check", edn, "--initial", "0")
    assert said.code == 1
    assert "✘ linearizable · key register · operations" in said.out
    assert "`linearizable` is taken for it" in said.out
    assert said.out.splitlines()[-1].startswith("INVALID under linearizable")


def test_what_a_register_holds_at_first_can_be_told(schism: Schism, edn: Path) -> None:
    edn.write_text("\n".join(EDN.splitlines()[:4]))
    assert schism("check", edn, "--initial", "0").code == 0
    assert schism("check", edn).code == 1
    assert "a register holds one JSON scalar" in schism("check", edn, "--initial", "[1]").err


@pytest.mark.parametrize("name", ["h.jsonl", "h.npz", "h2.edn", "h.json"])
def test_the_same_answer_in_every_format(schism: Schism, edn: Path, name: str) -> None:
    assert schism("convert", edn, name).code == 0
    said = schism("check", name, "--initial", "0", "--json")
    assert json.loads(said.out)["checks"]["linearizable"]["verdict"] == "invalid"


def test_jobs_change_nothing_but_the_time(schism: Schism, edn: Path) -> None:
    def judged(*arguments: str) -> Any:
        report = json.loads(schism("check", edn, "--initial", "0", "--json", *arguments).out)
        for one in report["checks"].values():
            del one["seconds"]
        return report

    assert judged("--jobs", "2") == judged()
    assert "at least one process" in schism("check", edn, "--jobs", "0").err


def test_only_one_key_is_converted(schism: Schism, plan: Path) -> None:
    Path("h.edn").write_text(
        "{:process 0, :type :invoke, :f :write, :value [1 5]}\n"
        "{:process 1, :type :invoke, :f :write, :value [2 6]}\n"
    )
    assert schism("convert", "h.edn", "one.json", "--to", "knossos-json", "--key", "1").code == 0
    assert [row["value"] for row in json.loads(Path("one.json").read_text())] == [5]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("h.edn", "h.txt"), "h.txt: which format is that? name it with --to"),
        (("h.edn", "h.json", "--to", "elle"), "--to elle: this format is unknown"),
        (("h.edn", "h.log", "--to", "jepsen-log"), "--to jepsen-log: this format is only read"),
        (("h.edn", "nowhere/h.jsonl"), "nowhere/h.jsonl: cannot be written"),
        (("h.edn", "h.json", "--key", "k"), "h.edn: no operation touches the key `k`"),
        (("missing", "h.jsonl"), "missing: no such file or folder"),
    ],
)
def test_one_line_says_what_is_wrong(
    schism: Schism, edn: Path, arguments: tuple[str, ...], says: str
) -> None:
    said = schism("convert", *arguments)
    assert said.code == 4
    assert says in said.err
    assert len(said.err.splitlines()) == 1
