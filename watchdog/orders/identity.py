"""Whose identity a synthetic order may carry: only an allow-listed one (order-path.md, section 5).

In a test environment: numbers that Skatteverket publishes as test numbers, given in the
configuration's list. In production: one fictitious identity issued by the region, with an approval
reference. A Luhn-valid number that is not listed is refused because it may be a living person.
"""

import re
from dataclasses import dataclass

SHORT, LONG = 10, 12
"""Digits of an identity number without and with its century."""
IN_PLACE = "[identity removed]"
NUMBER = re.compile(r"(?<!\d)(?:(?:18|19|20)\d{2}|\d{2})(\d{2})(\d{2})[-+ ]?\d{4}(?!\d)")
"""Six or eight digits of a date and four more, as in personnummer and samordningsnummer."""
MOST_MONTH, MOST_DAY, COORDINATION = 12, 31, 60
OIDS = {
    "personnummer": "1.2.752.129.2.1.3.1",
    "samordningsnummer": "1.2.752.129.2.1.3.3",
    "national_reserve": "1.2.752.74.9.1",
    "vgr_reserve": "1.2.752.113.11.0.2.1.1.1",
    "local_reserve": "1.2.752.129.2.1.3.2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The fictitious patient of synthetic orders."""

    number: str
    """12 characters, no hyphen."""
    oid: str
    family: str
    given: str
    born: str
    """YYYYMMDD."""
    sex: str
    """HL7 table 0001: F, M, O, U."""
    approval: str
    """Reference of the region's written approval; empty only in a test environment."""


def luhn_holds(number: str) -> bool:
    """True if the last ten digits of a 12-character number carry a right Luhn check digit."""
    digits = number[-10:]
    if len(digits) != SHORT or not digits.isdigit():
        return False
    total = 0
    for place, letter in enumerate(digits):
        product = int(letter) * (2 if place % 2 == 0 else 1)
        total += product // 10 + product % 10
    return total % 10 == 0


def refusal(identity: Identity, allowed: frozenset[str], *, production: bool) -> str | None:
    """Why this identity may not be used, or None if it may."""
    if len(identity.number) != LONG or not identity.number.isascii():
        return "must be 12 ASCII characters without a hyphen"
    if identity.oid not in OIDS.values():
        return f"its authority must be one of {', '.join(sorted(OIDS))}"
    if identity.number not in allowed:
        living = (
            " (its check digit is right: it may be a living person)"
            if luhn_holds(identity.number)
            else ""
        )
        return f"is not in `identities.allowed`{living}"
    if production and not identity.approval:
        return "needs `approval`: the reference of the region's written approval"
    if production and identity.oid in (OIDS["personnummer"], OIDS["samordningsnummer"]):
        return (
            "is a personal number: published test numbers are for test environments only; "
            "production needs a reserve number that the region has issued"
        )
    return None


def without_identities(text: str) -> str:
    """The text with every number in it removed that may be a person's."""
    return NUMBER.sub(lambda found: IN_PLACE if _is_persons(found) else found[0], text)


def _is_persons(found: re.Match[str]) -> bool:
    month, day = int(found[1]), int(found[2])
    digits = re.sub(r"\D", "", found[0])
    real_day = day - COORDINATION if day > COORDINATION else day
    return 1 <= month <= MOST_MONTH and 1 <= real_day <= MOST_DAY and luhn_holds(digits)
