"""A YAML file as plain data that remembers its lines, so that every complaint can name the place.

Only what JSON can say is let through: mappings with text keys, lists, text, finite numbers, true, false
and null. Size, depth and the expansion of aliases are limited, so that no file can hang or fill us.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from harness.errors import UsageError

MAX_BYTES = 256 * 1024
MAX_NODES = 50_000
MAX_DEPTH = 32


@dataclass(slots=True)
class Document:
    """The data of one file, and the line of each part by its path (`$.systems[0].label`)."""

    path: Path
    data: Any = None
    lines: dict[str, int] = field(default_factory=dict)

    def fail(self, at: str, message: str) -> NoReturn:
        """Raise UsageError for the part at this path: `file:line: field: message`."""
        raise UsageError(f"{self.place(at)}: {message}")

    def place(self, at: str) -> str:
        """`file:line: field` of a path; the nearest part that has a line where this one has none."""
        nearest = at
        while nearest not in self.lines and len(nearest) > 1:
            nearest = nearest[: max(nearest.rfind("."), nearest.rfind("["))]
        line = self.lines.get(nearest)
        start = str(self.path) if line is None else f"{self.path}:{line}"
        shown = at.removeprefix("$").removeprefix(".")
        return f"{start}: {shown}" if shown else start


def read_document(path: Path) -> Document:
    """Read one YAML mapping. Raises UsageError where it cannot be read or is not plain data."""
    document = Document(path)
    text = _read_text(path)
    try:
        loader = yaml.SafeLoader(text)
        try:
            root = loader.get_single_node()
            if root is None:
                raise UsageError(f"{path}: is empty: a plan needs at least name, systems, workloads, nemeses")
            _Walk(document).visit(root, "$", 0)
            document.data = loader.construct_document(root)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        said = " ".join((error.problem or error.context or "broken").split())
        raise UsageError(f"{path}{line}: not valid YAML: {said}") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise UsageError(f"{path}: nested too deeply (more than {MAX_DEPTH} levels)") from None
    # PyYAML's own constructors of dates, numbers and sets let these out on broken values.
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError) as error:
        raise UsageError(f"{path}: not plain data: {' '.join(str(error).split())}") from None
    _require_plain(document, document.data, "$")
    if not isinstance(document.data, dict):
        document.fail("$", f"expected a mapping of fields, got {type(document.data).__name__}")
    return document


def _read_text(path: Path) -> str:
    if path.is_dir():
        raise UsageError(f"{path}: is a folder, not a plan: name a YAML file")
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot read it: {error.strerror}") from None
    if len(raw) > MAX_BYTES:
        raise UsageError(f"{path}: larger than {MAX_BYTES // 1024} KiB: not a plan")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}:{line}: not UTF-8 text: a plan is a YAML file") from None


class _Walk:
    """Notes the line of every part, and stops at repeated fields and at what expands without end."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.nodes = 0

    def visit(self, node: yaml.Node, at: str, depth: int) -> None:
        self.nodes += 1
        self.document.lines.setdefault(at, node.start_mark.line + 1)
        if self.nodes > MAX_NODES:
            self.document.fail("$", f"expands to more than {MAX_NODES} parts: too many aliases")
        if depth > MAX_DEPTH:
            self.document.fail("$", f"nested too deeply (more than {MAX_DEPTH} levels)")
        if isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self.visit(item, f"{at}[{index}]", depth + 1)
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
                self.document.lines[f"{at}.{name}"] = key.start_mark.line + 1
                if name in seen and key.tag != "tag:yaml.org,2002:merge":
                    self.document.fail(f"{at}.{name}", "appears twice in one mapping: keep one")
                seen.add(name)
                self.visit(value, f"{at}.{name}", depth + 1)


def _require_plain(document: Document, value: Any, at: str) -> None:
    """Let through only what a history and a JSON file can say too."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                document.fail(at, f"the name `{key}` is read as {type(key).__name__}, not text: quote it")
            _require_text(document, key, at)
            _require_plain(document, item, f"{at}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _require_plain(document, item, f"{at}[{index}]")
    elif isinstance(value, float) and not math.isfinite(value):
        document.fail(at, "must be a finite number")
    elif isinstance(value, int) and not -(2**63) <= value < 2**64:
        document.fail(at, "is a whole number of more than 64 bits")
    elif isinstance(value, str):
        _require_text(document, value, at)
    elif not isinstance(value, int | float | bool | None):
        document.fail(at, f"is read as {type(value).__name__}, which a plan cannot hold: quote it")


def _require_text(document: Document, text: str, at: str) -> None:
    """Nothing that no file can hold (half a surrogate pair), and no control characters."""
    odd = next((letter for letter in text if (letter < " " and letter not in "\t\n") or letter == "\x7f"
                or "\ud800" <= letter <= "\udfff"), None)  # fmt: skip
    if odd is not None:
        document.fail(at, f"holds the character U+{ord(odd):04X}, which a plan cannot hold")
