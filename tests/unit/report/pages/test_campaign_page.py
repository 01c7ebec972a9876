"""What the page of a campaign says: the model, before anything is drawn."""

import pytest

from harness.report.model.campaign_source import read_campaign
from harness.report.pages import campaign_page


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
