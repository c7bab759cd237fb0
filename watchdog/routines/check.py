"""What a person should mend or verify in a routine before an outage needs it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from watchdog.model.calendar import STOCKHOLM
from watchdog.model.outage import Urgency, Workflow
from watchdog.model.routine import Audience, Contact, ContactKind, Routine
from watchdog.model.text import Text
from watchdog.routines import phrases
from watchdog.routines.moment import SOON, moment_of
from watchdog.routines.select import anyone, instruct

A_WEEK = 7 * 24 * 2
HALF_HOUR = timedelta(minutes=30)
SENTENCE = 25
"""A text this long that reads the same in both languages has not been translated."""


class Level(StrEnum):
    """Whether it makes an answer wrong, or only needs a person's eye."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at."""

    site: str
    level: Level
    what: str

    def __str__(self) -> str:
        return f"{self.site}: {self.level}: {self.what}"


def days_left(routine: Routine, now: datetime) -> int | None:
    """Whole days until the document's last day; negative once it has expired, None if unknown."""
    if routine.valid_to is None:
        return None
    return (routine.valid_to - now.astimezone(STOCKHOLM).date()).days


def check(
    routine: Routine, now: datetime, configured: frozenset[str] = frozenset()
) -> list[Finding]:
    """Everything worth a look; `configured` are the ids of the site's systems in the configuration."""
    site = routine.site
    found = [Finding(site, Level.ERROR, what) for what in _errors(routine, now, configured)]
    return found + [Finding(site, Level.WARNING, what) for what in _warnings(routine, now)]


def _errors(routine: Routine, now: datetime, configured: frozenset[str]) -> Iterator[str]:
    yield from _out_of_force(routine, now)
    for scenario in routine.scenarios:
        for unit in routine.units:
            if (gap := _silent(routine, scenario, unit, now)) is not None:
                local = gap.astimezone(STOCKHOLM)
                yield (
                    f"{scenario}: paper to {unit} has neither a manned fax nor a telephone at "
                    f"{local:%A %H:%M}"
                )
    for system in sorted(configured - {*routine.systems, "referrals"}):
        yield f"the configured system {system!r} is not one that the routine names"
    for path, text in texts(routine):
        if text.sv == text.en and len(text.sv) > SENTENCE:
            yield f"{path} is not translated: {text.sv!r}"


def _out_of_force(routine: Routine, now: datetime) -> Iterator[str]:
    left = days_left(routine, now)
    if left is not None and left < 0:
        yield f"the document expired {routine.valid_to}"
    if routine.valid_from is not None and routine.valid_from > now.astimezone(STOCKHOLM).date():
        yield f"the document is valid from {routine.valid_from} only"


def _warnings(routine: Routine, now: datetime) -> Iterator[str]:
    left = days_left(routine, now)
    if left is None:
        yield "the document gives no validity: nobody knows whether it still applies"
    elif 0 <= left <= SOON.days:
        yield f"the document expires {routine.valid_to}, in {left} days"
    if routine.document_id is None:
        yield "the document has no id and no version"
    unverified = moment_of(routine, now).unverified
    for contact in routine.contacts:
        if contact.id in unverified:
            yield _odd(contact)
    for rules in routine.scenarios.values():
        for route in rules.routes:
            if route.blocked is not None and route.id in unverified:
                yield (
                    f"the route {route.id} is marked as not working since {route.blocked.since}: "
                    f"check, and enter it under `verified` if it works again"
                )
    used = {form for rules in routine.scenarios.values() for form in rules.forms}
    for form in sorted(set(routine.forms) - used):
        yield f"the form {form!r} belongs to no scenario"


def _odd(contact: Contact) -> str:
    why = " ".join(phrases.FLAGS[flag].en for flag in contact.flags)
    return f"{contact.id} {contact.number!r}: {why} Verify it, and enter who did under `verified`"


def _silent(routine: Routine, scenario: str, unit: str, now: datetime) -> datetime | None:
    """A half hour of the coming week at which paper is ordered and nobody can take it."""
    if all(contact.kind is not ContactKind.FAX for contact in routine.contacts):
        return None
    workflows = routine.scenarios[scenario].workflow
    paper = [u for u in Urgency if workflows[u] is Workflow.PAPER_AND_FAX]
    if not paper:
        return None
    for step in range(A_WEEK):
        at = now + step * HALF_HOUR
        told = instruct(
            routine, scenario, anyone(routine, unit), paper[0], at, audience=Audience.ALL
        )
        manned = any(fax.manned_now is not False for fax in told.fax)
        if not manned and not told.phones:
            return at
    return None


def texts(value: Any, path: str = "") -> Iterator[tuple[str, Text]]:
    """Every pair of sentences in a routine, with where it stands."""
    if isinstance(value, Text):
        yield path, value
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name), f"{path}.{field.name}".lstrip("."))
    elif isinstance(value, dict):
        for key, found in value.items():  # pyright: ignore[reportUnknownVariableType]
            yield from texts(found, f"{path}.{key}")
    elif isinstance(value, tuple):
        for index, found in enumerate(value):  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
            yield from texts(found, f"{path}.{index}")
