"""Names, options and tolerances of a plan are checked before anything runs, each in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.campaign.preflight import check_names, check_variants
from harness.errors import UsageError
from harness.plan.load import load

GOOD = """\
name: small
systems:
  - label: dotted
    system: dynamo
    config: {n: 3, r: 2, w: 2, mode: dotted}
workloads:
  - workload: register
    options: {}
nemeses:
  - label: wipes
    lanes:
      - nemesis: wipe
        options: {}
"""


def loaded(folder: Path, *change: str) -> None:
    path = folder / "p.yaml"
    assert not change or change[0] in GOOD
    path.write_text(GOOD.replace(*change) if change else GOOD)
    found = load(path)
    check_variants(found)
    check_names(found)


def test_a_plan_that_names_what_there_is(tmp_path: Path) -> None:
    loaded(tmp_path)


def test_every_plan_that_we_ship(request: pytest.FixtureRequest) -> None:
    plans = sorted((request.config.rootpath / "campaigns").glob("*.yaml"))
    assert plans
    for path in plans:
        check_names(load(path))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("nemesis: wipe", "nemesis: whipe"),
            ":12: nemeses[0].lanes[0].nemesis: unknown nemesis `whipe`: did you",
        ),
        (
            ("register", "registre"),
            ":7: workloads[0].workload: unknown workload `registre`: did you mean `register`?",
        ),
        (("dynamo", "dinamo"), ":4: systems[0].system: unknown system `dinamo`: did you mean `dynamo`?"),
        (
            ("name: small", "name: a\ntestbed: {name: sin}"),
            ":2: testbed.name: unknown testbed `sin`: did you mean `sim`?",
        ),
        (("mode:", "mod:"), ":5: systems[0].config.mod: unknown option: did you mean `mode`?"),
        (
            ("mode: dotted", "mode: doted"),
            ":5: systems[0].config.mode: system dynamo: config: mode: `doted` is none of",
        ),
        (("    options: {}\n", "    options: {sale: 1}\n"), ":8: workloads[0].options.sale: unknown option"),
        (
            ("        options: {}", "        options: {max_node: 1}"),
            ":13: nemeses[0].lanes[0].options.max_node: unknown",
        ),
        (
            ("        options: {}", "        options: {max_nodes: x}"),
            ":13: nemeses[0].lanes[0].options.max_nodes: nemesis `wipe`: `max_nodes`",
        ),
        (
            ("w: 2", "w: 1"),
            ":5: systems[0].config.w: W = 1 tolerates no loss of data, but nemeses[0] brings `wipe`",
        ),
        (
            ("mode: dotted}", "mode: doted}\n    promise: lww"),
            ":5: systems[0].config.mode: system dynamo: config: mode: `doted` is none of",
        ),
        (
            ("{n: 3, r: 2, w: 2, mode: dotted}", "{}\ntestbed: {nodes: 2}"),
            ":5: systems[0].config: system dynamo: n=3 needs as many nodes; there are 2",
        ),
        (
            ("{n: 3, r: 2, w: 2, mode: dotted}", "{tokens: 64}\ntestbed: {nodes: 100}"),
            ":5: systems[0].config.tokens: system dynamo: config: tokens: 6400 positions of the ring",
        ),
        (
            ("name: small", "name: a\ntestbed: {options: {sync_ms: [0, 1.0e+300]}}"),
            ":2: testbed.options.sync_ms: testbed `sim`: `sync_ms`: expected [least, most]",
        ),
        (
            ("name: small", "name: a\ntestbed: {options: {latency_ms: [true, 2]}}"),
            ":2: testbed.options.latency_ms: testbed `sim`: `latency_ms`: expected [least, most]",
        ),
        (
            ("name: small", "name: a\nvariants: {locall: {seeds_per_cell: 1}}"),
            ":2: variants.locall: unknown testbed `locall`: did you mean `local`?",
        ),
        (
            ("name: small", "name: a\nvariants:\n  local:\n    workloads: [{workload: crat}]"),
            ":4: workloads[0].workload: unknown workload `crat`: did you mean `cart`?",
        ),
        (
            ("mode: dotted}", "mode: dotted}\n    promise: mvr-slopy"),
            ":6: systems[0].promise: unknown promise",
        ),
        (
            ("mode: dotted}", "mode: paper-clock, clock_limit: 3}\n    promise: mvr-sloppy"),
            ":5: systems[0].config.clock_limit: truncated clocks keep mvr-paper at most, not mvr-sloppy",
        ),
    ],
)
def test_what_nothing_knows_is_named(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        loaded(tmp_path, *change)
    text = str(caught.value)
    assert "\n" not in text
    assert text.removeprefix(str(tmp_path / "p.yaml")).startswith(message)
