"""The client: every answer of a peer in the torture table of libraries.md, over real sockets."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.mllp import ack, client, message
from watchdog.hl7.client import Sent
from watchdog.hl7.framing import FrameDecoder, frame


class Peer:
    """A peer that answers as it is told."""

    def __init__(self, answer: Callable[[str, int], list[bytes | float]]) -> None:
        self._answer, self.seen = answer, list[str]()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> "Peer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder = FrameDecoder(65536)
        try:
            while data := await reader.read(65536):
                for item in decoder.feed(data):
                    ident = item.payload.split(b"|")[9].decode()
                    self.seen.append(ident)
                    for part in self._answer(ident, len(self.seen)):
                        if part == b"close":
                            writer.transport.abort()
                            return
                        if isinstance(part, float):
                            await asyncio.sleep(part)
                        else:
                            writer.write(part)
                            await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


OUTCOMES: list[tuple[str, Callable[[str, int], list[bytes | float]], Sent, str]] = [
    ("accepted", lambda i, _: [frame(ack(i))], Sent.ACCEPTED, "AA"),
    ("commit accept", lambda i, _: [frame(ack(i, "CA"))], Sent.ACCEPTED, "CA"),
    ("error", lambda i, _: [frame(ack(i, "AE"))], Sent.REJECTED, "AE"),
    ("reject", lambda i, _: [frame(ack(i, "AR"))], Sent.REJECTED, "AR"),
    ("commit error", lambda i, _: [frame(ack(i, "CE"))], Sent.REJECTED, "CE"),
    ("commit reject", lambda i, _: [frame(ack(i, "CR"))], Sent.REJECTED, "CR"),
    ("silent", lambda _i, _n: [], Sent.SILENT, ""),
    ("unframed", lambda i, _: [ack(i)], Sent.UNFRAMED, ""),
    ("another's id", lambda _i, _n: [frame(ack("OTHER"))], Sent.WRONG_ID, ""),
    ("no id", lambda _i, _n: [frame(ack(""))], Sent.ACCEPTED, "AA"),
    ("stranger first", lambda i, _: [frame(ack("OLD")), frame(ack(i))], Sent.ACCEPTED, "AA"),
    ("lf ends", lambda i, _: [frame(ack(i).replace(b"\r", b"\n"))], Sent.ACCEPTED, "AA"),
    ("no last cr", lambda i, _: [frame(ack(i)[:-1])], Sent.ACCEPTED, "AA"),
    ("lf after frame", lambda i, _: [frame(ack(i)) + b"\n"], Sent.ACCEPTED, "AA"),
    ("byte by byte", lambda i, _: [bytes([b]) for b in frame(ack(i))], Sent.ACCEPTED, "AA"),
    ("release 2 commit", lambda _i, _n: [b"\x0b\x06\x1c\x0d"], Sent.ACCEPTED, "commit_ack"),
    ("commit then ack", lambda i, _: [b"\x0b\x06\x1c\x0d", frame(ack(i))], Sent.ACCEPTED, "AA"),
    ("release 2 nak", lambda _i, _n: [b"\x0b\x15\x1c\x0d"], Sent.REJECTED, "commit_nak"),
    ("closed", lambda _i, _n: [b"close"], Sent.RESET, "closed"),
    ("huge answer", lambda _i, _n: [b"\x0b" + b"x" * 70000], Sent.SILENT, "oversize"),
    (
        "other type",
        lambda i, _: [frame(message("R1") + f"MSA|AA|{i}\r".encode())],
        Sent.ACCEPTED,
        "AA",
    ),
]


@pytest.mark.parametrize(
    ("answer", "outcome", "code"), [o[1:] for o in OUTCOMES], ids=[o[0] for o in OUTCOMES]
)
async def test_every_answer_has_its_own_outcome(answer, outcome: Sent, code: str) -> None:
    async with Peer(answer) as peer:
        sender = client(peer.port)
        result = await sender.send(message("ID1"), "ID1")
        assert (result.outcome, result.left) == (outcome, True)
        if code:
            assert result.code in (code, "reset")
        await sender.close()


async def test_a_closed_port_is_refused_and_nothing_left() -> None:
    async with Peer(lambda _i, _n: []) as peer:
        port = peer.port
    result = await client(port).send(message("ID1"), "ID1")
    assert (result.outcome, result.left, result.code) == (Sent.REFUSED, False, "refused")
    assert "The order was not sent" in result.detail


async def test_a_late_acknowledgement_is_never_taken_for_the_next_message() -> None:
    async with Peer(lambda i, n: [0.6, frame(ack(i))] if n == 1 else [frame(ack(i))]) as peer:
        sender = client(peer.port)
        first = await sender.send(message("ID1"), "ID1")
        second = await sender.send(message("ID2"), "ID2")
        assert (first.outcome, second.outcome) == (Sent.SILENT, Sent.ACCEPTED)
        await sender.close()


async def test_a_dead_kept_connection_is_tried_once_more_with_the_same_id() -> None:
    async with Peer(lambda i, n: [b"close"] if n == 2 else [frame(ack(i))]) as peer:
        sender = client(peer.port)
        await sender.send(message("ID1"), "ID1")
        result = await sender.send(message("ID2"), "ID2")
        assert result.outcome is Sent.ACCEPTED
        assert peer.seen == ["ID1", "ID2", "ID2"]
        await sender.close()


async def test_messages_sent_at_once_never_share_a_connection() -> None:
    async with Peer(lambda i, _: [0.1, frame(ack(i))]) as peer:
        sender = client(peer.port)
        results = await asyncio.gather(
            *(sender.send(message(f"ID{n}"), f"ID{n}") for n in range(5))
        )
        assert {result.outcome for result in results} == {Sent.ACCEPTED}
        await sender.close()


@pytest.mark.parametrize("kept", [False, True])
async def test_what_may_not_leave_any_more_does_not_and_the_connection_is_still_good(
    kept: bool,
) -> None:
    async with Peer(lambda i, _: [frame(ack(i))]) as peer:
        sender = client(peer.port)
        before = ["ID0"] if kept else []
        for ident in before:
            await sender.send(message(ident), ident)
        answers = iter(
            [kept is False, False]
        )  # a new connection is made before the second question
        held = await sender.send(message("ID1"), "ID1", may_leave=lambda: next(answers))
        assert (held.outcome, held.left) == (Sent.HELD, False)
        assert (await sender.send(message("ID2"), "ID2")).outcome is Sent.ACCEPTED
        assert peer.seen == [*before, "ID2"]
        await sender.close()


async def test_what_may_have_left_on_a_dead_connection_is_not_sent_again_after_a_stop() -> None:
    async with Peer(lambda i, n: [b"close"] if n == 2 else [frame(ack(i))]) as peer:
        sender = client(peer.port)
        await sender.send(message("ID1"), "ID1")
        answers = iter([True, False])
        result = await sender.send(message("ID2"), "ID2", may_leave=lambda: next(answers))
        assert (result.outcome, result.left) == (Sent.RESET, True)
        assert peer.seen == ["ID1", "ID2"]
        await sender.close()


async def test_the_next_message_waits_for_nothing_when_connections_are_not_kept(
    tmp_path: Path,
) -> None:
    async with Peer(lambda i, _: [frame(ack(i))]) as peer:
        sender = client(peer.port, keep=False)
        for n in range(3):
            assert (await sender.send(message(f"I{n}"), f"I{n}")).outcome is Sent.ACCEPTED
        await sender.close()
