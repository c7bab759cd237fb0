"""A receiver that is slow, endless or silent holds up its own notices and no one else's (threat T29)."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from tests.faults.targets import allowed, notice
from watchdog.clock import SystemClock
from watchdog.errors import DeliveryError
from watchdog.model.endpoint import Endpoint
from watchdog.notify import webhook
from watchdog.notify.webhook import WebhookSender

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 4000000000\r\n\r\n"
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


async def endless(writer: asyncio.StreamWriter) -> None:
    """As much body as anybody will read."""
    writer.write(HEAD)
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def dripping(writer: asyncio.StreamWriter) -> None:
    """A byte of body now and then: no read ever times out."""
    writer.write(HEAD)
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.5)


async def endless_head(writer: asyncio.StreamWriter) -> None:
    """Headers without end."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-more: " + b"y" * 8000 + b"\r\n")
        await writer.drain()


async def silent(_: asyncio.StreamWriter) -> None:
    """Takes the request and says nothing."""
    await asyncio.sleep(60)


@asynccontextmanager
async def receiver(answer: Answer) -> AsyncIterator[int]:
    """Its port."""

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(writer)
        except (OSError, asyncio.CancelledError):
            return
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text("whsec_" + "A" * 32, "ascii")
    return file


async def _told(answer: Answer, secret: Path) -> tuple[str, float, int]:
    """What came of one notice, the seconds that it took, and the bytes of memory."""
    async with receiver(answer) as port:
        sender = WebhookSender(allowed("127.0.0.0/8", ports=(port,)), SystemClock())
        endpoint = Endpoint(
            id="it", role="it", sites=("sas",), url=f"http://127.0.0.1:{port}/", secret_file=secret
        )
        before, began = psutil.Process().memory_info().rss, time.monotonic()
        try:
            await sender.send(notice(), endpoint)
            said = "taken"
        except DeliveryError as error:
            said = str(error)
        took = time.monotonic() - began
        grown = psutil.Process().memory_info().rss - before
        await sender.close()
    return said, took, grown


async def test_an_endless_answer_is_read_to_four_kilobytes_and_taken(secret: Path) -> None:
    said, took, grown = await _told(endless, secret)
    assert said == "taken"
    assert took < 2
    assert grown < 8 * 2**20


@pytest.mark.parametrize("answer", [dripping, silent, endless_head])
async def test_a_receiver_that_never_comes_to_an_end_is_given_up_in_time(
    answer: Answer, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert webhook.CONNECT_S + webhook.TOTAL_S <= 7
    monkeypatch.setattr(webhook, "TOTAL_S", 1.0)
    monkeypatch.setattr(webhook, "CONNECT_S", 0.5)
    said, took, grown = await _told(answer, secret)
    assert said.startswith("it did not")
    assert took < 3
    assert grown < 8 * 2**20
