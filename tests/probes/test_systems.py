"""Every probe of a system against real sockets: well, refused, silent, rejected, slow, unknown."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest

from watchdog.model.system import Outcome
from watchdog.probes.look import ProbeSettings, timed
from watchdog.probes.registry import SYSTEM_PROBES, make_probe
from watchdog.simulator.dicom import PHANTOM_STUDY, DicomServer, pacs

BY_KIND = {kind.model_fields["kind"].annotation.__args__[0]: kind for kind in SYSTEM_PROBES}  # pyright: ignore
PATIENT_S = 8.0
"""For a peer that answers: on a machine with much to do, an association can take a second."""
SHORT_S = 0.6
"""For a peer that does not: all of it is waited for."""
ROOT = "1.2.826.0.1.3680043.10.1000.9"
MORE: dict[str, dict[str, Any]] = {
    "dicom_find": {"study_uid": PHANTOM_STUDY},
    "dicom_store": {"approval": "test", "uid_root": ROOT, "patient_id": "189001019802"},
}


def settings(
    kind: str, port: int, host: str = "127.0.0.1", timeout_s: float = PATIENT_S, **more: Any
) -> ProbeSettings:
    where: dict[str, Any] = {"host": host, "port": port}
    if kind == "web":
        where = {"url": f"http://{host}:{port}/"}
    if kind.startswith("dicom"):
        where["called_ae"] = "PACS"
    return BY_KIND[kind](kind=kind, timeout_s=timeout_s, **where, **MORE.get(kind, {}), **more)


async def look(kind: str, port: int, **more: Any) -> Outcome:
    given = settings(kind, port, **more)
    probe = make_probe(given)
    try:
        seen, spent = await timed(given, probe.look)
    finally:
        await probe.close()
    assert seen.detail
    assert spent < max(3.0, given.timeout_s), "who answers is not waited for to the limit"
    return seen.outcome


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextlib.asynccontextmanager
async def peer(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncGenerator[int]:
    open_: set[asyncio.Task[None]] = set()

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_.add(asyncio.current_task())  # pyright: ignore[reportArgumentType]
        try:
            with contextlib.suppress(OSError):
                await serve(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(once, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in open_:
            task.cancel()
        await asyncio.gather(*open_, return_exceptions=True)


async def _says_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    while await reader.read(1000):
        pass


async def _hangs_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the peer's kernel says "connection reset"."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _resets_what_it_was_asked(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await reader.readuntil(b"\r\n\r\n")
    _reset(writer)


async def _resets_in_its_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nMelior")
    await writer.drain()
    await asyncio.sleep(0.1)
    _reset(writer)


def web(status: str, body: str, wait_s: float = 0.0) -> Any:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(wait_s)
        data = body.encode()
        head = f"HTTP/1.1 {status}\r\ncontent-length: {len(data)}\r\nconnection: close\r\n\r\n"
        writer.write(head.encode() + data)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return serve


@pytest.fixture
async def archive() -> AsyncGenerator[DicomServer]:
    server = pacs()
    server.open()
    yield server
    await server.shut()


@pytest.mark.parametrize("kind", sorted(BY_KIND))
async def test_a_closed_port_is_refused(kind: str) -> None:
    assert await look(kind, closed_port()) is Outcome.REFUSED


@pytest.mark.parametrize("kind", [k for k in sorted(BY_KIND) if k not in ("tcp", "mllp_connect")])
async def test_a_peer_that_says_nothing_is_silent(kind: str) -> None:
    async with peer(_says_nothing) as port:
        assert await look(kind, port, timeout_s=SHORT_S) is Outcome.SILENT


@pytest.mark.parametrize("kind", ["tcp", "mllp_connect"])
async def test_an_open_port_is_well(kind: str) -> None:
    async with peer(_says_nothing) as port:
        assert await look(kind, port) is Outcome.OK


async def test_a_listener_that_hangs_up_is_well_for_tcp_and_not_for_mllp() -> None:
    async with peer(_hangs_up) as port:
        assert await look("tcp", port) is Outcome.OK
        assert await look("mllp_connect", port) is Outcome.REJECTED


@pytest.mark.parametrize("kind", ["dicom_echo", "dicom_find", "dicom_store"])
async def test_an_archive_that_works_is_well(kind: str, archive: DicomServer) -> None:
    assert await look(kind, archive.port) is Outcome.OK


@pytest.mark.parametrize("kind", ["dicom_echo", "dicom_find", "dicom_store"])
async def test_a_slow_archive_is_slow(kind: str, archive: DicomServer) -> None:
    assert await look(kind, archive.port, slow_s=0.0001) is Outcome.SLOW


async def test_an_index_without_the_phantom_is_rejected(archive: DicomServer) -> None:
    given = settings("dicom_find", archive.port).model_copy(update={"study_uid": "1.2.3"})
    probe = make_probe(given)
    assert (await probe.look()).outcome is Outcome.REJECTED
    await probe.close()


async def test_an_unknown_title_is_rejected_with_its_reason(archive: DicomServer) -> None:
    archive._ae.require_called_aet = True
    given = settings("dicom_echo", archive.port).model_copy(update={"called_ae": "OTHER"})
    probe = make_probe(given)
    seen = await probe.look()
    await probe.close()
    assert seen.outcome is Outcome.REJECTED
    assert "recognised" in seen.detail.lower()


@pytest.mark.parametrize(
    ("status", "body", "more", "outcome"),
    [
        ("200 OK", "Melior", {}, Outcome.OK),
        ("503 Busy", "", {}, Outcome.REJECTED),
        ("302 Found", "", {}, Outcome.REJECTED),
        ("200 OK", "Melior", {"contains": "Picsara"}, Outcome.REJECTED),
        ("200 OK", "Melior (LÄSLÄGE)", {"read_only": "(?i)läsläge"}, Outcome.READ_ONLY),
        ("200 OK", '{"db": {"ok": true}}', {"pointer": "/db/ok"}, Outcome.OK),
        ("200 OK", '{"db": {"ok": false}}', {"pointer": "/db/ok"}, Outcome.REJECTED),
        ("200 OK", "not json", {"pointer": "/db/ok"}, Outcome.REJECTED),
        ("404 Not Found", "", {"status": (404,)}, Outcome.OK),
    ],
)
async def test_a_page_is_judged_by_status_text_and_value(
    status: str, body: str, more: dict[str, Any], outcome: Outcome
) -> None:
    async with peer(web(status, body)) as port:
        assert await look("web", port, **more) is outcome


async def test_a_page_that_comes_late_is_slow() -> None:
    async with peer(web("200 OK", "x", wait_s=0.2)) as port:
        assert await look("web", port, slow_s=0.1) is Outcome.SLOW


async def test_an_endless_page_is_cut_off() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    async with peer(endless) as port:
        assert await look("web", port) is Outcome.OK


@pytest.mark.parametrize("serve", [_resets_what_it_was_asked, _resets_in_its_answer])
async def test_a_page_whose_connection_is_reset_has_failed_itself(serve: Any) -> None:
    async with peer(serve) as port:
        assert await look("web", port) is Outcome.REJECTED


@pytest.mark.parametrize("kind", sorted(BY_KIND))
async def test_no_way_out_of_our_own_host_is_unknown_and_no_targets_fault(kind: str) -> None:
    """The kernel has no route for TCP to a broadcast address: ENETUNREACH at once, as without a network."""
    assert await look(kind, 9, host="127.255.255.255") is Outcome.UNKNOWN


async def test_an_association_answered_with_half_a_pdu_is_given_up() -> None:
    async def halves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"\x02\x00\x00\x00\x03\xe8\x00\x01")  # PS3.8, 9.3.3: 1000 bytes are to follow
        await _says_nothing(reader, writer)

    async with peer(halves) as port:
        probe = make_probe(settings("dicom_echo", port, timeout_s=SHORT_S))
        async with asyncio.timeout(5):
            assert (await probe.look()).outcome is Outcome.SILENT
        await probe.close()


async def test_our_own_name_service_or_certificate_is_unknown_and_no_ones_fault() -> None:
    given = BY_KIND["web"](kind="web", url="http://nowhere.invalid/", timeout_s=1)
    probe = make_probe(given)
    assert (await probe.look()).outcome is Outcome.UNKNOWN
    tcp = BY_KIND["tcp"](kind="tcp", host="nowhere.invalid", port=80, timeout_s=1)
    assert (await make_probe(tcp).look()).outcome is Outcome.UNKNOWN
