"""Our placer order numbers: recognisable, unguessable, and proven to be ours by a keyed mark.

`WD` + 10 characters of chance + 8 characters of HMAC-SHA256 over path and chance (threat T32):
20 ASCII characters, within ORC-2's 22 and MSH-10's 20. A number with a wrong mark is a forgery or
another system's, and is ignored. One installation knows another's by nothing but the key.
"""

import base64
import hmac

PREFIX = "WD"
LENGTH = 20


def placer_number(key: bytes, path: str, randomness: bytes) -> str:
    """The placer number of one order of `path`; `randomness` is 10 bytes, used once."""
    chance = _letters(randomness)[:10]
    return f"{PREFIX}{chance}{_mark(key, path, chance)}"


def is_ours(key: bytes, path: str, number: str) -> bool:
    """True if `number` was made by us, for this path. Constant time in the mark."""
    if len(number) != LENGTH or not number.startswith(PREFIX) or not number.isascii():
        return False
    chance, mark = number[2:12], number[12:]
    return hmac.compare_digest(mark, _mark(key, path, chance))


def looks_ours(number: str) -> bool:
    """True if the number has our prefix and length; says nothing of who made it."""
    return len(number) == LENGTH and number.startswith(PREFIX)


def control_id(randomness: bytes) -> str:
    """A message control id (MSH-10), at most 20 characters, 80 random bits (threat T28)."""
    return f"WD{_letters(randomness)[:16]}"


def _mark(key: bytes, path: str, chance: str) -> str:
    digest = hmac.digest(key, f"{path}/{chance}".encode(), "sha256")
    return _letters(digest)[:8]


def _letters(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=")
