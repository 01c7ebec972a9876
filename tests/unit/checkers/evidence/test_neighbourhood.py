"""The versions around a violation, drawn."""

from __future__ import annotations

from xml.etree import ElementTree

from checkers.case import Case
from checkers.evidence.graph_svg import svg
from checkers.evidence.neighbourhood import dot, neighbourhood
from checkers.suite import check
from checkers.verdict import Violation
from tests.histories.notation import history

TEXT = "put1; a:get{1}; b:get{1}; a:put2{1}; b:put3{1}; a:get{3}; a:put4{3}; put9; F{4,9}"


def lost() -> tuple[Case, Violation]:
    h = history(TEXT)
    (violation,) = check(h).checks["lost-write"].finding.violations
    return Case(h), violation


def test_the_neighbourhood_of_a_lost_write() -> None:
    graph = neighbourhood(*lost(), reach=1)
    assert list(graph.nodes) == [0, 3, 4, 6]
    assert sorted(graph.edges) == [(0, 3), (0, 4), (4, 6)]
    assert [node for node, facts in graph.nodes(data=True) if facts["cited"]] == [3, 4]
    assert [node for node, facts in graph.nodes(data=True) if facts["final"]] == [6]


def test_as_text() -> None:
    text = dot(neighbourhood(*lost(), reach=1))
    assert text.startswith("digraph versions {")
    assert '  3 [label="2\\nop 3, process 0", fillcolor="#6DB6FE", penwidth=3];' in text
    assert '  6 [label="4\\nop 6, process 0", fillcolor="#6DB6FE", peripheries=2];' in text
    assert "  0 -> 3;" in text


def test_values_cannot_break_out_of_their_quotes() -> None:
    h = history("put1; F{}")
    h.ops[0].value = 'a"]; evil\\'
    (violation,) = check(h).checks["lost-write"].finding.violations
    assert 'label="a\\"]; evil\\\\\\nop 0' in dot(neighbourhood(Case(h), violation))


def test_as_a_picture_older_above_newer() -> None:
    picture = ElementTree.fromstring(svg(neighbourhood(*lost(), reach=1)))
    space = "{http://www.w3.org/2000/svg}"
    boxes = picture.findall(f"{space}g")
    drawn = [box.findtext(f"{space}title") for box in boxes]
    assert drawn[0] == "1 · op 0, process 0"
    assert drawn[1:] == ["2 · op 3, process 0", "3 · op 4, process 1", "4 · op 6, process 0"]
    tops = [int(box.find(f"{space}rect").attrib["y"]) for box in boxes]  # type: ignore[union-attr]
    assert tops[0] < tops[1] == tops[2] < tops[3]
    borders = [[rect.attrib["stroke-width"] for rect in box.findall(f"{space}rect")] for box in boxes]
    assert borders == [["1"], ["3"], ["3"], ["1", "1"]], "cited writes are thick, what is held is double"
    assert len(picture.findall(f"{space}line")) == 3


def test_a_picture_shows_what_a_store_returned_as_text() -> None:
    h = history("put1; F{}")
    h.ops[0].value = "<script>&"
    (violation,) = check(h).checks["lost-write"].finding.violations
    text = svg(neighbourhood(Case(h), violation))
    assert "<script>" not in text
    assert "&lt;script&gt;&amp;" in text


def test_a_circle_is_drawn_all_the_same() -> None:
    circle = history("a:get{2}[1,2]; a:put1{2}[3,4]; a:get{1}[5,6]; a:put2{1}[7,8]")
    text = svg(neighbourhood(Case(circle), Violation("causal", "x", (3,), "?")))
    assert text.count("<rect") == 2


def test_a_violation_of_no_key_has_no_graph() -> None:
    assert len(neighbourhood(Case(history("put1")), Violation("availability", None, (), "?"))) == 0


def test_both_pictures_say_what_arrows_borders_and_colours_mean() -> None:
    graph = neighbourhood(*lost(), reach=1)
    for text in (svg(graph), dot(graph)):
        for words in ("an arrow leads from a write", "double border: held at the end", "ochre: no answer"):
            assert words in text
