"""A run made by hand: a partition, a wipe, and an acknowledged write that is gone at the end."""

import json
import random
import re
from pathlib import Path

import pytest

from harness.store import CampaignFolder, Row

NODES = ["n1", "n2", "n3", "n4", "n5"]
SIDES = (["n1", "n2", "n5"], ["n3", "n4"])
EVIL = "<script>alert(1)</script>"
PLAN = """\
name: 0007-dotted.register.partition
seed: 81327
system: {{label: dotted, system: dynamo, config: {{n: 3, r: 2, w: 2, note: {note}}}}}
workload: {{workload: register}}
nemesis: {{label: partition, lanes: [{{nemesis: partition}}]}}
"""


def ms(value):
    return int(value * 1_000_000)


class Lines:
    """Collects the events of a history and writes them in the order of their time."""

    def __init__(self):
        self.events, self.ids = [], 0

    def op(
        self, at, took, process, f, key, value=None, *, node, result=None, context=None, type="ok", id=None
    ):
        op = self.ids if id is None else id
        self.ids = max(self.ids, op) + 1
        base = {"kind": "op", "op": op, "process": process, "f": f, "key": key}
        asked = {} if value is None else {"value": value}
        self.events.append(
            {**base, "type": "invoke", "time": ms(at), "node": node, "context": context, **asked}
        )
        answer = {"value": result} if result is not None else asked if type == "ok" and f == "put" else {}
        error = {"error": "timeout"} if type == "info" else {}
        self.events.append({**base, "type": type, "time": ms(at + took), **answer, **error})
        return op

    def fault(self, name, kind, nodes, start, end, **details):
        for type, at in (
            ("requested", start),
            ("effective", start + 2),
            ("verified", start + 9),
            ("healed", end),
        ):
            base = {"kind": "fault", "type": type, "time": ms(at), "id": name, "fault": kind, "nodes": nodes}
            self.events.append({**base, **details, **({"probe": {}} if type == "verified" else {})})

    def write(self, path, **meta):
        first = {"kind": "meta", "version": 1, "system": "dynamo", "promise": "mvr-sloppy", "nodes": NODES}
        first |= {"seed": 81327, "config": {"n": 3, "r": 2, "w": 2, "sloppy": True, "mode": "dotted"}, **meta}
        lines = [first, *sorted(self.events, key=lambda event: event["time"])]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def noise(lines):
    """Some two hundred other operations, slower and sometimes unanswered during the partition."""
    rng = random.Random(5)
    for number in range(220):
        at, process = 50 + number * 90, 10 + number % 5
        faulty = 10_000 < at < 16_000
        took = rng.lognormvariate(1.6 + faulty, 0.5)
        node, key = rng.choice(NODES), f"k{rng.randrange(9)}"
        lost = faulty and rng.random() < 0.1
        if number % 2:
            values = [f"v{i}" for i in range(rng.choice([1, 1, 1, 1, 2, 3]))]
            lines.op(at, took, process, "get", key, node=node, result=None if lost else values,
                     type="info" if lost else "ok")  # fmt: skip
        else:
            retired = 100 + number if lost else process
            lines.op(
                at, took, retired, "put", key, f"{process}:{number}", node=node, type="info" if lost else "ok"
            )


def lost_write(path, lost="4:267", key="k118"):
    """1:143 is replaced by 3:161; across a partition 4:267 is acknowledged, and gone at the end."""
    lines = Lines()
    for at, name in ((0, "main"), (20_000, "heal"), (20_500, "settle"), (38_500, "final")):
        lines.events.append({"kind": "phase", "time": ms(at), "name": name})
    lines.fault("f1", "wipe", ["n3"], 6_100, 8_400, lost="all")
    blocked = [[a, b] for x, y in (SIDES, SIDES[::-1]) for a in x for b in y]
    lines.fault("f2", "partition", NODES, 10_000, 16_000, blocked=blocked)
    first = lines.op(1_482, 8.9, 1, "put", key, "1:143", node="n3")
    read = lines.op(2_905, 4.2, 3, "get", key, node="n1", result=["1:143"])
    lines.op(2_931, 9.6, 3, "put", key, "3:161", node="n1", context=read)
    empty = lines.op(11_310, 5.1, 4, "get", key, node="n3", result=[])
    gone = lines.op(11_362, 10.3, 4, "put", key, lost, node="n3", context=empty)
    later = lines.op(17_104, 4.4, 2, "get", key, node="n2", result=["3:161"])
    noise(lines)
    for node in ("n1", "n2", "n3"):
        final = {
            "kind": "final",
            "time": ms(38_600),
            "node": node,
            "key": key,
            "values": ["3:161"],
            "round": 1,
        }
        lines.events.append(final)
    lines.write(path)
    return first, gone, later


def verdicts(gone, later, value, key="k118"):
    violation = {
        "kind": "lost-write", "key": key, "ops": [gone, later], "nodes": ["n1", "n2", "n3"], "data": {},
        "message": f"acknowledged `{value}` is held by no replica and nothing held supersedes it",
        "proof": [
            f"op {gone} was the put of `{value}`: it was acknowledged.",
            f"At the end every primary of `{key}` held exactly `3:161`; so did op {later}.",
            "So w is held nowhere and nothing held supersedes it: a contradiction.",
        ],
    }  # fmt: skip
    stale = {
        "kind": "mvr-regular",
        "key": key,
        "ops": [later, gone],
        "message": "a get missed 4:267",
        "proof": [],
    }
    found = {
        "verdict": "valid",
        "asserted": True,
        "seconds": 0.01,
        "violations": [],
        "stats": {},
        "reason": "",
    }
    return {
        "verdict": "invalid", "promise": "mvr-sloppy", "ops": {"ok": 220, "fail": 0, "info": 6},
        "checks": {
            "phantom": found, "aborted-read": found,
            "lost-write": {**found, "verdict": "invalid", "judged": 111, "violations": [violation]},
            "quiescence": {**found, "verdict": "unknown", "reason": "n4 reported its state once"},
            "mvr-regular": {**found, "asserted": False, "verdict": "invalid", "violations": [stale]},
            "siblings": {**found, "asserted": False},
            "lww-inversion": {**found, "asserted": False, "verdict": "n/a", "reason": "multi-value register"},
        },
        "chances": {"ok": 220, "conflicts": 17, "possibly_stale_reads": 31, "faults": 2, "verified": 2},
        "warnings": [], "failures": [],
    }  # fmt: skip


def make_run(directory, value="4:267", note="none", key="k118"):
    directory.mkdir(parents=True)
    _, gone, later = lost_write(directory / "history.jsonl", value, key)
    (directory / "plan.yaml").write_text(PLAN.format(note=json.dumps(note)))
    (directory / "results.json").write_text(json.dumps(verdicts(gone, later, value, key)))
    return directory


@pytest.fixture
def run(tmp_path: Path):
    """A run's folder with a lost write."""
    return make_run(tmp_path / "store" / "quick-1" / "runs" / "0007")


@pytest.fixture
def evil_run(tmp_path: Path):
    """The same, with a script as the value, the key, and a part of the plan."""
    return make_run(tmp_path / "evil", EVIL, EVIL, EVIL)


def campaign_row(number, system, promise, *, verdict="valid", failure=None, nemesis="partition", **checks):
    """A campaign's row; `checks` are name=(verdict, asserted, violations)."""
    told = {
        name.replace("_", "-"): {"verdict": found, "asserted": asserted, "violations": count, "stats": {}}
        for name, (found, asserted, count) in checks.items()
    }
    findings = [
        {
            "check": name,
            "asserted": check["asserted"],
            "kind": name,
            "key": "k1",
            "ops": [1],
            "message": f"{name}!",
        }
        for name, check in told.items()
        if check["violations"]
    ]
    chances = {"ok": 240, "by_f": {"get": 120, "put": 120}, "conflicts": 15, "stale_reads": 20}
    return Row(
        number=number, name=f"{number:04d}-" + re.sub(r"[^\w-]", "", system),
        system=system, workload="register", nemesis=nemesis,
        seed=number, promise=promise, verdict=verdict, before_minima=verdict, failure=failure, checks=told,
        findings=findings, counts={"ok": 240, "fail": 1, "info": 9},
        chances={**chances, "faults": 3, "verified": 3}, plan={},
    )  # fmt: skip


def campaign_folder(directory, rows, verdicts, promises=None, declared=None):
    """A campaign's folder; `verdicts` gives each system's pooled verdict."""
    folder = CampaignFolder.create(directory, "quick", 1)
    database = folder.database(write=True)
    for one in rows:
        database.put(one)
    database.note(
        name="quick", seed="1", total=len(rows), state="complete", plan={"name": "quick", "seed": 1}
    )
    database.close()
    promises = {one.system: one.promise for one in rows} | (promises or {})
    systems = [
        {"system": s, "promise": promises[s], "verdict": v, "reason": "why"}
        | ({"declared": declared[s]} if declared else {})
        for s, v in verdicts.items()
    ]
    cells = [
        {"system": s, "workload": "register", "nemesis": n, "verdict": verdicts[s], "reason": "why"}
        for s, n in dict.fromkeys((one.system, one.nemesis) for one in rows)
    ]
    summary = {"name": "quick", "seed": 1, "exit": 1, "systems": systems, "cells": cells}
    (folder.directory / "results.json").write_text(json.dumps(summary))
    return folder.directory


def mixed_rows():
    """Three systems: one loses writes that it promised to keep, one never promised, one was not judged."""
    good, lost = ("valid", True, 0), ("invalid", True, 2)
    rows = [
        campaign_row(
            n,
            "dotted",
            "mvr-sloppy",
            verdict="invalid" if n < 4 else "valid",
            lost_write=lost if n < 4 else good,
        )
        for n in range(1, 9)
    ]
    rows += [
        campaign_row(n, "paper-clock", "mvr-paper", lost_write=("invalid", False, 5), phantom=good)
        for n in range(9, 17)
    ]
    boom = {"verdict": "unknown", "failure": "client: KeyError: 'context'"}
    rows += [
        campaign_row(n, "last-writer", "lww", **(boom if n == 20 else {}), phantom=good)
        for n in range(17, 25)
    ]
    return rows


@pytest.fixture
def campaign(tmp_path: Path):
    """A campaign's folder: one system broke its promise, one kept it, one is undecided."""
    verdicts = {"dotted": "invalid", "paper-clock": "valid", "last-writer": "unknown"}
    return campaign_folder(tmp_path / "store", mixed_rows(), verdicts)


@pytest.fixture
def make_campaign():
    """Makes a campaign's folder from rows and verdicts."""
    return campaign_folder


@pytest.fixture
def make_row():
    """Makes a campaign's row."""
    return campaign_row
