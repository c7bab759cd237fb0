"""Is it manned now? Swedish time, weekdays, public holidays and eves, both DST nights.

The only place that converts to Europe/Stockholm for opening hours. Hours are half-open. Clock times
that the routine does not state come from the site's configuration and are assumed; within half an
hour of such a boundary nobody can be sure which side of it we are on.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from watchdog.model.calendar import STOCKHOLM, is_working_day
from watchdog.model.routine import AssumedHours, Hours, Span

SEARCH_DAYS = 10
DOUBT = timedelta(minutes=30)
REMEMBERED = 4096
Edge = tuple[datetime, bool | None]
"""A moment, in UTC, and whether it is manned from then on."""


def manned(hours: Hours, assumed: AssumedHours, now: datetime) -> bool | None:
    """True, False, or None where the routine gives no hours."""
    if hours.span is Span.ALWAYS:
        return True
    if hours.span is Span.UNSTATED:
        return None
    local = now.astimezone(STOCKHOLM)
    moment = local.time().replace(tzinfo=None)
    if hours.span is Span.CLOCK:
        return _within(moment, hours.start or time.min, hours.until)
    start, until = _bounds(hours, assumed)
    inside = is_working_day(local.date()) and _within(moment, start, until)
    return not inside if hours.span in _OUTSIDE else inside


def next_change(hours: Hours, assumed: AssumedHours, now: datetime) -> datetime | None:
    """When `manned` next gives another answer; None if it never does within ten days."""
    current = manned(hours, assumed, now)
    if hours.span in (Span.ALWAYS, Span.UNSTATED):
        return None
    edges = _edges(hours, assumed, _day_of(now))
    for moment, then in edges[bisect_right(edges, now, key=_moment) :]:
        if then != current:
            return moment
    return None


def doubt_ends_or_begins(hours: Hours, assumed: AssumedHours, now: datetime) -> datetime | None:
    """When `is_doubtful` next gives another answer; None if it never does within ten days."""
    edges = _assumed_edges(hours, assumed, _day_of(now))
    place = bisect_right(edges, now - DOUBT)  # edges come in order: the first not over decides
    if place == len(edges):
        return None
    edge = edges[place]
    return edge - DOUBT if edge - DOUBT > now else edge + DOUBT


def is_doubtful(hours: Hours, assumed: AssumedHours, now: datetime) -> bool:
    """True within half an hour of an hour that the routine does not state. Half-open."""
    edges = _assumed_edges_of(hours, assumed, _day_of(now))
    return any(edge - DOUBT <= now < edge + DOUBT for edge in edges)


def rests_on_assumption(hours: Hours) -> bool:
    """True if a clock time that decides it is not the routine's."""
    return hours.span in _NAMED and (hours.start is None or hours.until is None)


_OUTSIDE = (Span.ON_CALL, Span.OUT_OF_OFFICE)
_NAMED = (Span.DAYTIME, Span.ON_CALL, Span.OFFICE_HOURS, Span.OUT_OF_OFFICE)


def _bounds(hours: Hours, assumed: AssumedHours) -> tuple[time, time]:
    """The working day's beginning and end that the span speaks of."""
    if hours.span in (Span.OFFICE_HOURS, Span.OUT_OF_OFFICE):
        start, until = assumed.office_start, assumed.office_end
    else:
        start, until = assumed.day_start, assumed.day_end
    return hours.start or start, hours.until or until


def _within(moment: time, start: time, until: time | None) -> bool:
    return start <= moment and (until is None or moment < until)


@lru_cache(maxsize=REMEMBERED)
def _edges(hours: Hours, assumed: AssumedHours, first: date) -> tuple[Edge, ...]:
    """Every moment of ten days at which an answer can change, ascending."""
    return tuple(edge for day in _days(first) for edge in _edges_of(hours, assumed, day))


@lru_cache(maxsize=REMEMBERED)
def _assumed_edges(hours: Hours, assumed: AssumedHours, first: date) -> tuple[datetime, ...]:
    """Of ten days, every hour that the routine does not state, ascending."""
    return tuple(edge for day in _days(first) for edge in _assumed_edges_of(hours, assumed, day))


def _moment(edge: Edge) -> datetime:
    return edge[0]


@lru_cache(maxsize=REMEMBERED)
def _edges_of(hours: Hours, assumed: AssumedHours, day: date) -> tuple[Edge, ...]:
    edges = {time.min, *(e for e in (hours.start, hours.until) if e is not None)}
    if hours.span is not Span.CLOCK:
        edges |= set(_bounds(hours, assumed))
    moments = sorted(_at(day, edge) for edge in edges)
    return tuple((moment, manned(hours, assumed, moment)) for moment in moments)


@lru_cache(maxsize=REMEMBERED)
def _assumed_edges_of(hours: Hours, assumed: AssumedHours, day: date) -> tuple[datetime, ...]:
    if hours.span not in _NAMED or not is_working_day(day):
        return ()
    start, until = _bounds(hours, assumed)
    found = ((start, hours.start), (until, hours.until))
    return tuple(sorted(_at(day, edge) for edge, said in found if said is None))


def _day_of(now: datetime) -> date:
    return now.astimezone(STOCKHOLM).date()


def _days(first: date) -> Iterator[date]:
    yield from (first + timedelta(days=offset) for offset in range(SEARCH_DAYS))


def _at(day: date, clock: time) -> datetime:
    """A Swedish wall clock time as an instant in UTC."""
    return datetime.combine(day, clock, STOCKHOLM).astimezone(UTC)
