"""A campaign as JSON lines: one object an event, the summary in the last."""

from __future__ import annotations

import msgspec

from harness.campaign.events import CampaignEnded, CampaignStarted, Event
from harness.cli.output import print_json


class JsonLines:
    """Listens to a campaign and prints `{"event": "started" | "run" | "ended", …}`."""

    def __call__(self, event: Event) -> None:
        """Print one event."""
        if isinstance(event, CampaignStarted):
            known = {"name": event.name, "seed": event.seed, "runs": event.runs, "jobs": event.jobs}
            print_json({"event": "started", **known, "directory": str(event.directory), "knobs": event.knobs})
        elif isinstance(event, CampaignEnded):
            known = {"directory": str(event.directory), "interrupted": event.interrupted}
            print_json({"event": "ended", **known, "seconds": round(event.seconds, 3), **event.summary})
        else:
            row = msgspec.to_builtins(event.row)
            shown = {name: value for name, value in row.items() if name != "plan"}
            print_json({"event": "run", "done": event.done, "total": event.total, **shown})
