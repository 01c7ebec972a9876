"""Sees processes that end by themselves, wherever they run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Never

from harness.errors import HarnessError
from harness.testbeds.hosts.host import Host, in_words
from harness.testbeds.testbed import Exited

WATCH_S = 0.05


async def watch(
    hosts: Callable[[], Mapping[str, Host]],
    now: Callable[[], int],
    left: Callable[[Exited], bool],
    failed: Callable[[HarnessError], None],
) -> Never:
    """For ever: `left` hears of each that ended, and until when it ran; `failed`, if that takes no note.

    Of one that ends as it starts whoever starts it will say so.
    """
    seen = now()
    while True:
        await asyncio.sleep(WATCH_S)
        alive, seen = seen, now()
        for host in hosts().values():
            exited = None if host.starting else host.exited()
            if exited is not None:
                host.kill()
                if not left(replace(exited, alive=alive)):
                    failed(HarnessError("testbed", in_words(exited)))
