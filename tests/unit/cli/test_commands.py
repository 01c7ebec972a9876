"""check, replay, show, list, report: on the runs of one small campaign."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from checkers.registry import checks
from harness.store import CampaignFolder

Schism = Any
RUNS = Path("store/small-5/runs")
FIRST = "0001-dotted-register-partitions-1"


@pytest.fixture
def campaign(schism: Schism, plan: Path) -> Path:
    schism("run", plan)
    return Path("store/small-5")


def test_check_judges_a_saved_run_again(schism: Schism, campaign: Path) -> None:
    said = schism("check", RUNS / FIRST, "--json")
    judged, saved = json.loads(said.out), json.loads((RUNS / FIRST / "results.json").read_bytes())
    assert (judged["verdict"], judged["ops"]) == (saved["verdict"], saved["ops"])
    assert {name: one["verdict"] for name, one in judged["checks"].items()} == {
        name: one["verdict"] for name, one in saved["checks"].items()
    }
    assert said.code == {"valid": 0, "invalid": 1, "unknown": 2}[judged["verdict"]]


def test_check_says_what_is_broken_and_why(schism: Schism, plan: Path) -> None:
    Path("h.jsonl").write_text(LOST)
    said = schism("check", "h.jsonl")
    assert said.code == 1
    assert "✘ lost-write · key x" in said.out
    assert said.out.splitlines()[-1].startswith("INVALID under mvr-sloppy")


def test_checks_without_meaning_are_told_together_and_no_line_is_too_wide(schism: Schism, plan: Path) -> None:
    Path("h.edn").write_text(
        "{:type :invoke, :f :write, :value 1, :process 0}\n{:type :ok, :f :write, :value 1, :process 0}\n"
    )
    table = schism("check", "h.edn").out.splitlines()[2:-2]
    assert max(map(len, table)) <= 100
    words = [word.strip(",:") for word in " ".join(table).split()]
    assert set(checks()) <= set(words)
    assert " ".join(words).count("has no meaning under") == 1


def test_check_draws_the_versions_around_what_is_broken(schism: Schism, plan: Path) -> None:
    Path("h.jsonl").write_text(LOST)
    assert schism("check", "h.jsonl", "--graphs", "graphs").code == 1
    assert sorted(path.name for path in Path("graphs").iterdir()) == ["lost-write-1.dot", "lost-write-1.svg"]
    assert schism("check", "h.jsonl", "--graphs", "h.jsonl").code == 4


def test_check_by_another_promise(schism: Schism, plan: Path) -> None:
    Path("h.jsonl").write_text(LOST)
    assert json.loads(schism("check", "h.jsonl", "--promise", "lww", "--json").out)["promise"] == "lww"
    said = schism("check", "h.jsonl", "--promise", "mvr-slopy")
    assert (said.code, said.out) == (4, "")
    assert "did you mean `mvr-sloppy`?" in said.err


def test_a_replay_is_the_same_byte_for_byte(schism: Schism, campaign: Path) -> None:
    said = schism("replay", RUNS / FIRST, "--json")
    replayed = json.loads(said.out)
    assert (replayed["same"], replayed["compared"], replayed["verdicts"]) == (True, "its history", [])
    for name in (FIRST, "1"):
        assert "the same as its history" in schism("replay", name).out


def test_a_replay_names_the_first_event_that_differs(schism: Schism, campaign: Path) -> None:
    history = RUNS / FIRST / "history.jsonl"
    lines = history.read_text().splitlines(keepends=True)
    lines[9] = lines[9].replace('"time":', '"time":1')
    history.write_text("".join(lines))
    said = schism("replay", FIRST)
    assert said.code == 3
    assert "DIFFERS from its history" in said.out
    assert "the first event that differs is line 10:" in said.out
    assert f"before  {lines[9].rstrip()[:200]}" in said.out


def test_a_history_that_was_cut_short_by_a_kill_is_the_beginning_of_its_replay(
    schism: Schism, campaign: Path
) -> None:
    alone = Path("alone")
    shutil.copytree(RUNS / FIRST, alone)
    (alone / "results.json").unlink()
    history = (alone / "history.jsonl").read_bytes()
    (alone / "history.jsonl").write_bytes(history[: len(history) // 2])
    assert "the same as its history, which ends early" in schism("replay", alone).out
    assert schism("check", alone).code in (0, 2)


def test_a_dropped_run_comes_back_by_its_name(schism: Schism, campaign: Path) -> None:
    before = (RUNS / FIRST / "history.jsonl").read_bytes()
    shutil.rmtree(RUNS / FIRST)
    assert "its folder was dropped" in schism("show", FIRST).err
    said = schism("replay", RUNS / FIRST)
    assert "the same as the digest of its history in campaign.db" in said.out
    assert (RUNS / FIRST / "history.jsonl").read_bytes() == before


def test_show_tells_the_story_of_one_key(schism: Schism, campaign: Path) -> None:
    said = schism("show", FIRST, "--key", "k1")
    assert said.code == 0
    lines = said.out.splitlines()
    assert "key k1" in lines[0]
    times = [line[:10] for line in lines[1:] if line[0].isdigit() and line[2] == ":"]
    assert times == sorted(times)
    told = "\n".join(lines)
    for part in ("── main", "▼  partition", "▲  partition", "put ", "get ", "replaces [", "final 1"):
        assert part in told
    history = (RUNS / FIRST / "history.jsonl").read_text().splitlines()
    asked = sum('"type":"invoke"' in line and '"key":"k1"' in line for line in history)
    assert sum(" → " in line and "#" in line for line in lines) == asked


def test_show_picks_the_key_of_the_first_finding(schism: Schism, plan: Path) -> None:
    Path("h.jsonl").write_text(LOST)
    assert "key x, where lost-write found something" in schism("show", "h.jsonl").out


def test_show_as_json_marks_the_operations_of_findings(schism: Schism, plan: Path) -> None:
    Path("h.jsonl").write_text(LOST)
    said = schism("show", "h.jsonl", "--json")
    shown = json.loads(said.out)
    assert (said.code, shown["key"]) == (0, "x")
    lost = next(found for found in shown["findings"] if found["check"] == "lost-write")
    marked = [event["op"] for event in shown["events"] if "lost-write" in event.get("findings", ())]
    assert marked
    assert set(marked) <= set(lost["ops"])
    line = next(line for line in schism("show", "h.jsonl").out.splitlines() if f"#{marked[0]} " in line)
    assert "✘#" in line
    assert "lost-write" in line


def test_a_run_of_a_campaign_by_both_names(schism: Schism, campaign: Path) -> None:
    assert schism("show", "small-5/1").out == schism("show", FIRST).out


def test_a_campaign_whose_controller_was_killed_has_a_page_from_its_rows(
    schism: Schism, campaign: Path
) -> None:
    whole = (campaign / "report.html").read_text()
    (campaign / "results.json").unlink()  # written when a campaign ends, and never where it is killed
    (campaign / "report.html").unlink()
    said = schism("report", campaign)
    assert (said.code, said.err) == (0, "")
    assert (campaign / "report.html").read_text() == whole


def test_lists_are_made_from_the_registries(schism: Schism) -> None:
    said = schism("list", "checks").out
    assert "lost-write" in said
    assert "asserted: mvr-sloppy, mvr-strict" in said
    known = {"nemeses": "partition", "workloads": "cart", "systems": "dynamo", "testbeds": "sim"}
    for kind, name in known.items():
        assert name in schism("list", kind).out
        assert name in [entry["name"] for entry in json.loads(schism("list", kind, "--json").out)]


def test_promises_are_listed_in_words_with_what_each_asserts(schism: Schism) -> None:
    said = schism("list", "promises").out
    assert "lost-write: An acknowledged write stays until a write that knew it supersedes it" in said
    assert "[tolerable, settled]" in said
    assert "only if fewer than W nodes lost data" in said
    listed = {entry["name"]: entry for entry in json.loads(schism("list", "promises", "--json").out)}
    assert "unreplaced" in listed["mvr-blind"]["options"]
    assert "lost-write" not in listed["mvr-blind"]["options"]
    assert all("crash" in entry["options"] for entry in listed.values())


def test_without_a_promise_what_was_measured_is_shown_with_its_evidence(
    schism: Schism, tmp_path: Path
) -> None:
    path = tmp_path / "history.jsonl"
    op = '{"kind":"op","op":0,"process":0,"f":"get","key":"x"'
    answer = f'{op},"type":"ok","time":2,"value":["9"]}}'
    path.write_text(f'{{"kind":"meta","version":1}}\n{op},"type":"invoke","time":1}}\n{answer}\n')
    found = schism("check", str(path))
    assert found.code == 2
    assert "these would fit: lww, mvr-blind" in found.out
    assert "· phantom · key x · operations [0] · measured" in found.out
    assert "9 was never written on key `x`" in found.out
    assert "--promise NAME judges it" in found.out


def test_rows_hold_the_whole_plan(schism: Schism, campaign: Path) -> None:
    row = CampaignFolder(campaign).database().row(FIRST)
    assert row is not None
    assert row.plan["workload"]["operations"] == 80


LOST = """\
{"kind":"meta","version":1,"system":"dynamo","promise":"mvr-sloppy","nodes":["n1","n2","n3"],"seed":7,\
"config":{"n":3,"r":2,"w":2},"clock":"monotonic-ns"}
{"kind":"op","type":"invoke","op":0,"time":1000,"process":0,"f":"put","key":"x","value":"0:0","context":null}
{"kind":"op","type":"ok","op":0,"time":2000,"process":0,"f":"put","key":"x"}
{"kind":"phase","time":10000,"name":"final"}
{"kind":"final","time":11000,"node":"n1","key":"x","values":[],"round":1}
{"kind":"final","time":11000,"node":"n2","key":"x","values":[],"round":1}
{"kind":"final","time":11000,"node":"n3","key":"x","values":[],"round":1}
"""
