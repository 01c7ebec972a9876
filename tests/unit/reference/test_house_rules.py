"""The node asks the world for nothing but its Runtime, and lets no order leak in from hashing."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import reference

ROOT = Path(reference.__file__).parent
MODULES = sorted(
    path for path in ROOT.rglob("*.py") if not {"net", "cli"} & set(path.relative_to(ROOT).parts)
)
FORBIDDEN = {"asyncio", "time", "random", "os", "socket", "threading", "secrets", "datetime", "uuid"}
HARMLESS = {"sorted", "len", "min", "max", "sum", "any", "all", "frozenset", "set"}
"""Calls whose result does not depend on the order of what they are given."""

each_module = pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative imports hide where things come from"
            yield node.module or ""


def is_set(node: ast.AST, names: set[str]) -> bool:
    """Whether this expression is, by its look, a set: a display, a call, a union of sets, a known name."""
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.BinOp):
        return is_set(node.left, names) or is_set(node.right, names)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")
    return isinstance(node, ast.Name) and node.id in names


def says_set(annotation: ast.AST | None) -> bool:
    return annotation is not None and ast.unparse(annotation).startswith(("set[", "frozenset[", "Set["))


def sets_iterated(tree: ast.AST) -> list[int]:
    """Lines where a set is iterated over: a loop, a comprehension, or a call that keeps its order."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and is_set(node.value, names):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.AnnAssign | ast.arg) and says_set(node.annotation):
            names.add(node.arg if isinstance(node, ast.arg) else getattr(node.target, "id", ""))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.comprehension) and is_set(node.iter, names):
            found.append(node.iter.lineno)
        if isinstance(node, ast.Starred) and is_set(node.value, names):
            found.append(node.lineno)
        if isinstance(node, ast.Call) and any(is_set(argument, names) for argument in node.args):
            harmless = isinstance(node.func, ast.Name) and node.func.id in HARMLESS
            found += [] if harmless else [node.lineno]
    return found


@each_module
def test_only_the_standard_library_and_none_of_the_world(module):
    """The functional core: time, tasks, messages, randomness and disk come from the Runtime alone."""
    for name in imports(ast.parse(module.read_text())):
        top = name.split(".")[0]
        assert top == "reference" or top in sys.stdlib_module_names, f"{name} is not of the standard library"
        assert top not in FORBIDDEN, f"{name} is the Runtime's business"


@each_module
def test_no_set_is_iterated_over(module):
    assert sets_iterated(ast.parse(module.read_text())) == []


@pytest.mark.parametrize(
    "code",
    [
        "for x in {1, 2}: pass",
        "s = set(a)\nfor x in s: pass",
        "[x for x in set(a) | b]",
        "list({1, 2})",
        "def f(s: set[int]):\n    return tuple(s)",
        "f(*frozenset(a))",
    ],
)
def test_the_rule_would_see_it(code):
    assert sets_iterated(ast.parse(code))


def test_the_rule_lets_pass_what_has_no_order():
    assert not sets_iterated(ast.parse("len(set(a)); sorted({x for x in a}); 1 in {1, 2}"))


@each_module
def test_no_randomness_of_hashing(module):
    """A2: hash() and id() differ between processes."""
    calls = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call)]
    named = [call.func.id for call in calls if isinstance(call.func, ast.Name)]
    assert not {"hash", "id"} & set(named)


@each_module
def test_no_disk_in_a_finally(module):
    """A crashed node's coroutines are dropped: a `finally` would run when they are collected, after death."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Try):
            assert not node.finalbody, f"line {node.lineno}"
