"""A thousand patients that never were: made from the seed, and found again wherever they turn up.

The numbers have right check digits and birth numbers 980-999 with birth years 1890-1899: the range in
which the Swedish Tax Agency keeps its test numbers, so that none can be a living person's. The family
names begin with ZQ, as no Swedish name does.
"""

import random
import re
import sqlite3
import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from watchdog.orders.identity import luhn_holds

FIRST_DAY, DAYS = date(1890, 1, 1), 3652
NAME = re.compile(rb"ZQ[A-Z]{7}")
DIGITS = re.compile(rb"\d{6,}-?\d{4,}")


@dataclass(frozen=True, slots=True)
class Canary:
    """One invented patient."""

    number: str
    """Twelve digits."""
    family: str

    def forms(self) -> tuple[str, ...]:
        """Everything by which it would be known again."""
        long, short = self.number, self.number[2:]
        return (self.family, long, short, f"{long[:8]}-{long[8:]}", f"{short[:6]}-{short[6:]}")


def canaries(count: int, seed: int) -> list[Canary]:
    """So many different ones."""
    chance = random.Random(seed)
    found: dict[str, Canary] = {}
    while len(found) < count:
        born = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
        body = f"{born:%Y%m%d}{chance.randrange(980, 1000)}"
        number = next(body + d for d in string.digits if luhn_holds(body + d))
        family = "ZQ" + "".join(chance.choice(string.ascii_uppercase) for _ in range(7))
        found[number] = Canary(number, family)
    if len({each.family for each in found.values()}) < count:
        return canaries(count, seed + 1)
    return list(found.values())


class Finder:
    """Knows every form of every canary."""

    def __init__(self, planted: list[Canary]) -> None:
        self._forms = {form.encode(): each for each in planted for form in each.forms()}

    def inside(self, data: bytes) -> set[Canary]:
        """The canaries in these bytes, in any case of letters."""
        found = {self._forms.get(name) for name in NAME.findall(data.upper())}
        for run in DIGITS.findall(data):
            for size in (10, 11, 12, 13):
                found |= {self._forms.get(run[i : i + size]) for i in range(len(run) - size + 1)}
        return {each for each in found if each is not None}


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below, as bytes; a database also as the text that it would be dumped to."""
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        name = str(file.relative_to(folder))
        yield name, file.read_bytes()
        if file.suffix == ".sqlite":
            db = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)
            try:
                yield f"{name} (dump)", "\n".join(db.iterdump()).encode()
            finally:
                db.close()
