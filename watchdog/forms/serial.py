"""Serial numbers of paper forms: unique without a database, and safe to read aloud or type in. Pure.

Thirteen characters: clinic (4), pack (6), running number (2), check character (1), without 0, O, 1,
I and U. Printed as `CCCC-PPPPPP-NN-K`, 16 characters, so that a site may use it as accession number
at the modality (DICOM VR SH holds 16). The check is a weighted sum modulo 31, a prime, with a
different weight at each place: every single wrong character and every two that changed places are
found.
"""

import hashlib
from datetime import UTC, datetime, timedelta

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
BASE = len(ALPHABET)
CLINIC, PACK, RUNNING = 4, 6, 2
LENGTH = CLINIC + PACK + RUNNING + 1
MOST_IN_PACK = BASE**RUNNING
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}


def clinic_code(clinic: str) -> str:
    """Four characters for a clinic id. Two clinics may share one: configuration is checked for it."""
    digest = int.from_bytes(hashlib.blake2s(clinic.encode()).digest()[:8])
    return _written(digest % BASE**CLINIC, CLINIC)


def pack_number(now: datetime) -> int:
    """The number of a pack made now: seconds since 2026, good for 28 years."""
    return int((now - EPOCH).total_seconds())


def pack_made_at(pack: int) -> datetime:
    """When the pack of that number was made."""
    return EPOCH + timedelta(seconds=pack)


def serial(clinic: str, pack: int, running: int) -> str:
    """The thirteen characters. ValueError where a number does not fit its places."""
    if not 0 <= running < MOST_IN_PACK or not 0 <= pack < BASE**PACK:
        raise ValueError(f"pack {pack} or running number {running} does not fit")
    body = clinic_code(clinic) + _written(pack, PACK) + _written(running, RUNNING)
    return body + _check(body)


def printed(value: str) -> str:
    """With hyphens, as it stands on paper; 16 characters."""
    parts = (value[:4], value[4:10], value[10:12], value[12:])
    return "-".join(parts)


def is_valid(text: str) -> bool:
    """True for a serial number as somebody read or typed it: hyphens, blanks and case are forgiven."""
    value = "".join(letter for letter in text.upper() if letter not in "- ")
    if len(value) != LENGTH or any(letter not in _VALUES for letter in value):
        return False
    return _check(value[:-1]) == value[-1]


def _written(number: int, places: int) -> str:
    letters = ""
    for _ in range(places):
        number, value = divmod(number, BASE)
        letters = ALPHABET[value] + letters
    return letters


def _check(body: str) -> str:
    # the check stands at the place of weight 1, the others have 2, 3, 4 ... : all different, none 0
    weighted = sum(weight * _VALUES[letter] for weight, letter in enumerate(body, 2))
    return ALPHABET[-weighted % BASE]
