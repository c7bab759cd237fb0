"""Acknowledgements: reading a peer's, writing ours (HL7 table 0008)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from watchdog.hl7.splitter import CHARSETS, Message

POSITIVE = frozenset({"AA", "CA"})
NEGATIVE = frozenset({"AE", "AR", "CE", "CR"})
MOST_NAME = 64
"""Characters; an HSA-id has 31 at most, an OID 64 (DICOM part 5, 9.1)."""
MOST_FIELD = 227
"""Characters of all its components: type HD in HL7 2.5.1, 2.A.33."""
MOST_CONTROL_ID = 199
"""Characters of MSH-10: 20 in HL7 2.3.1, 199 in 2.7."""
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
    filled with something else, and is left out. So is an MSH-10 that `is_answerable` says no to; any
    other is repeated, for the sender needs it.
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
    about = message.raw("MSH", 10) if is_answerable(message) else ""
    text = f"{head}\rMSA|{code}|{about}\r"
    codec = CHARSETS.get(charset.upper(), "iso-8859-1")
    data = text.encode(codec, "replace")
    return data.replace(b"\x0b", b"").replace(b"\x1c", b"")


def is_answerable(message: Message) -> bool:
    """True if its MSH-10 is no longer than one may be: the answer would repeat it."""
    return len(message.raw("MSH", 10)) <= MOST_CONTROL_ID


def _short(text: str) -> str:
    """The field, if neither it nor one of its components is longer than a name or a code may be.

    Nor if an escape in it stood for a line break or a delimiter: that would add a segment or a field.
    """
    breaks = "|" in text or any(letter < " " for letter in text)
    too_long = len(text) > MOST_FIELD or any(len(part) > MOST_NAME for part in text.split("^"))
    return "" if breaks or too_long else text
