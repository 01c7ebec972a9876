"""Whatever the HTTP API accepts, a start can read again: from the log, and from the database."""

import asyncio
import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference.config import NodeConfig
from reference.membership import UP, Member, View
from reference.net.clock import WallClock
from reference.net.disk.disks import open_disk
from reference.net.face.context import ContextError, Contexts
from reference.net.face.http import HttpError, Request
from reference.net.face.keyvalue import CONTEXT, EPOCH, REQUEST_ID, KeyValue
from reference.net.face.operator import decide
from reference.net.metrics import Metrics
from reference.net.runtime import NetRuntime
from reference.node import Node
from reference.versions.siblings import Context

COUNTERS = st.sampled_from([1, 2**62 - 1, 2**62, 2**63 - 1, 2**63, 2**64, 2**128 - 1])
TEXTS = st.sampled_from(
    ["n1", "n1@0", "", "\ud800", "\0", "x" * 5000, "127.0.0.1:\u00b2", "h:1", "h:99999", "[::1]:1"]
)
CLOCKS = {
    "dotted": st.dictionaries(TEXTS, COUNTERS, max_size=3),
    "paper-clock": st.lists(st.tuples(TEXTS, COUNTERS, COUNTERS), max_size=2).map(tuple),
    "last-writer": st.none() | st.tuples(COUNTERS, TEXTS, TEXTS),
}
MEMBERS = st.fixed_dictionaries(
    {"change": st.just("join"), "node": TEXTS, "address": TEXTS},
    optional={"tokens": st.sampled_from([1, 4096, 5000, 2**128]), "center": TEXTS},
)
REQUESTS = st.sampled_from([None, "name", "c/1/0", "c/999999999999999/999999999999998", "\xff" * 128])


def forged(mode, clock):
    """A context with a right checksum around any clock, as far as one can be written."""
    with pytest.MonkeyPatch.context() as patch:
        for check in ("is_counter", "is_text"):
            patch.setattr(f"reference.net.peers.states.{check}", lambda _: True)
        try:
            return Contexts(mode).encode(Context("k", clock))
        except (ContextError, ValueError):
            return None


async def status_of(asked):
    try:
        return (await asked).status
    except HttpError as refused:
        return refused.response.status


@pytest.mark.parametrize("engine", ["log", "sqlite"])
@pytest.mark.parametrize("mode", ["dotted", "paper-clock", "last-writer"])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_was_accepted_is_there_after_a_start(tmp_path_factory, engine, mode, data):
    folder = tmp_path_factory.mktemp("data")
    config = NodeConfig(n=1, r=1, w=1, engine=engine, mode=mode)
    said = data.draw(st.lists(st.tuples(CLOCKS[mode], REQUESTS, MEMBERS), min_size=1, max_size=4))

    async def life(requests):
        errors = []
        loop = asyncio.get_running_loop()
        disk = open_disk(folder, config, False, loop, errors.append)
        runtime = NetRuntime("n1", loop, disk, WallClock(), errors.append)
        node = Node(runtime, config, View.initial([Member("n1", UP, 4, "", "")]))
        await runtime.life.start(node.start()).for_asyncio()
        runtime.receive = node.receive
        face = KeyValue(runtime, config, node.epoch, Metrics(), lambda _: "")
        statuses = []
        for clock, name, change in requests:
            headers = {CONTEXT: forged(mode, clock), REQUEST_ID: name, EPOCH: None}
            headers = {key.lower(): value for key, value in headers.items() if value is not None}
            for asked in (
                face.handle(Request("PUT", f"/kv/{quote('k')}", headers, b"v")),
                decide(node, runtime.life, json.dumps(change).encode()),
            ):
                statuses.append(await status_of(asked))
        assert set(statuses) <= {200, 202, 400, 409, 504}  # 504: the client itself said that it was over
        state, view = node.replica.copies.get("k"), node.members.view.changes
        runtime.life.over = True
        disk.close()
        assert not errors
        return state, view

    assert asyncio.run(life([])) is not None
    before = asyncio.run(life(said))
    assert asyncio.run(life([])) == before
