"""Builds the page of a campaign from its rows and its summary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.report.model import campaign_measures, claimed, findings
from harness.report.model.campaign_model import CampaignPage, FindingGroup, SystemColumn
from harness.report.model.campaign_source import CampaignRecord
from harness.report.model.guarantees import PROMISES
from harness.report.model.observed import cell_rows, kind, observed
from harness.report.model.run_model import Fact
from harness.report.model.words import GLYPHS, VERDICT_WORDS, count_of, in_words, listing, of_runs, plural
from harness.report.pages.campaign_chances import chances, minima, news


def build(record: CampaignRecord) -> CampaignPage:
    """The model of one campaign's page."""
    promised, measured = findings.groups(record, True), findings.groups(record, False)
    verdicts = {str(one["system"]): one for one in record.summary.get("systems") or []}
    systems = tuple(_column(record, system, verdicts.get(system, {}), promised) for system in record.systems)
    return CampaignPage(
        name=record.path_words.rpartition("/")[2],
        seed=str(record.facts.get("seed", record.summary.get("seed", ""))),
        exit=int(record.summary.get("exit", 2)),
        about=_about(record),
        when=record.when,
        headline=headline([system.verdict for system in systems]),
        lead=_lead(systems, promised, measured),
        systems=systems,
        news=news(record, promised, measured),
        chances=tuple(chances(record, system) for system in record.systems),
        minima=minima(record),
        cells=cell_rows(record),
        observed=observed(record),
        promised=promised,
        measured=measured,
        shapes=findings.shapes(record, measured),
        failures=_failures(record),
        convergence=campaign_measures.convergence(record),
        availability=campaign_measures.availability(record),
        siblings=campaign_measures.siblings(record),
        false_siblings=campaign_measures.false_siblings(record),
        facts=_facts(record),
        plan=record.plan_text,
        replay=_replay(record, promised),
    )


def headline(verdicts: Sequence[str]) -> str:
    """Did every system keep its own promise, in one sentence."""
    broke, undecided, all_ = verdicts.count("invalid"), verdicts.count("unknown"), len(verdicts)
    if all_ == 0:
        return "Nothing ran"
    if all_ == 1:
        return {
            "invalid": "The system broke its own promise",
            "valid": "The system kept its own promise",
        }.get(verdicts[0], "Whether the system kept its promise is undecided")
    everyone = "Both systems" if all_ == 2 else f"All {in_words(all_)} systems"
    if broke == all_:
        return f"{everyone} broke their own promise"
    if broke:
        own = "its own promise" if broke == 1 else "their own promise"
        return f"{in_words(broke, capital=True)} of {in_words(all_)} systems broke {own}"
    if undecided:
        is_ = "is" if undecided == 1 else "are"
        return f"No system broke its own promise; {in_words(undecided)} of {in_words(all_)} {is_} undecided"
    return f"{everyone} kept their own promise"


def _lead(
    systems: Sequence[SystemColumn], promised: Sequence[FindingGroup], measured: Sequence[FindingGroup]
) -> tuple[str, ...]:
    said = [
        f"{one.system} broke it in {one.hits} of {plural(one.judged, 'judged run')}: {_lower(one.title)}."
        for one in promised[:2]
    ]
    kept = [system.label for system in systems if system.verdict == "valid"]
    if kept and promised:
        said.append(f"{listing(kept)} kept {'its promise' if len(kept) == 1 else 'theirs'}.")
    for system in systems:
        if system.verdict == "unknown":
            said.append(f"{system.label} stays undecided: {system.detail.rstrip('.')}.")
    shapes = sorted({group.rank: group.check for group in measured}.items())
    for _, check in shapes[:1]:
        mine = [group for group in measured if group.check == check]
        where = listing([f"{of_runs(group.hits, group.judged)} of {group.system}" for group in mine])
        said.append(f"Not promised, and seen: {_lower(mine[0].title)}, in {where}.")
    return tuple(said or ["Nothing was found, promised or not; what could have failed is counted below."])


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]


def _column(
    record: CampaignRecord, system: str, found: dict[str, Any], promised: Sequence[FindingGroup]
) -> SystemColumn:
    rows = record.of(system)
    verdict, promise = (
        str(found.get("verdict", "unknown")),
        str(found.get("promise") or (rows[0].promise if rows else "")),
    )
    mine = [group for group in promised if group.system == system]
    detail = str(found.get("reason") or "") if verdict == "unknown" else ""
    if verdict == "invalid":
        cells = [f"{c['workload']}, {c['nemesis']}" for c in record.summary.get("cells") or []
                 if c["system"] == system and c["verdict"] == "invalid"]  # fmt: skip
        broken = sum(kind(row) == "invalid" for row in rows)
        checks = listing([group.check for group in mine])
        detail = f"{plural(broken, 'run')} broke it ({checks}), in {plural(len(cells), 'cell')}: "
        detail += "; ".join(cells[:3]) + (" …" if len(cells) > 3 else "")
    cells_: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        cells_.setdefault((row.workload, row.nemesis), []).append(kind(row))
    return SystemColumn(
        label=system,
        promise=promise or "none",
        verdict=verdict,
        verdict_words=VERDICT_WORDS.get(verdict, verdict),
        glyph=GLYPHS.get(verdict, "unk"),
        claim=_claim(promise, str(found.get("declared") or "")),
        detail=detail,
        declared=str(found.get("declared") or ""),
        settings=record.settings(system),
        cells=tuple(map(tuple, cells_.values())),
        counts=_counts([kind(row) for row in rows]),
        runs=len(rows),
    )


def _claim(promise: str, declared: str) -> str:
    """What it promises, or what it was judged by where it declares more than it can keep."""
    means = PROMISES.get(promise)
    if declared:
        return f"It {claimed.weaker(declared, promise)}. Judged was that {means or 'nothing'}"
    if not promise:
        return "None of its runs ended."
    return f"It promises that {means}" if means else "It promises nothing that Schism knows."


def _counts(kinds: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """`60 valid`, `3 invalid` ...: zero is said of what matters only."""
    names = (
        ("valid", "valid", ""),
        ("invalid", "invalid", "bad"),
        ("short", "without a counterexample, but short of chances alone", ""),
        ("unknown", "unknown", "unk"),
        ("harness", "stopped by the harness", "unk"),
    )
    some = [(kinds.count(key), words, cls) for key, words, cls in names]
    return tuple(
        (f"{n} {words}", cls if n else "") for n, words, cls in some if n or words in ("valid", "invalid")
    )


def _failures(record: CampaignRecord) -> tuple[tuple[str, str | None, str], ...]:
    return tuple(
        (
            row.name,
            f"runs/{row.name}/report.html" if row.name in record.pages else None,
            row.failure or "interrupted",
        )
        for row in record.rows
        if row.failure or row.interrupted
    )


def _about(record: CampaignRecord) -> str:
    done, total = len(record.rows), count_of(record.facts.get("total")) or len(record.rows)
    plan = record.facts.get("plan") or {}
    testbed = plan.get("testbed") or {}
    place = f"{testbed.get('name', 'sim')}, {plural(testbed.get('nodes', 5), 'node')}"
    runs = plural(done, "run") if done == total else of_runs(done, total)
    state = "" if record.facts.get("state") in ("complete", None) else f" · {record.facts['state']}"
    return f"{runs} · {place}{state}"


def _facts(record: CampaignRecord) -> tuple[Fact, ...]:
    counts: dict[str, int] = {}
    for row in record.rows:
        for name, count in row.counts.items():
            counts[name] = counts.get(name, 0) + count
    kept = sum(row.kept for row in record.rows)
    means = {0: "every promise was kept", 1: "a promise was broken", 2: "undecided", 3: "the harness failed"}
    code = int(record.summary.get("exit", 2))
    return (
        Fact("seed", str(record.facts.get("seed", record.summary.get("seed", ""))), mono=True),
        Fact("runs", f"{len(record.rows):,} done, {plural(kept, 'folder')} kept"),
        Fact("operations", f"{sum(counts.values()):,}: {counts.get('ok', 0):,} ok, "
                           f"{counts.get('fail', 0):,} refused, {counts.get('info', 0):,} without an answer"),
        Fact("exit", f"{code}: {means.get(code, '')}"),
    )  # fmt: skip


def _replay(record: CampaignRecord, promised: Sequence[FindingGroup]) -> tuple[tuple[str, str], ...]:
    if not record.rows:
        return ()
    some = promised[0].replay if promised else f"schism replay {record.path_words}/runs/{record.rows[0].name}"
    seed = record.facts.get("seed", record.summary.get("seed", ""))
    plan = record.facts.get("name", "plan")
    what = "Replay the first broken promise" if promised else "Replay one run, byte for byte"
    return (
        (what, some),
        ("Judge a saved run again", some.replace("schism replay", "schism check")),
        ("The story of one key", some.replace("schism replay", "schism show")),
        ("The whole campaign, from the plan above", f"schism run {plan}.yaml --seed {seed}"),
    )
