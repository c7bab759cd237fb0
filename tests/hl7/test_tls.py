"""TLS towards a peer: verified, at least 1.2, mutual where asked for."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from watchdog.clock import SystemClock
from watchdog.hl7.client import MllpClient, Sent, Tls
from watchdog.hl7.framing import FrameDecoder, frame

MESSAGE = b"MSH|^~\\&|A|B|C|D|||ORM^O01|ID1|P|2.3.1\rORC|NW|WD1\r"
ACK = b"MSH|^~\\&|A|B|C|D|||ACK|Z|P|2.3.1\rMSA|AA|ID1\r"


class Files:
    """A certificate authority and what it issued, as files."""

    def __init__(self, folder: Path) -> None:
        self.authority, self.stranger = trustme.CA(), trustme.CA()
        self.ca, self.other_ca = folder / "ca.pem", folder / "other.pem"
        self.authority.cert_pem.write_to_path(str(self.ca))
        self.stranger.cert_pem.write_to_path(str(self.other_ca))
        ours = self.authority.issue_cert("remissvakt.test")
        self.certificate, self.key = folder / "cert.pem", folder / "key.pem"
        ours.cert_chain_pems[0].write_to_path(str(self.certificate))
        ours.private_key_pem.write_to_path(str(self.key))


async def serve(
    files: Files, *, mutual: bool = False, old: bool = False, ended: datetime | None = None
) -> asyncio.Server:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    files.authority.issue_cert("localhost", not_after=ended).configure_cert(context)
    if mutual:
        context.verify_mode = ssl.CERT_REQUIRED
        files.authority.configure_trust(context)
    if old:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = ssl.TLSVersion.TLSv1_1

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder = FrameDecoder(65536)
        try:
            while data := await reader.read(65536):
                for _ in decoder.feed(data):
                    writer.write(frame(ACK))
        except (ConnectionError, ssl.SSLError):
            pass
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


async def send(server: asyncio.Server, tls: Tls) -> Sent:
    port = server.sockets[0].getsockname()[1]
    client = MllpClient(
        "127.0.0.1", port, clock=SystemClock(), ack_timeout_s=1, keep=False, tls=tls
    )
    result = await client.send(MESSAGE, "ID1")
    server.close()
    return result.outcome


async def test_a_trusted_peer_with_the_right_name_is_sent_to(files: Files) -> None:
    server = await serve(files)
    assert await send(server, Tls(ca_file=files.ca, server_name="localhost")) is Sent.ACCEPTED


async def test_an_unknown_authority_is_refused(files: Files) -> None:
    server = await serve(files)
    assert await send(server, Tls(ca_file=files.other_ca, server_name="localhost")) is Sent.REFUSED


async def test_a_wrong_name_is_refused(files: Files) -> None:
    server = await serve(files)
    assert await send(server, Tls(ca_file=files.ca, server_name="other.test")) is Sent.REFUSED


async def test_a_certificate_that_has_expired_is_refused(files: Files) -> None:
    server = await serve(files, ended=datetime.now(UTC) - timedelta(minutes=1))
    assert await send(server, Tls(ca_file=files.ca, server_name="localhost")) is Sent.REFUSED


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_a_peer_that_speaks_only_old_tls_is_refused(files: Files) -> None:
    server = await serve(files, old=True)
    assert await send(server, Tls(ca_file=files.ca, server_name="localhost")) is Sent.REFUSED


async def test_mutual_tls_shows_our_certificate(files: Files) -> None:
    server = await serve(files, mutual=True)
    tls = Tls(
        ca_file=files.ca, certificate=files.certificate, key=files.key, server_name="localhost"
    )
    assert await send(server, tls) is Sent.ACCEPTED


async def test_mutual_tls_without_our_certificate_never_is_accepted(files: Files) -> None:
    server = await serve(files, mutual=True)
    outcome = await send(server, Tls(ca_file=files.ca, server_name="localhost"))
    assert outcome in (Sent.REFUSED, Sent.RESET)
