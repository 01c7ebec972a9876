"""A run made by hand: a partition, a wipe, and an acknowledged write that is gone at the end."""

import json
import random
from pathlib import Path

import pytest

NODES = ["n1", "n2", "n3", "n4", "n5"]
SIDES = (["n1", "n2", "n5"], ["n3", "n4"])
EVIL = "<script>alert(1)</script>"
PLAN = """\
name: 0007-dotted.register.partition
seed: 81327
system: {{label: {label}, system: dynamo, config: {{n: 3, r: 2, w: 2}}}}
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
            lines.op(at, took, 100 + number if lost else process, "put", key, f"{process}:{number}", node=node,
                     type="info" if lost else "ok")  # fmt: skip


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
            "quiescence": {**found, "verdict": "unknown", "reason": "n4 reported its state once after settling"},
            "mvr-regular": {**found, "asserted": False, "verdict": "invalid", "violations": [stale]},
            "siblings": {**found, "asserted": False},
            "lww-inversion": {**found, "asserted": False, "verdict": "n/a", "reason": "multi-value register"},
        },
        "chances": {"ok": 220, "conflicts": 17, "possibly_stale_reads": 31, "faults": 2, "verified": 2},
        "warnings": [], "failures": [],
    }  # fmt: skip


def make_run(directory, value="4:267", label="dotted", key="k118"):
    directory.mkdir(parents=True)
    _, gone, later = lost_write(directory / "history.jsonl", value, key)
    (directory / "plan.yaml").write_text(PLAN.format(label=json.dumps(label)))
    (directory / "results.json").write_text(json.dumps(verdicts(gone, later, value, key)))
    return directory


@pytest.fixture
def run(tmp_path: Path):
    """A run's folder with a lost write."""
    return make_run(tmp_path / "store" / "quick-1" / "runs" / "0007")


@pytest.fixture
def evil_run(tmp_path: Path):
    """The same, with a script as the value, the key and the label of the system."""
    return make_run(tmp_path / "evil", EVIL, EVIL, EVIL)
