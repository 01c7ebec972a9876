"""Builds the page of one run from what its folder holds: plan, history and verdicts."""

from __future__ import annotations

from typing import Any

from harness.campaign.claims import reason_of
from harness.report.model import carts, measures, proofs
from harness.report.model.checks_table import check_groups, named, violations
from harness.report.model.guarantees import PROMISES
from harness.report.model.remedies import with_remedy
from harness.report.model.run_model import Fact, Proof, RunPage
from harness.report.model.source import RunFolder
from harness.report.model.words import count_of, listing, plural, sentence

MOST_ASSERTED, MOST_PROOFS = 4, 6
_LINES = {"invalid": "Invalid", "valid": "Valid", "unknown": "Unknown"}


def build(folder: RunFolder, campaign: tuple[str, str] | None = None, when: str = "") -> RunPage:
    """The model of one run's page; `campaign` is its name and the way to its page, `when` its date."""
    results, history = folder.results, folder.history
    checks: dict[str, dict[str, Any]] = results.get("checks") or {}
    verdict = str(results.get("verdict", "unknown"))
    told, unshown = _proofs(checks, folder)
    latency = measures.latency_rows(history)
    return RunPage(
        name=folder.name,
        seed=str(history.meta.get("seed", folder.plan.seed if folder.plan else "")),
        verdict=verdict,
        verdict_line=_verdict_line(verdict, checks),
        headline=_headline(verdict, told, results),
        lead=_lead(verdict, checks, told, results),
        facts=(*_facts(folder), *([Fact("run", when)] if when else [])),
        replay=_replay(folder),
        proofs=told,
        unshown=unshown,
        groups=check_groups(checks, {proof.check: proof.anchor for proof in reversed(told)}),
        chances=_chances(results),
        failures=tuple(map(_failure, results.get("failures") or history.failures)),
        warnings=tuple(map(str, results.get("warnings") or history.warnings)),
        latency=latency,
        siblings=measures.siblings(history),
        environment=_environment(folder),
        plan=folder.plan_text,
        history=history,
        system=folder.plan.system.label if folder.plan else "",
        campaign=campaign,
    )


def _proofs(
    checks: dict[str, dict[str, Any]], folder: RunFolder
) -> tuple[tuple[Proof, ...], tuple[tuple[str, str], ...]]:
    """Asserted violations first, one of each kind before a second of any; the rest are listed."""
    waiting = [
        (not found.get("asserted"), rank, name, violation)
        for name, found in checks.items()
        for rank, violation in enumerate(found.get("violations") or [])
    ]
    waiting.sort(key=lambda item: item[:3])
    shown = [item for item in waiting if not item[0]][:MOST_ASSERTED]
    shown += [item for item in waiting if item[0] and item[1] == 0][: MOST_PROOFS - len(shown)]
    told = tuple(
        proofs.build(
            name, checks[name], violation, folder.history, f"{name}-{rank + 1}", violations(checks[name])
        )
        for _, rank, name, violation in shown
    )
    rest = tuple(
        (item[2], carts.short(str(item[3].get("message", "")))) for item in waiting if item not in shown
    )
    return told, rest


def _verdict_line(verdict: str, checks: dict[str, dict[str, Any]]) -> str:
    worst = named(checks, verdict) if verdict != "valid" else []
    return _LINES.get(verdict, verdict) + (f": {', '.join(worst)}" if worst else "")


def _headline(verdict: str, told: tuple[Proof, ...], results: dict[str, Any]) -> str:
    if verdict == "invalid" and told:
        return told[0].title
    if results.get("failures"):
        return "The harness failed before the run could tell"
    return {"valid": "This run kept its promise", "invalid": "This run broke its promise"}.get(
        verdict, "This run does not tell"
    )


def _lead(
    verdict: str, checks: dict[str, dict[str, Any]], told: tuple[Proof, ...], results: dict[str, Any]
) -> str:
    seen = _seen(checks)
    if verdict == "invalid" and told:
        return sentence(told[0].message) + seen
    if verdict == "valid":
        kept = sum(
            1
            for found in checks.values()
            if found.get("asserted") and found.get("verdict") == "valid" and found.get("judged") != 0
        )
        promise = PROMISES.get(str(results.get("judged_by") or results.get("promise")), "")
        means = f"It promises that {promise} " if promise else ""
        return f"{means}{plural(kept, 'asserted check')} found no counterexample.{seen}"
    reasons = [str(results["reason"])] if results.get("reason") else []
    reasons += [
        str(found.get("reason")) for name, found in checks.items() if name in named(checks, "unknown")
    ]
    distinct = list(dict.fromkeys(with_remedy(reason) for reason in reasons if reason and reason != "None"))
    return (
        sentence("; ".join(distinct[:2])) if distinct else "Nothing that is asserted could be judged."
    ) + seen


def _seen(checks: dict[str, dict[str, Any]]) -> str:
    """What was only measured and violated: what nobody promised apart from what is not owed in this run."""
    seen = [(name, reason_of(found)) for name, found in checks.items()
            if found.get("violations") and not found.get("asserted")]  # fmt: skip
    free = [name for name, reason in seen if not reason]
    excused = [f"{name} ({reason})" for name, reason in seen if reason]
    said = f" Seen, and not promised: {listing(free)}." if free else ""
    return said + (f" Seen, and not owed in this run: {listing(excused)}." if excused else "")


def _promise(results: dict[str, Any]) -> str:
    """The promise that judged, and the declared one where it is another."""
    declared, judged_by = str(results.get("promise") or ""), str(results.get("judged_by") or "")
    return f"{judged_by} (declared: {declared})" if judged_by and judged_by != declared else declared


def _facts(folder: RunFolder) -> tuple[Fact, ...]:
    history, plan = folder.history, folder.plan
    config, ops = history.config, folder.results.get("ops") or {}
    quorum = " · ".join(f"{name.upper()} {config[name]}" for name in ("n", "r", "w") if name in config)
    system = str(history.meta.get("system", ""))
    facts = [Fact("system", f"{plan.system.label} · {system}" if plan else system)]
    facts.append(Fact("promise", " · ".join(filter(None, [_promise(folder.results) or "none", quorum]))))
    if plan:
        workload = plan.workload.label or plan.workload.workload
        facts.append(Fact("cell", f"{workload} · {plan.nemesis.label} · {plan.testbed.name}"))
    facts.append(Fact("seed", str(history.meta.get("seed", plan.seed if plan else "")), mono=True))
    parts = [f"{ops[kind]:,} {words}" for kind, words in _ANSWERS if kind in ops]
    facts.append(Fact("operations", ", ".join(parts)))
    facts.append(Fact("faults", _faults(folder)))
    return tuple(fact for fact in facts if fact.value)


_ANSWERS = (("ok", "ok"), ("fail", "refused"), ("info", "without an answer"))


def _faults(folder: RunFolder) -> str:
    kinds: dict[str, int] = {}
    for fault in folder.history.faults:
        kinds[fault.fault] = kinds.get(fault.fault, 0) + 1
    if not kinds:
        return "none"
    verified = sum(fault.verified is not None for fault in folder.history.faults)
    listed = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    return f"{listed}; {verified} of {sum(kinds.values())} verified"


def _replay(folder: RunFolder) -> tuple[tuple[str, str], ...]:
    commands = [("Judge the saved history again", f"schism check {folder.path_words}")]
    keys = [
        v.get("key") for f in (folder.results.get("checks") or {}).values() for v in f.get("violations") or []
    ]
    if keys and keys[0] is not None:
        commands.append(
            ("Every operation and fault of its key, in order", f"schism show {folder.path_words}")
        )
    if folder.plan:
        commands.insert(0, ("The whole run again", f"schism replay {folder.path_words}"))
    return tuple(commands)


def _chances(results: dict[str, Any]) -> tuple[Fact, ...]:
    """How much could have failed, of what the results counted (`checkers.chances.vacuity.chances`)."""
    found = results.get("chances") or {}
    facts = [Fact(words, f"{count_of(found[name]):,}") for name, words in _CHANCES if name in found]
    for part, whole, words in (
        ("verified", "faults", "faults verified"),
        ("finals", "keys", "keys read at the end"),
    ):
        if whole in found:
            facts.append(Fact(words, f"{count_of(found.get(part))} of {count_of(found[whole])}"))
    return tuple(facts)


_CHANCES = (("ok", "operations ok"), ("conflicts", "conflicts"), ("stale_reads", "possibly stale reads"))


def _failure(failure: Any) -> str:
    if isinstance(failure, dict):
        return f"{failure.get('where', 'harness')}: {failure.get('error', '')}"
    return str(failure)


def _environment(folder: RunFolder) -> tuple[Fact, ...]:
    history, plan = folder.history, folder.plan
    nodes = history.meta.get("nodes") or []
    facts = [Fact("nodes", f"{len(nodes)}: {' '.join(map(str, nodes))}")]
    if plan:
        load = plan.workload
        pace = f"{load.rate_per_s:g} operations a second" if load.rate_per_s else "as fast as answers come"
        facts.append(Fact("testbed", plan.testbed.name))
        facts.append(
            Fact("workload", f"{load.workload}: {plural(load.operations, 'operation')}, "
                 f"{plural(load.clients, 'client')}, {plural(load.keys, 'key')}, {pace}")
        )  # fmt: skip
    facts += [Fact(name, _setting(value), mono=True) for name, value in sorted(history.config.items())]
    return tuple(facts)


def _setting(value: Any) -> str:
    """A value of the configuration as one would type it."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
