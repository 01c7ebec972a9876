"""The versions around a violation, drawn."""

from __future__ import annotations

from checkers.case import Case
from checkers.evidence import dot, neighbourhood
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


def test_a_violation_of_no_key_has_no_graph() -> None:
    assert len(neighbourhood(Case(history("put1")), Violation("availability", None, (), "?"))) == 0
