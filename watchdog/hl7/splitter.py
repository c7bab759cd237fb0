"""Reading HL7 v2 messages of others: split by their own delimiters, forgiving, never validating.

Handles CR, LF and CRLF between segments (hl7apy sees only MSH in an LF message, without an error)
and decodes by MSH-18. Field numbers are HL7's: `get("MSH", 10)` is the control id.
"""

from dataclasses import dataclass

CHARSETS = {
    "": "iso-8859-1",  # the standard says ASCII; Swedish systems commonly send Latin-1 there
    "ASCII": "iso-8859-1",
    "8859/1": "iso-8859-1",
    "8859/15": "iso-8859-15",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
}
"""HL7 table 0211 to Python codecs."""
MOST_SEGMENTS = 2000
MOST_FIELD = 4096
"""Characters of a component that are read: what we look for is far shorter."""
SHORTEST_HEAD = 9
CHARSET_AT = 17  # MSH-18: MSH-1 is the separator itself
SHORTEST_HEX = 3
FIRST_PRINTABLE, NOT_ASCII = 0x21, 0x80


@dataclass(frozen=True, slots=True)
class Message:
    """A split message; reading what is not there gives an empty string."""

    segments: tuple[tuple[str, ...], ...]
    component: str
    repetition: str
    escape: str
    subcomponent: str
    codec: str

    def segment(self, name: str) -> tuple[str, ...]:
        """The first segment of that name, as fields; index 1 is field 1 (MSH shifted to match)."""
        return next((s for s in self.segments if s[0] == name), ())

    def get(self, name: str, field: int, component: int = 1) -> str:
        """One component of the first repetition, escapes resolved."""
        parts = self.segment(name)
        if field >= len(parts):
            return ""
        first = parts[field].split(self.repetition)[0] if self.repetition else parts[field]
        if name == "MSH" and field in (1, 2):
            return first
        components = first.split(self.component)
        if component > len(components):
            return ""
        return self.unescape(components[component - 1])

    def raw(self, name: str, field: int) -> str:
        """A whole field as it stands."""
        parts = self.segment(name)
        return parts[field] if field < len(parts) else ""

    def unescape(self, text: str) -> str:
        """HL7 2.5.1 chapter 2.7: the delimiters, hex bytes and line breaks; unknown ones dropped."""
        mark, text = self.escape, text[:MOST_FIELD]
        if not mark or mark not in text:
            return text
        plain = {
            "F": "|",
            "S": self.component,
            "T": self.subcomponent,
            "R": self.repetition,
            "E": mark,
            ".br": "\n",
        }
        out: list[str] = []
        pieces = text.split(mark)
        out.append(pieces[0])
        index = 1
        while index < len(pieces):
            if index + 1 == len(pieces):  # an odd mark stands for itself
                out.append(mark + pieces[index])
                break
            out.append(plain.get(pieces[index]) or _hex(pieces[index], self.codec))
            out.append(pieces[index + 1])
            index += 2
        return "".join(out)


def split(data: bytes) -> Message | None:
    """The message in `data`, or None if it does not begin with MSH and its delimiters.

    Undecodable bytes become U+FFFD: what others send is looked at, never trusted.
    """
    data = data.strip(b"\x00\r\n \t")
    if len(data) < SHORTEST_HEAD or data[:3] != b"MSH":
        return None
    if not FIRST_PRINTABLE <= data[3] < NOT_ASCII or chr(data[3]).isalnum():
        return None
    lines = data.replace(b"\r\n", b"\r").replace(b"\n", b"\r").split(b"\r", MOST_SEGMENTS)
    separator = data[3:4]
    head = lines[0].split(separator)
    charset = head[CHARSET_AT].decode("ascii", "replace") if len(head) > CHARSET_AT else ""
    codec = CHARSETS.get(charset.split("~")[0].strip().upper(), "iso-8859-1")
    field = separator.decode("iso-8859-1")
    texts = [line.decode(codec, "replace") for line in lines if line.strip()]
    marks = (texts[0].split(field)[1] + "\0\0\0\0")[:4].replace("\0", "")
    marks = marks + "^~\\&"[len(marks) :]
    rows = [tuple(text.split(field)) for text in texts]
    rows[0] = ("MSH", field, *rows[0][1:])
    return Message(tuple(rows), marks[0], marks[1], marks[2], marks[3], codec)


def _hex(token: str, codec: str) -> str:
    if token[:1] != "X" or len(token) < SHORTEST_HEX:
        return ""
    try:
        return bytes.fromhex(token[1:]).decode(codec, "replace")
    except ValueError:
        return ""
