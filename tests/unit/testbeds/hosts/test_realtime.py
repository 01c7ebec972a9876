"""Real time: what the coroutines of a run may rely on beyond tests/conformance."""

import asyncio
import os
import signal

import pytest

from harness.testbeds.hosts.realtime import RealTime


@pytest.fixture
def errors():
    return []


@pytest.fixture
def time(errors):
    found = RealTime(errors.append)
    yield found
    found.end()


def test_an_interrupt_comes_between_two_steps_and_the_world_goes_on(time) -> None:
    log = []

    async def beside():
        for number in range(5):
            await asyncio.sleep(0.02)
            log.append(number)

    async def story():
        time.spawn(beside(), "beside")
        await asyncio.sleep(0.03)
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(60)

    async def afterwards():
        await asyncio.sleep(0.15)

    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        time.run(story())
    assert signal.getsignal(signal.SIGINT) is handler
    assert log != list(range(5))
    time.run(afterwards())
    assert log == list(range(5))


def test_what_an_interrupted_run_did_last_does_not_end_the_next_one(time) -> None:
    async def story():
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.05)

    async def longer():
        await asyncio.sleep(0.15)
        return "to its end"

    with pytest.raises(KeyboardInterrupt):
        time.run(story())
    assert time.run(longer()) == "to its end"


def test_an_error_that_nobody_awaits_in_a_task_of_the_run_stays_there(time, errors) -> None:
    async def broken():
        raise ValueError("mine")

    async def story():
        time.spawn(broken(), "broken")
        await asyncio.sleep(0.01)

    time.run(story())
    assert errors == []


def test_an_error_in_a_callback_is_told(time, errors) -> None:
    def broken():
        raise ValueError("in a proxy")

    async def story():
        asyncio.get_running_loop().call_soon(broken)
        await asyncio.sleep(0.01)

    time.run(story())
    assert [str(error) for error in errors] == ["in a proxy"]


def test_the_end_cancels_what_is_under_way_and_may_be_repeated(time) -> None:
    log = []

    async def beside():
        try:
            await asyncio.sleep(60)
        finally:
            log.append("cancelled")

    async def story():
        time.spawn(beside(), "beside")
        await asyncio.sleep(0.01)

    time.run(story())
    for _ in range(2):
        time.end()
    assert log == ["cancelled"]
