"""The pages themselves: whole, escaped, self-contained, the same bytes for the same folder."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from harness.errors import UsageError
from harness.report.pages.html import write_campaign, write_run

VOID = {"meta", "input", "br", "link", "img", "hr"}


class Structure(HTMLParser):
    """Collects ids, links and scripts, and notes tags that do not close in order."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.scripts, self.open, self.wrong = [], [], 0, [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found[name] for name in ("href", "src") if name in found]
        self.scripts += tag == "script"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.links += [dict(attrs)["href"]] if "href" in dict(attrs) else []

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.fixture
def run_html(run):
    return write_run(run).read_text()


@pytest.fixture
def campaign_html(campaign):
    return write_campaign(campaign).read_text()


def headings(text):
    return re.findall(r"<h2[^>]*>([^<]*)", text)


def test_a_run_has_every_section(run_html):
    assert headings(run_html) == [
        "An acknowledged write was lost", "Space and time", "Versions of ",
        "A read missed a write acknowledged before it began", "Space and time", "Versions of ",
        "The whole run", "Latency", "Versions a get returned", "Checks", "Plan and replay",
    ]  # fmt: skip


def test_a_campaign_has_every_section_that_something_measured(campaign_html):
    assert headings(campaign_html) == [
        "What was found", "How much could have failed", "Cells", "Guarantees, claimed and observed",
        "Findings", "Harness failures", "Versions a get returned", "Plan, seed, replay",
    ]  # fmt: skip


@pytest.mark.parametrize("page", ["run_html", "campaign_html"])
def test_a_page_is_well_formed_and_needs_nothing_from_outside(page, request):
    text = request.getfixturevalue(page)
    found = Structure(text)
    assert found.wrong == []
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))
    assert not [link for link in found.links if re.match(r"(https?:)?//|data:|/", link)]
    assert not re.search(r"@import|url\((?!#)", text)


@pytest.mark.parametrize("page", ["run_html", "campaign_html"])
def test_links_inside_a_page_lead_somewhere(page, request):
    found = Structure(request.getfixturevalue(page))
    inside = {link[1:] for link in found.links if link.startswith("#")}
    assert inside - set(found.ids) == set()


def test_what_a_store_or_a_plan_says_is_text(evil_run):
    text = write_run(evil_run).read_text()
    assert "<script>alert" not in text
    assert Structure(text).scripts == 1, "only our own"
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 5


def test_a_campaign_escapes_reasons_and_promises(campaign):
    results = json.loads((campaign / "results.json").read_text())
    for system in results["systems"]:
        system["reason"] = "<img src=x onerror=alert(1)>"
        system["promise"] = "<b>lww</b>"
    (campaign / "results.json").write_text(json.dumps(results))
    text = write_campaign(campaign).read_text()
    assert "<img" not in text
    assert "&lt;b&gt;lww&lt;/b&gt;" in text


def test_a_campaign_escapes_labels_and_messages(tmp_path, make_campaign, make_row):
    evil = "<script>alert(1)</script>"
    rows = [make_row(1, evil, evil, nemesis=evil, failure=evil, lost_write=("invalid", True, 1))]
    text = write_campaign(make_campaign(tmp_path / "store", rows, {evil: "invalid"})).read_text()
    assert "<script" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 8


def test_the_loud_colour_is_kept_for_broken_promises(run_html):
    sections = re.findall(r'<section class="claims( quiet)?" id="([^"]+)"', run_html)
    assert sections == [("", "lost-write-1"), (" quiet", "mvr-regular-1")]


def test_the_same_folder_gives_the_same_bytes_under_any_hash_seed(run, campaign):
    code = (
        "import sys; from pathlib import Path;"
        "from harness.report.pages.html import write_campaign, write_run;"
        "sys.stdout.buffer.write(write_run(Path(sys.argv[1])).read_bytes() + "
        "write_campaign(Path(sys.argv[2])).read_bytes())"
    )
    pages = [
        subprocess.run(
            [sys.executable, "-c", code, run, campaign],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    ]
    assert pages[0] == pages[1]
    assert len(pages[0]) > 50_000


def test_a_torn_history_still_has_a_page(run):
    history = run / "history.jsonl"
    history.write_bytes(history.read_bytes()[:-20])
    assert "is torn (the last one): dropped" in write_run(run).read_text()


def test_an_empty_run_still_has_a_page(run):
    (run / "history.jsonl").write_text('{"kind":"meta","version":1}\n')
    empty = {"verdict": "unknown", "promise": None, "ops": {}, "checks": {}, "reason": "nothing happened"}
    (run / "results.json").write_text(json.dumps(empty))
    assert "Nothing happened." in write_run(run).read_text()


def test_what_is_missing_is_named_with_the_fix(run):
    (run / "results.json").unlink()
    with pytest.raises(UsageError, match=r"results\.json: not there: judge the run first"):
        write_run(run)


def test_control_characters_of_a_history_are_seen_and_do_nothing(run):
    odd = "a\x1b[2J\u202eb\x00"
    history, results = run / "history.jsonl", run / "results.json"
    for path in (history, results):
        path.write_text(path.read_text().replace("4:267", json.dumps(odd)[1:-1]))
    page = write_run(run).read_text()
    assert "a\\x1b[2J\\u202eb\\x00" in page
    assert not {"\x1b", "\u202e", "\x00"} & set(page)


def test_what_can_be_cut_off_on_a_phone_scrolls_with_a_cue(run, campaign):
    for page in (write_run(run).read_text(), write_campaign(campaign).read_text()):
        assert "background-attachment: local, local, scroll, scroll" in page
        tables = list(re.finditer('<table class="(guar|by|ops|checks|could|mx|plot)"', page))
        assert tables
        for table in tables:
            assert page[: table.start()].rpartition("<div")[2].startswith(' class="scroll"'), table[1]
