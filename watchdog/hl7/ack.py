"""Acknowledgements: reading a peer's, writing ours (HL7 table 0008)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from watchdog.hl7.splitter import CHARSETS, Message

POSITIVE = frozenset({"AA", "CA"})
NEGATIVE = frozenset({"AE", "AR", "CE", "CR"})
MOST_NAME = 64
"""Characters; an HSA-id has 31 at most, an OID 64 (DICOM part 5, 9.1)."""
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
    """Our ACK to `message` in its own version and character set; no text, nothing echoed but ids.

    A name of a sender or a receiver (MSH-3 to MSH-6, type HD) that is longer than any such name was
    filled with something else, and is left out. MSH-10 is always repeated: the sender needs it.
    """
    stamp = now.astimezone(STOCKHOLM).strftime("%Y%m%d%H%M%S%z")
    version = _short(message.get("MSH", 12)) or "2.3.1"
    charset = _short(message.raw("MSH", 18))
    event = _short(message.get("MSH", 9, 2))
    kind = f"ACK^{event}" if event else "ACK"
    turned = "|".join(_short(message.raw("MSH", field)) for field in (5, 6, 3, 4))
    head = (
        f"MSH|^~\\&|{turned}|{stamp}||{kind}|{control_id}"
        f"|{_short(message.raw('MSH', 11)) or 'P'}|{version}"
    )
    if charset:
        head += f"||||||{charset}"
    text = f"{head}\rMSA|{code}|{message.raw('MSH', 10)}\r"
    codec = CHARSETS.get(charset.upper(), "iso-8859-1")
    data = text.encode(codec, "replace")
    return data.replace(b"\x0b", b"").replace(b"\x1c", b"")


def _short(text: str) -> str:
    """The field, if none of its components is longer than a name or a code may be.

    Nor if an escape in it stood for a line break or a delimiter: that would add a segment or a field.
    """
    breaks = "|" in text or any(letter < " " for letter in text)
    too_long = any(len(part) > MOST_NAME for part in text.split("^"))
    return "" if breaks or too_long else text
