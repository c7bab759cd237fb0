"""Hostile HL7: real messages changed by a seeded hand, and frames that are nearly frames.

Every value is made up from the seed. What is sent as an identity is `ZZTEST`, the synthetic one.
"""

import random
from collections.abc import Callable, Iterator

VT, FS, CR = b"\x0b", b"\x1c", b"\r"
CHARSETS = (
    "",
    "8859/1",
    "UNICODE UTF-8",
    "UNICODE",
    "8859/15",
    "ASCII",
    "KLINGON",
    "\xff",
    "UTF-16",
)
CODECS = ("iso-8859-1", "utf-8", "utf-16", "cp437")
WORDS = (b"", b"ZZTEST", b"189001019802", b"\xc5\xc4\xd6", "ÅÄÖ😀".encode(), b"\xff\xfe", b"\x00")
CONTROLS = ("NW", "CA", "OK", "CR", "UC", "SC", "", "NWX", "å")
KINDS = ("ORM^O01", "ORR^O02", "ORU^R01", "OMG^O19", "ORG^O20", "ACK", "", "ORM^O01^ORM_O01")
LONG = (1, 20, 41, 81, 300, 5000, 65_536)


def message(chance: random.Random, placers: tuple[str, ...]) -> bytes:
    """A message as an engine or a RIS sends it, some of them about orders of ours."""
    charset = chance.choice(CHARSETS)
    placer = chance.choice((*placers, "R4711", "WD" + "A" * 18, ""))
    stamp = f"2026112{chance.randrange(10)}"
    text = (
        f"MSH|^~\\&|RIS|SAS|OM|SAS|{stamp}||{chance.choice(KINDS)}|M{chance.randrange(10**9)}"
        f"|P|2.3.1||||||{charset}\r"
        f"MSA|{chance.choice(('AA', 'AE', 'AR', 'CA', 'ZZ'))}|WD{chance.randrange(10**9)}|text\r"
        "PID|||189001019802||ZZTEST^REMISSVAKT\r"
        f"ORC|{chance.choice(CONTROLS)}|{placer}|F{chance.randrange(10**6)}||"
        f"{chance.choice(('', 'IP', 'CM', 'A'))}\r"
        f"OBR||{placer}|F1|WDTEST^PROVREMISS ÅÄÖ åäö UTFÖR EJ^L\r"
        "NTE|1||lungor\\.br\\och \\XC5\\ \\T\\\r"
    )
    return text.encode(chance.choice(CODECS), "replace")


def damage(chance: random.Random, data: bytes) -> bytes:
    """One of the changes below, or several."""
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        data = chance.choice(CHANGES)(chance, data)
    return data


def _flip(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data) + 1)
    return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]


def _drop(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data) + 1)
    return data[:start] + data[start + chance.choice((1, 3, 60)) :]


def _insert(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data) + 1)
    return data[:start] + chance.choice((VT, FS, CR, FS + CR, b"\n", *WORDS)) + data[start:]


def _repeat(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data) + 1)
    piece = data[start : start + chance.choice((1, 2, 3, 40))]
    return data[:start] + (piece * chance.choice(LONG))[:65_536] + data[start:]


def _ends(chance: random.Random, data: bytes) -> bytes:
    return data.replace(CR, chance.choice((b"\n", b"\r\n", b"", b"\r\r", b"\x85", FS)))


def _separators(chance: random.Random, data: bytes) -> bytes:
    return data.replace(chance.choice((b"|", b"^", b"\\")), bytes([chance.randrange(256)]))


def _long_field(chance: random.Random, data: bytes) -> bytes:
    filler = chance.choice((b"9", b"^", b"~", b"\\", b"\\E\\", b"&", b"\xc3", b"\\X41\\"))
    fields = data.split(b"|")
    fields[chance.randrange(len(fields))] = filler * (chance.choice(LONG) // len(filler) + 1)
    return b"|".join(fields)


def _head_only(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(60)]


def _noise(chance: random.Random, _: bytes) -> bytes:
    return chance.choice((b"", b"MSH", b"MSH|", b"MSH|^~\\&|")) + chance.randbytes(
        chance.choice((0, 1, 9, 200, 4096))
    )


Change = Callable[[random.Random, bytes], bytes]
CHANGES: tuple[Change, ...] = (
    *(_flip, _drop, _insert, _repeat, _ends),
    *(_separators, _long_field, _head_only, _noise),
)


def stream(chance: random.Random, payload: bytes, limit: int) -> bytes:
    """Bytes as they stand on the wire: whole, nested, unended, oversized, or many at once."""
    frame = VT + payload + FS + CR
    match chance.randrange(9):
        case 0:
            return VT + payload + frame  # a frame that begins inside another
        case 1:
            return VT + payload + FS  # no CR
        case 2:
            return VT + payload + CR
        case 3:
            return payload
        case 4:
            return frame + chance.randbytes(chance.randrange(20)) + frame
        case 5:
            return VT + payload[:9] + b"x" * (limit + chance.randrange(-2, 3)) + FS + CR
        case 6:
            return VT + b"\x06" + FS + CR + frame + VT + b"\x15" + FS + CR
        case _:
            return frame


def flood(size: int) -> Iterator[tuple[str, bytes]]:
    """(name, one read of `size` bytes): the reads whose cost must stay in step with their size."""
    for name, unit in (
        ("empty frames", VT + FS + CR),
        ("commit blocks", VT + b"\x06" + FS + CR),
        ("nested starts", VT),
        ("ends alone", FS + CR),
        ("short messages", VT + b"MSH|^~\\&|A" + FS + CR),
    ):
        yield name, (unit * (size // len(unit) + 1))[:size]


def chunks(chance: random.Random, data: bytes) -> Iterator[bytes]:
    """The data in reads: whole, byte by byte if it is short, or cut at random."""
    kind = chance.randrange(4)
    if kind == 0 and len(data) < 600:
        for place in range(len(data)):
            yield data[place : place + 1]
        return
    start = 0
    while start < len(data):
        size = len(data) if kind == 1 else chance.choice((1, 2, 7, 100, 4096, 65_536))
        yield data[start : start + size]
        start += size
