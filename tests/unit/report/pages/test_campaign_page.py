"""What the page of a campaign says: the model, before anything is drawn."""

import re

import pytest

from harness.report.model.campaign_source import read_campaign
from harness.report.pages import campaign_page, html
from harness.store import CampaignFolder


@pytest.fixture
def page(campaign):
    return campaign_page.build(read_campaign(campaign))


def test_the_headline_answers_whether_every_system_kept_its_own_promise(page):
    assert page.headline == "One of three systems broke its own promise"
    assert [system.verdict_words for system in page.systems] == [
        "Broke its promise",
        "Kept its promise",
        "Undecided",
    ]


@pytest.mark.parametrize(
    ("verdicts", "headline"),
    [
        (["valid"] * 3, "All three systems kept their own promise"),
        (["invalid"] * 2, "Both systems broke their own promise"),
        (["invalid", "invalid", "valid"], "Two of three systems broke their own promise"),
        (["valid", "unknown"], "No system broke its own promise; one of two is undecided"),
        (["invalid"], "The system broke its own promise"),
        ([], "Nothing ran"),
    ],
)
def test_headlines(verdicts, headline):
    assert campaign_page.headline(verdicts) == headline


def test_a_bar_for_each_run(page):
    assert page.systems[0].cells == (("invalid",) * 3 + ("valid",) * 5,)
    assert page.systems[2].cells == (("valid",) * 3 + ("harness",) + ("valid",) * 4,)
    assert [words for words, _ in page.systems[0].counts] == ["5 valid", "3 invalid"]


def test_what_is_promised_and_broken_is_told_first_and_links_to_its_finding(page):
    first = page.news[0]
    assert (first.tag, first.title) == ("broken", "An acknowledged write was lost")
    assert first.href == f"#{page.promised[0].anchor}"
    assert [item.tag for item in page.news] == ["broken", "harness", "measured"]


def test_a_finding_counts_runs_with_exact_bounds(page):
    finding = page.promised[0]
    assert (finding.system, finding.check, finding.hits, finding.judged) == ("dotted", "lost-write", 3, 8)
    assert (finding.low, finding.high) == pytest.approx((0.0852, 0.7551), abs=1e-4)
    assert finding.anomalies == 6
    assert finding.replay == "schism replay store/quick-1/runs/0001-dotted"


def test_fingerprints_depend_on_what_was_found_and_not_on_when(page, campaign):
    again = campaign_page.build(read_campaign(campaign))
    ids = [fingerprint.id for finding in page.promised + page.measured for fingerprint in finding.prints]
    assert ids[0] == ids[1], "one shape under one label of faults is one fingerprint, whatever the system"
    assert again.promised[0].anchor == page.promised[0].anchor


def test_claimed_and_observed_in_one_table(page):
    row = next(row for group in page.observed for row in group.rows if row.checks == ("lost-write",))
    assert [(cell.glyph, cell.text) for cell in row.cells] == [
        ("bad", "broken in 3 of 8"),
        ("mea", "8 of 8"),
        ("", "n/a"),
    ]


def test_the_rate_of_broken_promises_has_poisson_bounds(page):
    assert [row.broken for row in page.chances] == ["6,250 [2,294–13,604]", "not promised", "not promised"]
    assert page.chances[0].verified == "24 of 24"


def test_a_failure_of_ours_has_a_place_of_its_own(page):
    assert [failure[0] for failure in page.failures] == ["0020-last-writer"]


def test_a_check_that_only_describes_is_not_said_to_have_found_nothing(campaign):
    record = read_campaign(campaign)
    checks = {"verdict": "valid", "asserted": False, "judged": 9, "violations": 0}
    for row in record.rows:
        row.checks["staleness"] = row.checks["siblings"] = checks
    rows = [row for group in campaign_page.build(record).observed for row in group.rows]
    shown = [check for row in rows for check in row.checks]
    assert "lost-write" in shown
    assert not {"staleness", "siblings"} & set(shown)


def test_a_campaign_that_was_interrupted_before_its_first_run_has_a_page(tmp_path, make_campaign):
    empty = campaign_page.build(read_campaign(make_campaign(tmp_path, [], {})))
    assert empty.headline == "Nothing ran"
    assert empty.replay == ()


LOST, KEPT, NO = ("invalid", False, 1), ("valid", True, 0), ("n/a", False, 0)


def test_a_label_under_which_one_system_was_not_judged_shifts_nothing(tmp_path, make_campaign, make_row):
    """Of two systems, one was judged under `kill` alone: its counts stand under `kill`, not under `skew`."""
    rows = [
        make_row(1, "a", "mvr-paper", nemesis="skew", lost_write=LOST),
        make_row(2, "a", "mvr-paper", nemesis="kill", lost_write=LOST),
        make_row(3, "b", "mvr-paper", nemesis="skew", lost_write=NO),
        make_row(4, "b", "mvr-paper", nemesis="kill", lost_write=LOST),
    ]
    folder = make_campaign(tmp_path, rows, {"a": "valid", "b": "valid"})
    (shape,) = campaign_page.build(read_campaign(folder)).shapes
    assert [label for label, _ in shape.columns] == ["skew", "kill"]
    of_b = next(group for group in shape.groups if group.system == "b")
    assert of_b.under("skew") is None
    assert (of_b.under("kill").hits, of_b.under("kill").judged) == (1, 1)
    assert of_b.under("kill").id == shape.columns[1][1]
    page = html.render_campaign(campaign_page.build(read_campaign(folder)))
    row = page[page.index(f'<tr id="{of_b.anchor}"') :].partition("</tr>")[0]
    assert re.findall(r"—|\d of \d", row) == ["—", "1 of 1", "1 of 1"]


def test_a_system_that_no_run_reached_is_on_the_page(tmp_path, make_campaign, make_row):
    folder = make_campaign(
        tmp_path,
        [make_row(1, "a", "mvr-sloppy", lost_write=KEPT)],
        {"a": "unknown", "b": "unknown"},
        promises={"b": ""},
    )
    page = campaign_page.build(read_campaign(folder))
    assert [(one.label, one.verdict_words, one.runs) for one in page.systems] == [
        ("a", "Undecided", 1),
        ("b", "Undecided", 0),
    ]
    assert page.systems[1].claim == "None of its runs ended."
    assert [row.broken for row in page.chances][1] == "no run"
    assert "<b>b</b>" in html.render_campaign(page)


def test_what_is_promised_and_could_not_be_judged_is_undecided_and_not_unpromised(
    tmp_path, make_campaign, make_row
):
    row = make_row(1, "a", "mvr-sloppy", verdict="unknown", lost_write=("unknown", True, 0))
    folder = make_campaign(tmp_path, [row], {"a": "unknown"})
    assert campaign_page.build(read_campaign(folder)).chances[0].broken == "undecided"


def test_a_promise_that_was_judged_as_another_is_said_beside_the_verdict(tmp_path, make_campaign, make_row):
    folder = make_campaign(
        tmp_path,
        [make_row(1, "a", "mvr-sloppy", lost_write=KEPT)],
        {"a": "valid"},
        declared={"a": "mvr-strict"},
    )
    (system,) = campaign_page.build(read_campaign(folder)).systems
    assert (system.promise, system.declared) == ("mvr-sloppy", "mvr-strict")
    assert "declares mvr-strict, judged by mvr-sloppy" in system.claim


def test_a_check_that_was_not_judged_in_every_run_says_of_how_many_and_why(tmp_path, make_campaign, make_row):
    rows = [make_row(n, "a", "mvr-sloppy", unstable_read=KEPT) for n in (1, 2)]
    rows.append(make_row(3, "a", "mvr-sloppy", unstable_read=("valid", False, 0)))
    rows[2].checks["unstable-read"]["why"] = "measured: wipe `f1` lost data"
    (group,) = campaign_page.build(read_campaign(make_campaign(tmp_path, rows, {"a": "valid"}))).observed
    assert group.rows[0].cells[0].text == "kept in 2 of 3"
    assert group.notes == (
        ("unstable-read in a", "only measured in 1 run (one of them: wipe `f1` lost data)"),
    )


def test_a_check_that_judged_nothing_has_no_tick(tmp_path, make_campaign, make_row):
    row = make_row(1, "a", "mvr-sloppy", phantom=KEPT)
    row.checks["phantom"]["judged"] = 0
    (group,) = campaign_page.build(read_campaign(make_campaign(tmp_path, [row], {"a": "unknown"}))).observed
    assert (group.rows[0].cells[0].glyph, group.rows[0].cells[0].text) == ("", "nothing to judge")


def test_date_version_and_settings_stand_near_the_verdict(tmp_path, make_campaign, make_row):
    folder = make_campaign(tmp_path, [make_row(1, "a", "mvr-sloppy", lost_write=KEPT)], {"a": "valid"})
    database = CampaignFolder(folder).database(write=True)
    plan = {"name": "quick", "systems": [{"label": "a", "system": "dynamo", "config": {"n": 3, "r": 1}}]}
    database.note(begun="2026-01-31 12:00:00 UTC", version="0.1.0", plan=plan)
    database.close()
    page = campaign_page.build(read_campaign(folder))
    assert page.when == "2026-01-31 12:00:00 UTC, by Schism 0.1.0"
    assert page.systems[0].settings == "dynamo · n 3 · r 1"
    first = html.render_campaign(page).partition('id="cells"')[0]
    assert page.when in first
    assert page.systems[0].settings in first
