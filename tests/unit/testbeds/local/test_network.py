"""The proxies alone, with plain servers behind them: what passes, how, and what silence looks like."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random

import pytest

from harness.testbeds.local.network import Network
from harness.testbeds.local.pipe import MOST_WAITING
from harness.testbeds.testbed import LinkShape

LINK, BACK = ("c0", "n1"), ("n1", "c0")
KERNEL_BYTES = 12_000_000
"""What the kernel's own buffers along the way may take, at the very most."""


class Echo:
    """A server that returns what it gets, until it is told to read no more."""

    def __init__(self) -> None:
        self.calls = 0
        self.received = 0
        self.ends: list[str] = []
        self.stuck = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        try:
            while not self.stuck.is_set():
                data = await reader.read(65536)
                self.received += len(data)
                if not data:
                    self.ends.append("FIN")
                    break
                writer.write(data)
                await writer.drain()
            else:
                await asyncio.sleep(60)
        except ConnectionError:
            self.ends.append("RST")
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def proxied(seed: int = 1) -> AsyncIterator[tuple[Network, Echo, tuple[str, int]]]:
    """A network, a server behind it that is up, and the address at which c0 finds it."""
    echo = Echo()
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    network = Network({"n1": "127.0.0.1"}, (0.0, 0.0), lambda link: Random(f"{seed}{link}"))
    network.set_up("n1", True, True)
    try:
        yield network, echo, network.address("c0", "n1", server.sockets[0].getsockname()[:2])
    finally:
        network.close()
        server.close()
        await asyncio.sleep(0.01)


def play(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 120))


async def until(condition: Callable[[], bool]) -> None:
    """Wait for it, as long as `play` lets a story last."""
    while not condition():
        await asyncio.sleep(0.01)


QUIET_S = 0.2
"""Nothing came for so long: nothing will."""


async def comes(reader: asyncio.StreamReader, within_s: float = 30.0) -> bytes | None:
    """What can be read; None if nothing comes."""
    with contextlib.suppress(TimeoutError):
        return await asyncio.wait_for(reader.read(65536), within_s)
    return None


def test_what_is_sent_arrives_and_comes_back() -> None:
    async def story() -> None:
        async with proxied() as (_, echo, address):
            reader, writer = await asyncio.open_connection(*address)
            writer.write(b"hello")
            assert await comes(reader) == b"hello"
            writer.write_eof()
            assert await comes(reader) == b""
            assert echo.ends == ["FIN"]

    play(story)


@pytest.mark.parametrize("seed", range(5))
def test_whatever_bends_a_link_the_bytes_are_the_same(seed: int) -> None:
    async def story() -> None:
        async with proxied(seed) as (network, _, address):
            rng = Random(seed)
            for link in (LINK, BACK):
                shape = LinkShape(delay_ms=rng.random() * 5, jitter_ms=rng.random() * 5, split_bytes=200)
                network.rule("f1", [link], shape)
            sent = rng.randbytes(20_000)
            reader, writer = await asyncio.open_connection(*address)
            place = 0
            while place < len(sent):
                size = rng.randint(1, 4000)
                writer.write(sent[place : place + size])
                place += size
                await asyncio.sleep(0.001)
            writer.write_eof()
            assert await asyncio.wait_for(reader.read(), 60) == sent

    play(story)


def test_a_cut_link_is_silent_and_what_was_on_its_way_arrives_late() -> None:
    async def story() -> None:
        async with proxied() as (network, echo, address):
            reader, writer = await asyncio.open_connection(*address)
            writer.write(b"before")
            assert await comes(reader) == b"before"
            network.rule("f1", [LINK], None)
            writer.write(b" during")
            assert await comes(reader, QUIET_S) is None
            assert echo.received == 6
            network.clear("f1")
            assert await comes(reader) == b" during"
            assert echo.calls == 1

    play(story)


def test_a_cut_of_one_direction_stops_only_that() -> None:
    async def story() -> None:
        async with proxied() as (network, echo, address):
            reader, writer = await asyncio.open_connection(*address)
            network.rule("f1", [BACK], None)
            writer.write(b"asked")
            assert await comes(reader, QUIET_S) is None
            assert echo.received == 5
            network.clear("f1")
            assert await comes(reader) == b"asked"

    play(story)


def test_nobody_hears_of_a_call_that_was_given_up_while_its_link_was_cut() -> None:
    async def story() -> None:
        async with proxied() as (network, echo, address):
            network.rule("f1", [LINK], None)
            _, writer = await asyncio.open_connection(*address)
            writer.write(b"hello")
            await asyncio.sleep(0.05)
            writer.close()
            await asyncio.sleep(0.05)
            network.clear("f1")
            await until(lambda: not network.connections)
            assert echo.calls == 0
            assert network.connections == 0

    play(story)


def test_the_end_of_a_connection_waits_behind_a_cut_too() -> None:
    async def story() -> None:
        async with proxied() as (network, echo, address):
            reader, writer = await asyncio.open_connection(*address)
            writer.write(b"hello")
            await comes(reader)
            network.rule("f1", [LINK], None)
            writer.close()
            await asyncio.sleep(0.05)
            assert echo.ends == []
            network.clear("f1")
            await until(lambda: bool(echo.ends))
            assert echo.ends == ["FIN"]

    play(story)


def test_a_node_that_is_down_refuses_unless_the_link_is_cut() -> None:
    async def story() -> None:
        async with proxied() as (network, _, address):
            network.set_up("n1", False, False)
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(*address)
            network.rule("f1", [BACK], None)
            reader, _ = await asyncio.open_connection(*address)
            assert await comes(reader, QUIET_S) is None
            network.clear("f1")
            network.set_up("n1", True, True)
            reader, writer = await asyncio.open_connection(*address)
            writer.write(b"up again")
            assert await comes(reader) == b"up again"

    play(story)


def test_a_node_that_runs_and_does_not_serve_yet_refuses_clients_alone() -> None:
    async def story() -> None:
        async with proxied() as (network, _, address):
            network.set_up("n1", True, False)
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(*address)

    play(story)


def test_a_call_that_nobody_takes_is_reset() -> None:
    async def story() -> None:
        async with proxied() as (network, _, _address):
            nobody = network.address("c1", "n1", ("127.0.0.1", 1))
            reader, _ = await asyncio.open_connection(*nobody)
            with pytest.raises(ConnectionResetError):
                await asyncio.wait_for(reader.read(1), 30)

    play(story)


def test_a_reset_reaches_both_sides_and_only_that_link() -> None:
    async def story() -> None:
        async with proxied() as (network, echo, address):
            ours, our_writer = await asyncio.open_connection(*address)
            our_writer.write(b"one")
            await comes(ours)
            assert network.reset([("c1", "n1")]) == 0
            assert network.reset([BACK]) == 1
            with pytest.raises(ConnectionResetError):
                await asyncio.wait_for(ours.read(1), 30)
            await until(lambda: bool(echo.ends) and not network.connections)
            assert echo.ends == ["RST"]
            assert network.connections == 0

    play(story)


def test_a_server_that_stops_reading_is_felt_as_back_pressure() -> None:
    async def story() -> None:
        async with proxied() as (network, echo, address):
            network.rule("f1", [LINK], None)
            _, writer = await asyncio.open_connection(*address)
            chunk = bytes(1_000_000)
            sent = 0
            with contextlib.suppress(TimeoutError):
                while sent < 4 * KERNEL_BYTES:
                    writer.write(chunk)
                    sent += len(chunk)
                    await asyncio.wait_for(writer.drain(), 0.2)
            assert sent < KERNEL_BYTES + MOST_WAITING
            assert echo.received == 0
            writer.transport.abort()

    play(story)


def test_the_rules_of_several_faults_add_up_and_are_taken_back_alone() -> None:
    async def story() -> None:
        async with proxied() as (network, _, _address):
            network.rule("f1", [LINK], LinkShape(delay_ms=20))
            network.rule("f2", [LINK], LinkShape(delay_ms=30, jitter_ms=5))
            assert network.slowest_s(LINK) == pytest.approx(0.055)
            network.clear("f1")
            assert network.slowest_s(LINK) == pytest.approx(0.035)
            network.clear("f2")
            assert network.slowest_s(LINK) == 0

    play(story)
