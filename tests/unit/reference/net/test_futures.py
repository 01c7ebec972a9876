"""The node's coroutines on a real loop: the rules of the simulation's kernel, kept."""

import asyncio

import pytest

from reference.net.futures import Future, Life


def lived(scenario):
    """Run `scenario(life, errors)` on a loop; the errors of its life."""

    async def main():
        errors = []
        life = Life(asyncio.get_running_loop(), errors.append)
        await asyncio.wait_for(scenario(life, errors), 60)
        return errors

    return asyncio.run(main())


def test_the_first_value_counts():
    async def scenario(life, _):
        future = Future(life.loop)
        future.resolve(1)
        future.resolve(2)
        assert await future == 1
        assert await future.for_asyncio() == 1

    assert lived(scenario) == []


def test_time_resolves_it_to_none():
    async def scenario(life, _):
        assert await Future(life.loop, 0.01).for_asyncio() is None

    lived(scenario)


def test_a_coroutine_runs_to_its_first_await_at_once_and_on_when_woken_in_order():
    async def scenario(life, _):
        gate, seen = Future(life.loop), []

        async def waiter(name):
            seen.append(f"{name} waits")
            seen.append(f"{name} got {await gate}")

        ends = [life.start(waiter(name)) for name in ("a", "b")]
        assert seen == ["a waits", "b waits"]
        gate.resolve(7)
        assert len(seen) == 2, "woken by the loop, not inside resolve"
        for end in ends:
            await end.for_asyncio()
        assert seen[2:] == ["a got 7", "b got 7"]

    assert lived(scenario) == []


def test_nothing_of_a_life_that_is_over_runs():
    async def scenario(life, _):
        gate, seen = Future(life.loop), []

        async def waiter():
            await gate
            seen.append("ran")

        life.start(waiter())
        life.over = True
        gate.resolve(None)
        await asyncio.sleep(0.01)
        assert seen == []

    lived(scenario)


def test_an_exception_ends_the_life_and_is_reported_once():
    async def scenario(life, errors):
        gate = Future(life.loop)

        async def breaks():
            await gate
            raise KeyError("a bug")

        life.start(breaks())
        life.start(breaks())
        gate.resolve(None)
        await asyncio.sleep(0.01)
        assert life.over

    [error] = lived(scenario)
    assert isinstance(error, KeyError)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_waiting_for_anything_else_is_a_bug_and_said_to_be():
    async def scenario(life, _):
        async def foreign():
            await asyncio.sleep(0)

        life.start(foreign())

    [error] = lived(scenario)
    assert "its Runtime's futures only" in str(error)
