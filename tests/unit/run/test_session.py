"""What a client records: one small story a test, told by the lines of its history."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

import pytest

from harness.errors import Refused, Unanswered
from harness.run.session import ClientBroke, ClientSession
from harness.testbeds.sim.testbed import SimTestbed
from tests.perfect import NODES, PerfectStore, events_of, state_on

Story = Callable[[ClientSession], Awaitable[None]]


def told(directory: Path, story: Story, **answers: Exception) -> tuple[list[str], PerfectStore]:
    """The history as short lines: `invoke 0 p0 put k0 0:0 @n1`. `answers` are _0=..., by call number."""
    store = PerfectStore(answers={int(name[1:]): error for name, error in answers.items()})
    testbed = SimTestbed(1, NODES)
    state = state_on(testbed, directory, store)

    async def main() -> None:
        for node in NODES:
            await testbed.start(node)
        await story(ClientSession(state, 0, Random(1)))

    try:
        testbed.run(main())
    finally:
        state.recorder.close()
    return [line(event) for event in events_of(state.recorder.path)], store


def line(event: dict[str, object]) -> str:
    said = f"{event['type']} {event['op']} p{event['process']} {event['f']} {event['key']}"
    for name, mark in (
        ("value", " "),
        ("context", " context "),
        ("node", " @"),
        ("parent", " in "),
        ("items", " "),
    ):
        if name in event:
            said += f"{mark}{event[name]}"
    return said + (f": {event['error']}" if "error" in event else "")


def test_a_context_names_the_read_that_it_came_from(tmp_path: Path) -> None:
    async def story(client: ClientSession) -> None:
        assert await client.put("k0", client.unique(), None, "n1")
        read = await client.get("k0", "n2")
        assert read is not None
        assert read.values == ("0:0",)
        assert await client.put("k0", client.unique(), read, "n3")
        assert await client.delete("k0", read, "n1")

    history, store = told(tmp_path, story)
    assert history == [
        "invoke 0 p0 put k0 0:0 @n1",
        "ok 0 p0 put k0",
        "invoke 1 p0 get k0 @n2",
        "ok 1 p0 get k0 ['0:0']",
        "invoke 2 p0 put k0 0:1 context 1 @n3",
        "ok 2 p0 put k0",
        "invoke 3 p0 delete k0 context 1 @n1",
        "ok 3 p0 delete k0",
    ]
    assert list(store.held["k0"].values()) == ["0:1"]


def test_a_refused_connection_followed_by_the_next_node_is_one_attempt(tmp_path: Path) -> None:
    async def story(client: ClientSession) -> None:
        assert await client.put("k0", "0:0", None, "n4")

    history, store = told(tmp_path, story, _0=Refused("connection refused"), _1=Refused("connection refused"))
    assert history == ["invoke 0 p0 put k0 0:0 @n4", "ok 0 p0 put k0 @n1"]
    assert [call[-1] for call in store.calls] == ["n4", "n5", "n1"]


def test_refused_everywhere_is_a_fail_and_the_process_goes_on(tmp_path: Path) -> None:
    async def story(client: ClientSession) -> None:
        assert not await client.put("k0", "0:0", None, "n1")
        assert client.process == 0

    history, _ = told(tmp_path, story, **{f"_{call}": Refused("down") for call in range(5)})
    assert history == ["invoke 0 p0 put k0 0:0 @n1", "fail 0 p0 put k0: down"]


def test_an_unanswered_write_is_an_info_and_retires_its_process(tmp_path: Path) -> None:
    async def story(client: ClientSession) -> None:
        assert client.unique() == "0:0"
        assert not await client.put("k0", "0:0", None, "n1")
        assert client.unique() == "2:0"  # two clients: the next free id of client 0
        assert await client.put("k0", "2:0", None, "n1")

    history, _ = told(tmp_path, story, _0=Unanswered("timeout"))
    assert history == [
        "invoke 0 p0 put k0 0:0 @n1",
        "info 0 p0 put k0: timeout",
        "invoke 1 p2 put k0 2:0 @n1",
        "ok 1 p2 put k0",
    ]


def test_an_unanswered_get_changed_nothing_and_its_process_goes_on(tmp_path: Path) -> None:
    async def story(client: ClientSession) -> None:
        assert await client.get("k0", "n1") is None
        assert client.process == 0

    history, _ = told(tmp_path, story, _0=Unanswered())
    assert history == ["invoke 0 p0 get k0 @n1", "info 0 p0 get k0: timeout"]


def test_any_other_error_is_ours_and_never_an_outcome(tmp_path: Path) -> None:
    async def story(client: ClientSession) -> None:
        with pytest.raises(ClientBroke, match=r"client: KeyError: 'oops'") as broke:
            await client.put("k0", "0:0", None, "n1")
        assert broke.value.op == 0

    history, _ = told(tmp_path, story, _0=KeyError("oops"))
    assert history == ["invoke 0 p0 put k0 0:0 @n1"]


def test_an_operation_that_spans_others_ends_as_the_process_that_began_it(tmp_path: Path) -> None:
    async def story(client: ClientSession) -> None:
        op = client.begin("add", "k0", "a")
        assert not await client.put("k0", "0:0|a", None, "n1", op, ["a"])
        client.end(op, "info", error="the write was not answered")
        assert client.process == 2  # retired once, not twice

    history, _ = told(tmp_path, story, _0=Unanswered("timeout"))
    assert history == [
        "invoke 0 p0 add k0 a",
        "invoke 1 p0 put k0 0:0|a @n1 in 0 ['a']",
        "info 1 p0 put k0: timeout",
        "info 0 p0 add k0: the write was not answered",
    ]
