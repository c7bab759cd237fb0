"""What came back for one message: each answer, silence and the end of the connection, and what it means."""

from enum import StrEnum

from watchdog.hl7 import ack as acks
from watchdog.hl7.framing import Commit, Frame, FrameDecoder, Oversize
from watchdog.hl7.splitter import split


class Sent(StrEnum):
    """What came of sending one message."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    """A negative answer: AE, AR, CE, CR, or a Release 2 commit NAK."""
    REFUSED = "refused"
    """No connection: refused, unreachable, name unknown, TLS failed. No byte left."""
    RESET = "reset"
    """The connection ended after the bytes had left, before any answer."""
    SILENT = "silent"
    """Connected and sent; no answer in time."""
    UNFRAMED = "ack_unframed"
    """An answer came without MLLP framing."""
    WRONG_ID = "wrong_id"
    """Only answers about other messages came."""
    HELD = "held"
    """It may not leave any more, and did not: no byte left."""


Verdict = tuple[Sent, str, str]


class Answers:
    """What came back for one message so far."""

    def __init__(self, control_id: str) -> None:
        self._control_id = control_id
        self._committed = False
        self.strangers = 0
        """Answers about other messages."""

    def take(self, decoder: FrameDecoder, data: bytes) -> Verdict | None:
        """What the bytes decide: (outcome, code, detail), or None while nothing is decided."""
        for item in decoder.feed(data):
            if isinstance(item, Oversize):
                return Sent.SILENT, "oversize", "the answer passed 64 KiB"
            if isinstance(item, Commit):
                if not item.accepted:
                    return Sent.REJECTED, "commit_nak", "the peer could not store the message"
                self._committed = True
                continue
            answer = _read(item)
            if answer is None or answer.about not in ("", self._control_id):
                self.strangers += 1
                continue
            return (Sent.ACCEPTED if answer.accepted else Sent.REJECTED), answer.code, ""
        if _is_unframed(decoder):
            return Sent.UNFRAMED, "", "an acknowledgement came without MLLP framing"
        return None

    def at_timeout(self, waited_s: float) -> Verdict:
        """What the silence means: a commit block alone is an acceptance (Release 2)."""
        if self._committed:
            return Sent.ACCEPTED, "commit_ack", ""
        if self.strangers:
            return Sent.WRONG_ID, "", f"{self.strangers} answers about other messages"
        return Sent.SILENT, "", f"no answer in {waited_s:g} s"

    def at_close(self) -> Verdict:
        """What it means that the peer closed the connection."""
        if self._committed:
            return Sent.ACCEPTED, "commit_ack", ""
        if self.strangers:
            return Sent.WRONG_ID, "", f"{self.strangers} answers about other messages"
        return Sent.RESET, "closed", "the peer closed the connection before answering"


def _read(item: Frame) -> acks.Ack | None:
    message = split(item.payload)
    return acks.read(message) if message is not None else None


def _is_unframed(decoder: FrameDecoder) -> bool:
    """An answer outside frames that reads as HL7 with an MSA: its own error, not a timeout."""
    message = split(bytes(decoder.unframed)) if b"MSA" in decoder.unframed else None
    return message is not None and bool(message.segment("MSA"))
