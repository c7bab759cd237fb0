"""Acknowledgements: reading a peer's, writing ours (HL7 table 0008)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from watchdog.hl7.splitter import CHARSETS, Message

POSITIVE = frozenset({"AA", "CA"})
NEGATIVE = frozenset({"AE", "AR", "CE", "CR"})
STOCKHOLM = ZoneInfo("Europe/Stockholm")


@dataclass(frozen=True, slots=True)
class Ack:
    """MSA of an answer."""

    code: str
    """MSA-1: AA, AE, AR (original mode) or CA, CE, CR (enhanced mode, accept level)."""
    about: str
    """MSA-2: the control id that it answers; may be missing."""

    @property
    def accepted(self) -> bool:
        return self.code in POSITIVE

    @property
    def rejected(self) -> bool:
        return self.code in NEGATIVE


def read(message: Message) -> Ack | None:
    """The acknowledgement in any message with an MSA segment, whatever its type; else None."""
    if not message.segment("MSA"):
        return None
    return Ack(code=message.get("MSA", 1).upper(), about=message.get("MSA", 2))


def write(message: Message, code: str, control_id: str, now: datetime) -> bytes:
    """Our ACK to `message` in its own version and character set; no text, nothing echoed but ids."""
    stamp = now.astimezone(STOCKHOLM).strftime("%Y%m%d%H%M%S%z")
    version = message.get("MSH", 12) or "2.3.1"
    charset = message.raw("MSH", 18)
    event = message.get("MSH", 9, 2)
    kind = f"ACK^{event}" if event else "ACK"
    head = (
        f"MSH|^~\\&|{message.raw('MSH', 5)}|{message.raw('MSH', 6)}|{message.raw('MSH', 3)}"
        f"|{message.raw('MSH', 4)}|{stamp}||{kind}|{control_id}"
        f"|{message.raw('MSH', 11) or 'P'}|{version}"
    )
    if charset:
        head += f"||||||{charset}"
    text = f"{head}\rMSA|{code}|{message.raw('MSH', 10)}\r"
    codec = CHARSETS.get(charset.upper(), "iso-8859-1")
    data = text.encode(codec, "replace")
    return data.replace(b"\x0b", b"").replace(b"\x1c", b"")
