"""Processes that end by themselves on `local`: told to whoever listens, else a failure of whoever waits."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from harness.errors import HarnessError
from harness.testbeds.hosts.seat import Seat
from harness.testbeds.hosts.service import Service
from harness.testbeds.local.testbed import LocalTestbed
from harness.testbeds.testbed import Exited

NODE = """
import pathlib, socket, sys, time
host, port = sys.argv[1], int(sys.argv[2])
if pathlib.Path("refuse").exists():
    raise ValueError("cannot recover")
listening = socket.create_server((host, port))
while not pathlib.Path("die").exists():
    time.sleep(0.01)
print("panic: told to die\\n\\ngoroutine 1 [running]:\\nmain.main()", flush=True)
sys.exit(3)
"""


class Mortal(Service):
    """Ends when a file `die` is there, and does not start when a file `refuse` is."""

    def command(self, seat: Seat, damaged: bool) -> list[str]:
        host, port = seat.address("client")
        return [sys.executable, "-c", NODE, host, str(port)]


@pytest.fixture
def testbed(tmp_path: Path) -> Iterator[LocalTestbed]:
    found = LocalTestbed(1, ("n1",))
    found.install(Mortal())
    yield found
    found.close(tmp_path)


async def until(testbed: LocalTestbed, holds: Callable[[], bool]) -> None:
    while not holds():
        await testbed.sleep(0.02)


def test_whoever_listens_is_told_how_why_and_since_when(testbed: LocalTestbed) -> None:
    told: list[Exited] = []

    async def story() -> None:
        await testbed.start("n1")
        testbed.on_exit = told.append
        before = testbed.now()
        (testbed.seat("n1").home / "die").touch()
        await until(testbed, lambda: bool(told))
        assert (told[0].node, told[0].code, told[0].signal) == ("n1", 3, None)
        assert told[0].last == ("panic: told to die",)
        assert told[0].alive is not None
        assert told[0].alive <= testbed.now()
        assert testbed.now() > before
        assert await testbed.alive("n1") == "down"
        (testbed.seat("n1").home / "die").unlink()
        await testbed.start("n1")
        assert await testbed.alive("n1") == "serving"

    testbed.run(story())


def test_one_that_ends_as_it_starts_is_told_too(testbed: LocalTestbed) -> None:
    told: list[Exited] = []

    async def story() -> None:
        await testbed.start("n1")
        await testbed.kill("n1")
        testbed.on_exit = told.append
        (testbed.seat("n1").home / "refuse").touch()
        await testbed.start("n1")
        assert await testbed.alive("n1") == "down"

    testbed.run(story())
    assert [(one.code, one.last) for one in told] == [(1, ("ValueError: cannot recover",))]


def test_a_signal_has_its_name(testbed: LocalTestbed) -> None:
    told: list[Exited] = []

    async def story() -> None:
        await testbed.start("n1")
        testbed.on_exit = told.append
        process = testbed._hosts["n1"].process
        assert process is not None
        process.signal(6)
        await until(testbed, lambda: bool(told))

    testbed.run(story())
    assert (told[0].code, told[0].signal) == (None, "SIGABRT")


def test_without_a_listener_it_is_a_failure_of_whoever_waits(testbed: LocalTestbed) -> None:
    async def story() -> None:
        await testbed.start("n1")
        (testbed.seat("n1").home / "die").touch()
        while True:
            await testbed.sleep(0.02)

    with pytest.raises(HarnessError, match=r"n1 ended by itself, exit code 3: panic: told to die"):
        testbed.run(story())
    with suppress(HarnessError):
        testbed.run(testbed.kill("n1"))
