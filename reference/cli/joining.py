"""The commands `join` and `leave`: tell one member, then wait until it says that the change is done."""

from __future__ import annotations

import argparse
import json
import sys
import time

from reference.cli import settings
from reference.cli.client import call
from reference.membership import GONE, UP
from reference.net.process import BROKE, OK

_LOOK_S = 0.2


def change_members(options: argparse.Namespace) -> int:
    """0 once it is done (or asked for, with --wait 0), 1 if it was refused or did not end in time."""
    member = settings.address(options.http, "--http")
    wanted: dict[str, object] = {"change": "join", "node": options.name}
    if options.command == "join":
        settings.address(options.address, "--address")
        wanted |= {"address": options.address}
        given = {"tokens": options.tokens, "center": options.center}
        wanted |= {name: value for name, value in given.items() if value is not None}
    else:
        wanted["change"] = "remove" if options.dead else "leave"
    answer = call(member, "POST", "/admin/members", json.dumps(wanted).encode())
    if answer.status != 202:
        print(f"error: {answer.fields.get('reason', answer.fields)}", file=sys.stderr)
        return BROKE
    done = UP if options.command == "join" else GONE
    until = time.monotonic() + options.wait
    seen = str(answer.fields["now"])
    print(f"{options.name} is {seen}")
    while seen != done and time.monotonic() < until:
        time.sleep(_LOOK_S)
        members = call(member, "GET", "/admin/members").fields["members"]
        now = next((str(known["status"]) for known in members if known["name"] == options.name), seen)
        if now != seen:
            print(f"{options.name} is {now}")
        seen = now
    if seen == done or not options.wait:
        return OK
    print(f"error: {options.name} is still {seen} after {options.wait:g} s", file=sys.stderr)
    return BROKE
