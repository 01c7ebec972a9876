"""The bench of real nodes ends on a busy machine: what answers late is asked again, what never does is
said."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from tests.bench import net
from tests.bench.figure import Figure, NotMeasured


async def _against(answers: list[bytes], requests: int) -> tuple[list[float], int]:
    """The load on a server that gives these answers in turn, then the last one for ever; how many it gave."""
    given = count()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            await reader.readexactly(len(net.VALUE))
            answer = answers[min(next(given), len(answers) - 1)]
            if not answer:
                writer.close()
                return
            writer.write(b"HTTP/1.1 " + answer + b"\r\nContent-Length: 2\r\n\r\nok")

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        return await net._load([port], net._put, requests), next(given)
    finally:
        server.close()


@pytest.fixture(autouse=True)
def _one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net, "CLIENTS", 1)


def test_a_node_that_is_too_busy_or_hangs_up_is_asked_again() -> None:
    answers = [b"503 Service Unavailable", b"", b"504 Gateway Timeout", b"200 OK"]
    found, given = asyncio.run(_against(answers, 3))
    assert len(found) == 4
    assert given == 3 + 3, "three requests, and three that were sent again"


def test_what_never_ends_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net, "PATIENCE_S", 0.2)
    with pytest.raises(NotMeasured, match="0 of 3 requests were answered"):
        asyncio.run(_against([b"503 Service Unavailable"], 3))


def test_what_was_not_measured_says_so() -> None:
    assert Figure("a", None, "s", None, "why").in_words == "not measured"
    assert Figure("a", 1234.0, "s").in_words == "1,234 s"
