"""Virtual time: order at one instant, timeouts, cancelling, errors, and standing still."""

import pytest

from harness.errors import HarnessError
from harness.testbeds.sim.kernel import NS, Cancelled, Kernel


def test_time_passes_only_where_something_waits():
    kernel = Kernel()

    async def story():
        assert kernel.now() == 0
        await kernel.sleep(2.5)
        return kernel.now()

    assert kernel.run(story()) == int(2.5 * NS)


def test_events_of_one_instant_run_in_the_order_of_their_scheduling():
    kernel, log = Kernel(), []
    for name in "abc":
        kernel.call_at(5, log.append, name)
    kernel.call_at(4, log.append, "before")
    kernel.run(nap(kernel, 1e-8))
    assert log == ["before", "a", "b", "c"]


def test_what_is_ready_runs_before_time_moves():
    kernel, log = Kernel(), []

    async def child():
        log.append(("child", kernel.now()))

    async def story():
        kernel.call_at(0, log.append, "at 0")
        kernel.spawn(child())
        await kernel.sleep(0)
        log.append("slept")

    kernel.run(story())
    assert log == [("child", 0), "at 0", "slept"]


def test_waiters_wake_in_the_order_in_which_they_came():
    kernel, log = Kernel(), []
    gate = kernel.future()

    async def waiter(name: str):
        log.append((name, await gate))

    async def story():
        for name in "abc":
            kernel.spawn(waiter(name))
        await kernel.sleep(1)
        gate.resolve("open")
        await kernel.sleep(0)

    kernel.run(story())
    assert log == [("a", "open"), ("b", "open"), ("c", "open")]


def test_the_first_value_of_a_future_counts():
    kernel = Kernel()
    future = kernel.future()
    future.resolve(1)
    future.resolve(2)
    future.fail(ValueError())

    async def story():
        return await future

    assert kernel.run(story()) == 1


def test_a_timeout_is_none_and_comes_on_time():
    kernel = Kernel()

    async def story():
        late = kernel.future(timeout_s=0.5)
        assert await late is None
        assert kernel.now() == NS // 2
        quick = kernel.future(timeout_s=0.5)
        kernel.call_at(kernel.now() + 10, quick.resolve, "answer")
        assert await quick == "answer"
        await kernel.sleep(1)  # its timer passes without effect

    kernel.run(story())


def test_an_awaited_task_gives_its_result_or_raises_its_error():
    kernel = Kernel()

    async def child(fails: bool):
        await kernel.sleep(1)
        if fails:
            raise ValueError("broken")
        return "done"

    async def story():
        assert await kernel.spawn(child(False)) == "done"
        with pytest.raises(ValueError, match="broken"):
            await kernel.spawn(child(True))

    kernel.run(story())


def test_an_error_that_nobody_awaits_is_told_to_whoever_spawned_it():
    kernel, told = Kernel(), []

    async def child():
        raise ValueError("alone")

    async def story():
        kernel.spawn(child(), "child", told.append)
        await kernel.sleep(1)

    kernel.run(story())
    assert [str(error) for error in told] == ["alone"]


def test_a_cancelled_task_stops_where_it_waits():
    kernel, log = Kernel(), []

    async def child():
        log.append("began")
        await kernel.sleep(10)
        log.append("never")

    async def story():
        told = []
        task = kernel.spawn(child(), "child", told.append)
        await kernel.sleep(1)
        task.cancel()
        with pytest.raises(Cancelled):
            await task
        assert kernel.now() == NS
        assert told == []  # no error: it was asked to
        await kernel.sleep(20)

    kernel.run(story())
    assert log == ["began"]


def test_cancelling_a_task_that_has_ended_does_nothing():
    kernel = Kernel()

    async def story():
        task = kernel.spawn(nap(kernel, 0.1))
        await task
        task.cancel()
        await kernel.sleep(1)
        assert task.done()
        assert await task is None

    kernel.run(story())


def test_a_task_may_tidy_up_when_it_is_cancelled():
    kernel, log = Kernel(), []

    async def child():
        try:
            await kernel.sleep(10)
        finally:
            await kernel.sleep(1)
            log.append(kernel.now())

    async def story():
        task = kernel.spawn(child())
        await kernel.sleep(2)
        task.cancel()
        with pytest.raises(Cancelled):
            await task

    kernel.run(story())
    assert log == [3 * NS]


def test_a_cancel_outruns_a_wake_up_of_the_same_instant():
    kernel, log = Kernel(), []
    gate = kernel.future()

    async def child():
        await gate
        log.append("never")

    async def story():
        task = kernel.spawn(child())
        await kernel.sleep(1)
        gate.resolve(None)
        task.cancel()
        with pytest.raises(Cancelled):
            await task

    kernel.run(story())
    assert log == []


def test_no_handler_of_exceptions_swallows_a_cancel():
    kernel = Kernel()

    async def child():
        try:
            await kernel.sleep(10)
        except Exception:
            return "swallowed"

    async def story():
        task = kernel.spawn(child())
        await kernel.sleep(1)
        task.cancel()
        with pytest.raises(Cancelled):
            await task

    kernel.run(story())


def test_standing_still_is_our_error():
    """A task that waits for what nobody can give would otherwise end the run as if all were well."""
    kernel = Kernel()

    async def story():
        await kernel.future()

    with pytest.raises(HarnessError, match="stands still"):
        kernel.run(story())


def test_an_interrupted_run_goes_on_from_where_it_stood():
    """A user's Ctrl-C: the heal phase runs in the same world, and what was under way is still there."""
    kernel, log = Kernel(), []

    def interrupt(_):
        raise KeyboardInterrupt

    async def child():
        await kernel.sleep(2)
        log.append(kernel.now())

    kernel.spawn(child())
    kernel.call_at(NS, interrupt, None)
    with pytest.raises(KeyboardInterrupt):
        kernel.run(nap(kernel, 10))
    kernel.run(nap(kernel, 5))
    assert log == [2 * NS]


async def nap(kernel: Kernel, seconds: float) -> None:
    await kernel.sleep(seconds)
