"""Schism reads histories and judges them: a library that knows no harness and no store.

from checkers import check
report = check("history.jsonl", promise="mvr-sloppy")
"""

from checkers.report import Report
from checkers.suite import check

__all__ = ["Report", "check"]
