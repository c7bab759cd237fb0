"""The sender against a receiver on a real socket: the handshake before a notice, and Retry-After."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from tests.faults.targets import allowed, notice
from watchdog.clock import SystemClock
from watchdog.errors import DeliveryError
from watchdog.model.endpoint import Endpoint
from watchdog.notify.webhook import WebhookSender

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class Receiver:
    """Notes method and headers of each request, and answers as it is told to."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.answers = {"OPTIONS": ("200 OK", ""), "POST": ("204 No Content", "")}
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        method = head[0].split()[0]
        await reader.readexactly(int(headers.get("content-length", "0")))
        self.seen.append((method, headers))
        status, more = self.answers[method]
        writer.write(f"HTTP/1.1 {status}\r\n{more}content-length: 0\r\n".encode())
        writer.write(b"connection: close\r\n\r\n")
        writer.close()

    def methods(self) -> list[str]:
        return [method for method, _ in self.seen]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()
    await server.wait_closed()


def endpoint(receiver: Receiver, folder: Path, *, handshake: bool) -> Endpoint:
    file = folder / "secret"
    file.write_text(f"{SECRET}\n", "ascii")
    url = f"http://127.0.0.1:{receiver.port}/hook"
    return Endpoint(
        id="it", role="it", sites=("sas",), url=url, secret_file=file, handshake=handshake
    )


@pytest.fixture
async def sender(receiver: Receiver) -> AsyncIterator[WebhookSender]:
    made = WebhookSender(
        allowed("127.0.0.0/8", ports=(receiver.port,)), SystemClock(), origin="https://w.region.se"
    )
    yield made
    await made.close()


@pytest.mark.parametrize("origin", ["*", "https://w.region.se"])
async def test_a_receiver_that_allows_us_is_asked_once_and_then_told(
    receiver: Receiver, sender: WebhookSender, tmp_path: Path, origin: str
) -> None:
    receiver.answers["OPTIONS"] = ("200 OK", f"WebHook-Allowed-Origin: {origin}\r\n")
    for _ in range(2):
        await sender.send(notice(), endpoint(receiver, tmp_path, handshake=True))
    assert receiver.methods() == ["OPTIONS", "POST", "POST"]
    assert receiver.seen[0][1]["webhook-request-origin"] == "https://w.region.se"


@pytest.mark.parametrize("said", ["", "WebHook-Allowed-Origin: https://another.se\r\n"])
async def test_a_receiver_that_does_not_allow_us_is_told_nothing_and_asked_again(
    receiver: Receiver, sender: WebhookSender, tmp_path: Path, said: str
) -> None:
    receiver.answers["OPTIONS"] = ("200 OK", said)
    for _ in range(2):
        with pytest.raises(DeliveryError, match="does not allow notices from"):
            await sender.send(notice(), endpoint(receiver, tmp_path, handshake=True))
    assert receiver.methods() == ["OPTIONS", "OPTIONS"]


async def test_without_the_handshake_nobody_is_asked(
    receiver: Receiver, sender: WebhookSender, tmp_path: Path
) -> None:
    await sender.send(notice(), endpoint(receiver, tmp_path, handshake=False))
    assert receiver.methods() == ["POST"]


@pytest.mark.parametrize(
    ("said", "asked"), [("7", 7.0), ("Fri, 31 Dec 2027 23:59:59 GMT", None), ("-3", None)]
)
async def test_a_receiver_that_asks_for_time_is_heard_and_a_date_is_not_guessed_at(
    receiver: Receiver, sender: WebhookSender, tmp_path: Path, said: str, asked: float | None
) -> None:
    receiver.answers["POST"] = ("503 Service Unavailable", f"Retry-After: {said}\r\n")
    with pytest.raises(DeliveryError, match="answered HTTP 503") as refused:
        await sender.send(notice(), endpoint(receiver, tmp_path, handshake=False))
    assert refused.value.after_s == asked


@pytest.mark.parametrize("told", [True, False], ids=["of the authority", "of nobody"])
async def test_a_receiver_of_the_regions_own_authority_is_believed_if_that_is_configured(
    receiver: Receiver, tmp_path: Path, told: bool
) -> None:
    authority, ca_file = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    made = WebhookSender(
        allowed("127.0.0.0/8", ports=(port,)),
        SystemClock(),
        ca_file=ca_file if told else None,
    )
    to = replace(
        endpoint(receiver, tmp_path, handshake=False), url=f"https://127.0.0.1:{port}/hook"
    )
    if told:
        await made.send(notice(), to)
    else:
        with pytest.raises(DeliveryError, match="ConnectError"):
            await made.send(notice(), to)
    assert receiver.methods() == (["POST"] if told else [])
    await made.close()
    server.close()
    await server.wait_closed()
