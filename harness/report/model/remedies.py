"""What to do about an `unknown`: a reason that names what is missing is told with the way to provide it."""

from __future__ import annotations

_AGAIN = "read every replica again, later: docs/history.md#final"
_REMEDIES = (
    ("no complete round of final reads after", _AGAIN),
    ("no complete round of final reads", "add a final line for each replica: docs/history.md#final"),
    ("has no final reads", "add a final line for each replica: docs/history.md#final"),
)
"""What a reason says, and what helps; the first that fits."""


def with_remedy(reason: str) -> str:
    """The reason, and what helps, unless the check says so itself."""
    helps = next((remedy for says, remedy in _REMEDIES if says in reason), "")
    return f"{reason} ({helps})" if helps and "docs/" not in reason else reason
