"""From the clock to a Moment: everything of this minute that a routine's answer hangs on. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from watchdog.model.calendar import STOCKHOLM
from watchdog.model.instruction import Moment, Validity
from watchdog.model.routine import AssumedHours, Hours, Routine, Span, Statement
from watchdog.routines import hours as clock
from watchdog.routines import phrases

VOUCHED_FOR = timedelta(days=365)
"""How long a person's verification of a number or a route stands."""
REMEMBERED = 1024
"""More than all routines have hours: each is looked up once a minute."""
SOON = timedelta(days=60)
"""A routine that expires within this says so."""


def moment_of(routine: Routine, now: datetime) -> Moment:
    """Who is there now, what is doubtful, and when that next changes; every time in UTC."""
    assumed, now = routine.assumed, now.astimezone(UTC)
    minute = now.replace(second=0, microsecond=0)  # hours begin and end with one
    manned: dict[str, bool | None] = {}
    opens: dict[str, datetime] = {}
    doubtful: set[str] = set()
    changes: list[datetime] = []
    for contact in routine.contacts:
        manned[contact.id], doubt, change, doubt_changes = _looked_up(
            contact.hours, assumed, minute
        )
        if doubt:
            doubtful.add(contact.id)
        if change is not None and manned[contact.id] is False:
            opens[contact.id] = change
        changes += [at for at in (change, doubt_changes) if at is not None]
    spans: set[str] = set()
    for span in {s.hours for s in _timed(routine) if s.hours is not None}:
        holds, _, change, _ = _looked_up(span, assumed, minute)
        if holds:
            spans.add(key_of(span))
        changes += [change] if change is not None else []
    return Moment(
        manned=manned,
        doubtful=frozenset(doubtful),
        assumed=frozenset(c.id for c in routine.contacts if clock.rests_on_assumption(c.hours)),
        opens_at=opens,
        in_hours=frozenset(spans),
        unverified=_unverified(routine, now),
        expired=is_expired(routine, now),
        expires_soon=is_expired(routine, now + SOON) and not is_expired(routine, now),
        changes_at=min(changes, default=None),
    )


def key_of(hours: Hours) -> str:
    """The name under which a statement's hours are found in `Moment.in_hours`."""
    return f"{hours.span}/{hours.start}/{hours.until}"


def is_expired(routine: Routine, now: datetime) -> bool:
    """True from the day after `valid_to`, Swedish time."""
    today = now.astimezone(STOCKHOLM).date()
    return routine.valid_to is not None and today > routine.valid_to


def validity(routine: Routine, moment: Moment) -> Validity:
    """The document's identity, and whether it is still in force."""
    banner = None
    if routine.valid_to is not None and (moment.expired or moment.expires_soon):
        said = phrases.EXPIRED if moment.expired else phrases.EXPIRES
        day = routine.valid_to.isoformat()
        banner = said.filled(day, day)
    return Validity(
        document_id=routine.document_id,
        version=routine.version,
        valid_from=routine.valid_from,
        valid_to=routine.valid_to,
        expired=moment.expired,
        banner=banner,
    )


@lru_cache(maxsize=REMEMBERED)
def _looked_up(
    hours: Hours, assumed: AssumedHours, now: datetime
) -> tuple[bool | None, bool, datetime | None, datetime | None]:
    if hours.span in (Span.ALWAYS, Span.UNSTATED):
        return clock.manned(hours, assumed, now), False, None, None
    return (
        clock.manned(hours, assumed, now),
        clock.is_doubtful(hours, assumed, now),
        clock.next_change(hours, assumed, now),
        clock.doubt_ends_or_begins(hours, assumed, now),
    )


def _timed(routine: Routine) -> Iterator[Statement]:
    for rules in routine.scenarios.values():
        for group in (rules.steps, rules.already_sent, rules.recovery, rules.on_form):
            yield from (statement for statement in group if statement.hours is not None)
        yield from (s for s in (*rules.first_actions, *rules.unsaid) if s.hours is not None)


def _unverified(routine: Routine, now: datetime) -> frozenset[str]:
    """Flagged contacts and blocked routes that nobody has vouched for within twelve months."""
    vouched = {v.what for v in routine.verified if v.at <= now < v.at + VOUCHED_FOR}
    flagged = {contact.id for contact in routine.contacts if contact.flags}
    routes = (route for rules in routine.scenarios.values() for route in rules.routes)
    blocked = {route.id for route in routes if route.blocked is not None}
    return frozenset((flagged | blocked) - vouched)
