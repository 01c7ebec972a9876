"""`schism run`, whole: plan to store, card, junit.xml, JSON lines."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from harness.store import CampaignFolder

Schism = Any
NAMES = [
    "0001-dotted-register-partitions-1",
    "0002-dotted-register-partitions-2",
    "0003-lww-register-partitions-1",
    "0004-lww-register-partitions-2",
]


def test_a_campaign_fills_its_store(schism: Schism, plan: Path) -> None:
    said = schism("run", plan, "--jobs", "2")
    assert said.code in (0, 2), said.err
    assert said.err == ""
    store = Path("store")
    assert sorted(path.name for path in (store / "small-5" / "runs").iterdir()) == NAMES
    assert (store / "latest").resolve() == (store / "current").resolve() == (store / "small-5").resolve()
    for name in NAMES:
        files = {path.name for path in (store / "small-5" / "runs" / name).iterdir()}
        assert files >= {"plan.yaml", "history.jsonl", "results.json"}
    rows = list(CampaignFolder(store / "latest").database().rows())
    assert [row.name for row in rows] == NAMES
    assert all(row.counts["ok"] > 40 and row.failure is None for row in rows)
    assert len({row.history_sha256 for row in rows}) == 4
    summary = json.loads((store / "latest" / "results.json").read_bytes())
    assert (summary["name"], summary["seed"], summary["done"], summary["exit"]) == ("small", 5, 4, said.code)
    assert [system["promise"] for system in summary["systems"]] == ["mvr-sloppy", "lww"]


def test_the_seed_is_said_first_and_last(schism: Schism, plan: Path) -> None:
    lines = schism("run", plan, "--seed", "77").out.splitlines()
    assert lines[0] == "schism · small · SEED 77"
    assert lines[-1] == "SEED 77"
    assert "again   schism run small.yaml --seed 77" in lines
    assert not any("\x1b" in line for line in lines), "no colours when piped"


def test_json_lines_and_nothing_else(schism: Schism, plan: Path) -> None:
    said = schism("run", plan, "--json")
    events = [json.loads(line) for line in said.out.splitlines()]
    assert [event["event"] for event in events] == ["started", "run", "run", "run", "run", "ended"]
    assert sorted(event["name"] for event in events[1:-1]) == NAMES
    assert events[-1]["exit"] == said.code


def test_junit_has_a_case_a_run_in_order_and_one_a_cell(schism: Schism, plan: Path) -> None:
    schism("run", plan)
    suite = ET.parse("store/latest/junit.xml").getroot().find("testsuite")
    assert suite is not None
    cases = [(case.get("classname"), case.get("name")) for case in suite.iter("testcase")]
    assert [name for _, name in cases[:4]] == NAMES
    assert cases[4:] == [("cells", "dotted.register.partitions"), ("cells", "lww.register.partitions")]
    assert suite.get("tests") == "6"


def test_another_seed_gives_other_histories_of_the_same_runs(schism: Schism, plan: Path) -> None:
    for seed in (1, 2):
        schism("run", plan, "--seed", seed)
    one, two = (list(CampaignFolder(Path(f"store/small-{seed}")).database().rows()) for seed in (1, 2))
    assert [row.name for row in one] == [row.name for row in two]
    assert not {row.history_sha256 for row in one} & {row.history_sha256 for row in two}


def test_a_single_run_is_a_plan_too(schism: Schism, plan: Path) -> None:
    schism("run", plan)
    saved = Path("store/small-5/runs") / NAMES[2]
    said = schism("run", saved / "plan.yaml", "--store", "again")
    assert "1 of 1 run in" in said.out
    (again,) = Path("again").glob(f"{NAMES[2]}-*/runs/*/history.jsonl")
    assert again.read_bytes() == (saved / "history.jsonl").read_bytes()


def test_what_the_testbed_finds_wrong_names_the_line_and_leaves_nothing(schism: Schism, plan: Path) -> None:
    plan.write_text(plan.read_text() + "testbed: {options: {latency_ms: 3}}\n")
    said = schism("run", plan)
    assert said.code == 4
    assert said.err.startswith(
        "schism: small.yaml:17: testbed.options.latency_ms: testbed `sim`: `latency_ms`:"
    )
    assert len(said.err.splitlines()) == 1
    assert not Path("store").exists()


def test_a_second_campaign_gets_a_folder_of_its_own(schism: Schism, plan: Path) -> None:
    schism("run", plan)
    schism("run", plan)
    assert (Path("store") / "latest").resolve().name == "small-5-2"
    first, second = (Path(f"store/{name}/results.json").read_bytes() for name in ("small-5", "small-5-2"))
    assert first == second
