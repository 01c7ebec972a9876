"""`junit.xml`: a testcase a run as they end, one a cell when all is judged; always whole on disk."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from harness.campaign.events import CampaignEnded, CampaignStarted, Event
from harness.store import Row, write_anew

FLUSH_S = 1.0
"""The file is rewritten at most so often while runs end, and once at the end."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JUnit:
    """Listens to a campaign and keeps its `junit.xml`.

    Invalid is a failure and what the harness failed is an error. An unknown run is skipped with its
    reason, because its cell absorbs or reports it: a cell that is not valid is a failure.
    """

    def __init__(self) -> None:
        self._suite = ET.Element("testsuite")
        self._cases: dict[int, ET.Element] = {}
        self._path = Path()
        self._written = 0.0

    def __call__(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, CampaignStarted):
            self._path = event.directory / "junit.xml"
            self._suite.set("name", f"schism {event.name}")
            properties = ET.SubElement(self._suite, "properties")
            ET.SubElement(properties, "property", name="seed", value=str(event.seed))
            self._write()
        elif isinstance(event, CampaignEnded):
            for cell in event.summary["cells"]:
                self._suite.append(_cell_case(cell))
            self._write()
        else:
            case = _run_case(event.row)
            self._cases[event.row.number] = case
            self._suite.append(case)
            if time.monotonic() - self._written >= FLUSH_S:
                self._write()

    def _write(self) -> None:
        """The whole file, in the order of the campaign, swapped in at once."""
        cases = list(self._suite.iter("testcase"))
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            self._suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
        self._suite.set("tests", str(len(cases)))
        order = {id(case): number for number, case in self._cases.items()}
        last = len(order) + 1_000_000_000
        self._suite[:] = sorted(
            self._suite, key=lambda part: 0 if part.tag == "properties" else order.get(id(part), last)
        )
        root = ET.Element("testsuites")
        root.append(self._suite)
        ET.indent(root)
        text = io.BytesIO()
        ET.ElementTree(root).write(text, encoding="utf-8", xml_declaration=True)
        write_anew(self._path, text.getvalue())
        self._written = time.monotonic()


def _run_case(row: Row) -> ET.Element:
    name = f"{row.system}.{row.workload}.{row.nemesis}"
    case = ET.Element("testcase", classname=name, name=row.name, time=f"{row.seconds:.3f}")
    if row.verdict == "invalid":
        asserted = [finding for finding in row.findings if finding["asserted"]]
        lines = [f"{finding['check']}: {finding['message']}" for finding in asserted]
        _add(case, "failure", lines[0] if lines else "invalid", "\n".join([*lines, f"seed {row.seed}"]))
    elif row.failure:
        _add(case, "error", row.failure, f"seed {row.seed}")
    elif row.verdict == "unknown":
        _add(case, "skipped", f"unknown: {row.reason}")
    return case


def _cell_case(cell: dict[str, Any]) -> ET.Element:
    name = f"{cell['system']}.{cell['workload']}.{cell['nemesis']}"
    case = ET.Element("testcase", classname="cells", name=name)
    if cell["verdict"] != "valid":
        _add(case, "failure", f"{cell['verdict']}: {cell['reason']}")
    return case


def _add(case: ET.Element, tag: str, message: str, text: str = "") -> None:
    part = ET.SubElement(case, tag, message=_NOT_XML.sub("\ufffd", message))
    if text:
        part.text = _NOT_XML.sub("\ufffd", text)
