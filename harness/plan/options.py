"""Reading the options that a plan gives to an extension (a nemesis, a workload), with errors that help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.errors import UsageError
from harness.plan.suggest import did_you_mean


class OptionError(UsageError):
    """One option is wrong; `option` is its name, for whoever knows the line on which it stands."""

    def __init__(self, message: str, option: str) -> None:
        super().__init__(message)
        self.option = option


class Options:
    """What a plan said, checked against what the extension `owner` documents.

    Raises OptionError at once for an option that `documented` does not name, and from each method for a
    value of the wrong type or out of range.
    """

    def __init__(self, owner: str, documented: Mapping[str, str], given: Mapping[str, Any]) -> None:
        self._owner = owner
        self._given = given
        for name in given:
            if name not in documented:
                meant = did_you_mean(name, tuple(documented))
                raise OptionError(f"{owner}: unknown option `{name}`{meant}", name)

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        value = self._given.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self._wrong(name, value, f"give a number from {low:g} to {high:g}")
        return float(value)

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self._given.get(name, default)
        if not isinstance(value, bool):
            raise self._wrong(name, value, "give true or false")
        return value

    def some_of(self, name: str, known: tuple[str, ...]) -> tuple[str, ...]:
        """At least one of `known`, in their order; all of them where the plan says nothing."""
        value = self._given.get(name, known)
        if not isinstance(value, list | tuple) or not value:
            raise self._wrong(name, value, f"give a list of {', '.join(known)}")
        for item in value:
            if item not in known:
                meant = did_you_mean(str(item), known)
                raise OptionError(f"{self._owner}: `{name}` has {str(item)[:40]!r}{meant}", name)
        return tuple(item for item in known if item in value)

    def _wrong(self, name: str, value: Any, fix: str) -> OptionError:
        text = repr(value)
        clipped = text if len(text) <= 60 else f"{text[:60]}…"
        return OptionError(f"{self._owner}: `{name}` is {clipped}: {fix}", name)
