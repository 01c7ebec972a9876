"""What the page of one run says: the model, before anything is drawn."""

from harness.report.model.run_model import Gap, Step
from harness.report.model.source import read_run
from harness.report.pages import html, run_page


def page_of(run):
    return run_page.build(read_run(run))


def test_the_verdict_names_the_check_and_the_headline_what_happened(run):
    page = page_of(run)
    assert page.verdict_line == "Invalid: lost-write"
    assert page.headline == "An acknowledged write was lost"
    assert page.lead.startswith("Acknowledged `4:267` is held by no replica")
    assert "Seen, and not promised: mvr-regular." in page.lead


def test_operations_are_numbered_in_time_and_the_lost_one_is_loud(run):
    proof = page_of(run).proofs[0]
    steps = [row for row in proof.rows if isinstance(row, Step)]
    assert [(step.number, step.f, step.value) for step in steps] == [
        (1, "get", ""),
        (2, "put", "4:267"),
        (3, "get", ""),
    ]
    assert [step.number for step in steps if step.loud] == [2]


def test_a_put_says_which_read_it_had_seen(run):
    steps = [row for row in page_of(run).proofs[0].rows if isinstance(row, Step)]
    assert steps[1].having_read == 1
    assert steps[0].answer == "nothing"


def test_faults_and_final_reads_stand_between_the_operations(run):
    gaps = [row.text for row in page_of(run).proofs[0].rows if isinstance(row, Gap)]
    assert gaps == [
        "00:10.0–00:16.0 partition: n1 n2 n5 | n3 n4",
        "00:38.6 final reads, each replica alone: n1, n2, n3 3:161",
    ]


def test_operations_that_only_the_argument_names_are_shown_too(run):
    folder = read_run(run)
    folder.results["checks"]["lost-write"]["violations"][0]["proof"] = ["op 2 came before"]
    proof = run_page.build(folder).proofs[0]
    assert 2 in proof.numbers


def test_what_is_asserted_comes_before_what_is_measured(run):
    page = page_of(run)
    assert [(proof.check, proof.asserted) for proof in page.proofs] == [
        ("lost-write", True),
        ("mvr-regular", False),
    ]
    assert [group.title.partition(":")[0] for group in page.groups] == [
        "Asserted",
        "Measured",
        "Not applicable",
    ]


def test_the_table_of_checks_says_why(run):
    rows = {row.names: row for group in page_of(run).groups for row in group.rows}
    assert rows[("quiescence",)].seen == "n4 reported its state once"
    assert rows[("quiescence",)].glyph == "unk"
    assert rows[("mvr-regular",)].glyph == "mea", "a measured anomaly is never loud"
    assert rows[("lww-inversion",)].finding == "n/a"


def test_latency_is_split_by_fault_and_counts_the_unanswered(run):
    rows = {(row.f, row.while_): row for row in page_of(run).latency}
    assert rows["get", "quiet"].unanswered == 0
    assert rows["get", "a fault was in effect"].unanswered > 0
    assert rows["get", "a fault was in effect"].p50 > rows["get", "quiet"].p50


def test_every_violation_is_on_the_page_or_listed(run):
    folder = read_run(run)
    one = folder.results["checks"]["lost-write"]["violations"][0]
    folder.results["checks"]["lost-write"]["violations"] = [one] * 9
    page = run_page.build(folder)
    assert [proof.check for proof in page.proofs] == ["lost-write"] * 4 + ["mvr-regular"]
    assert [check for check, _ in page.unshown] == ["lost-write"] * 5
    assert page.proofs[0].shown_of == 9


def test_a_run_that_cannot_tell_gives_the_reason(run):
    folder = read_run(run)
    folder.results.update(
        verdict="unknown", reason="too few chances to fail: no conflicting writes", checks={}
    )
    page = run_page.build(folder)
    assert page.headline == "This run does not tell"
    assert page.lead == "Too few chances to fail: no conflicting writes."


def test_a_failure_of_ours_is_never_the_system_s(run):
    folder = read_run(run)
    failure = {"where": "client", "error": "KeyError: 'context'"}
    folder.results.update(verdict="unknown", checks={}, failures=[failure])
    page = run_page.build(folder)
    assert page.headline == "The harness failed before the run could tell"
    assert page.failures == ("client: KeyError: 'context'",)


def test_a_check_that_judged_nothing_has_no_tick_and_kept_nothing(run):
    folder = read_run(run)
    checks = folder.results["checks"]
    checks["phantom"] = {**checks["phantom"], "judged": 0}
    rows = {name: row for group in run_page.build(folder).groups for row in group.rows for name in row.names}
    assert (rows["phantom"].glyph, rows["phantom"].finding) == ("", "nothing to judge")
    assert (rows["aborted-read"].glyph, rows["aborted-read"].finding) == ("ok", "valid")
    folder.results["verdict"] = "valid"
    assert "1 asserted check found no counterexample" in run_page.build(folder).lead


def test_what_is_promised_and_not_owed_in_this_run_is_not_called_unpromised(run):
    folder = read_run(run)
    folder.results["checks"]["mvr-regular"]["why"] = "measured: wipe `f1` lost data"
    page = run_page.build(folder)
    assert "Seen, and not owed in this run: mvr-regular (wipe `f1` lost data)." in page.lead
    assert "not promised" not in page.lead
    text = html.render_run(page)
    assert "Not owed in this run: wipe <code>f1</code> lost data." in text
    assert "never promised" not in text


def test_the_promise_that_judged_stands_before_the_declared_one(run):
    folder = read_run(run)
    folder.results.update(promise="mvr-strict", judged_by="mvr-sloppy")
    facts = {fact.name: fact.value for fact in run_page.build(folder).facts}
    assert facts["promise"].startswith("mvr-sloppy (declared: mvr-strict)")


def test_the_page_of_a_run_says_when_its_campaign_was_run(run):
    page = run_page.build(read_run(run), None, "2026-01-31 12:00:00 UTC, by Schism 0.1.0")
    assert page.facts[-1].value == "2026-01-31 12:00:00 UTC, by Schism 0.1.0"
