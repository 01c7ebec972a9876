"""What can be clicked, pasted and typed from the docs leads somewhere."""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from harness.cli.app import build
from tests.unit.docs.pages import ROOT, every_page, text


def _anchors(page: Path) -> set[str]:
    """Anchors as GitHub makes them from headings."""
    headings = re.findall(r"^#+ (.*)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page
def test_relative_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", text(page), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        assert ROOT in (there, *there.parents), f"{target} leaves the project"
        if anchor:
            assert anchor in _anchors(there), target


def _command_lines(page: Path) -> Iterator[str]:
    """Command lines that begin with `schism`, in code: indented, fenced, or between backticks."""
    for line in text(page).splitlines():
        if match := re.match(r"^(?: {4,}|\$ |)(?:\.venv/bin/)?(schism [a-z].*)$", line):
            yield match[1].split("  ")[0].split(" # ")[0]
        yield from re.findall(r"`(?:\.venv/bin/)?(schism [a-z][^`]*)`", line)


def _fill(word: str) -> str:
    """A placeholder such as N, PATH or NAME as a value that parses."""
    return {"N": "7", "SEED": "7"}.get(word, word)


@every_page
def test_every_schism_command_parses(page: Path) -> None:
    app = build()
    for line in _command_lines(page):
        if "·" in line or "[" in line or "…" in line:  # a banner, a synopsis
            continue
        words = [_fill(word) for word in shlex.split(line)[1:]]
        if all(word.startswith("--") for word in words[1:]) and words[0] != "soak":  # a mention
            assert words[0] in app, f"{page.name}: {line}"
            continue
        command, bound, *_ = app.parse_args(words, exit_on_error=False, print_error=False)
        assert inspect.isfunction(command), line
        assert bound is not None


@every_page
def test_every_synopsis_names_real_options(page: Path) -> None:
    app = build()
    for line in _command_lines(page):
        name = line.split()[1]
        assert name in app, f"{page.name}: there is no `schism {name}`"
        known = {option for argument in app[name].assemble_argument_collection() for option in argument.names}
        assert set(re.findall(r"--[a-z-]+", line)) <= known | {"--help"}, line


@every_page
def test_every_make_target_exists(page: Path) -> None:
    known = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    code = [*re.findall(r"`(make [^`]*)`", text(page)), *re.findall(r"^ {4}(make .*)$", text(page), re.M)]
    for line in code:
        for word in line.split("  ")[0].split()[1:]:
            assert "=" in word or word in known, f"{page.name}: {line}"


@every_page
def test_paths_in_backticks_exist(page: Path) -> None:
    folders = r"(?:reference|harness|checkers|workloads|tests|campaigns|docs)"
    for path in re.findall(rf"`({folders}/[\w./-]*)`", text(page)):
        assert (ROOT / path).exists(), f"{page.name}: {path}"


@every_page
def test_no_page_knows_the_machine_it_was_written_on(page: Path) -> None:
    for word in ("/work/", "/home/", "/tmp/", "../shared", "localhost"):
        assert word not in text(page)


def test_docstrings_name_only_pages_that_exist() -> None:
    sources = [
        path
        for folder in ("reference", "harness", "checkers", "workloads")
        for path in (ROOT / folder).rglob("*.py")
    ]
    for source in sources:
        for page in re.findall(r"docs/[\w/-]+\.md", text(source)):
            assert (ROOT / page).exists(), f"{source.name}: {page}"


@every_page
def test_tests_that_a_page_names_exist(page: Path) -> None:
    known = "\n".join(text(path) for path in (ROOT / "tests").rglob("test_*.py"))
    for name in re.findall(r"`(test_\w+)`", text(page)):
        assert f"def {name}(" in known, f"{page.name}: there is no {name}"
