"""Is it manned now? Swedish time, weekdays, public holidays and eves, both DST nights.

The only place that converts to Europe/Stockholm for opening hours. Hours are half-open.
"""

from datetime import datetime, time, timedelta

from watchdog.model.calendar import STOCKHOLM, is_working_day
from watchdog.model.routine import AssumedHours, Hours, Span

SEARCH_DAYS = 10


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
    working = is_working_day(local.date())
    if hours.span is Span.OFFICE_HOURS:
        return working and _within(moment, assumed.office_start, assumed.office_end)
    start, until = hours.start or assumed.day_start, hours.until or assumed.day_end
    daytime = working and _within(moment, start, until)
    return not daytime if hours.span is Span.ON_CALL else daytime


def next_change(hours: Hours, assumed: AssumedHours, now: datetime) -> datetime | None:
    """When `manned` next gives another answer; None if it never does within ten days."""
    if hours.span in (Span.ALWAYS, Span.UNSTATED):
        return None
    current = manned(hours, assumed, now)
    for moment in _edges(hours, assumed, now):
        if manned(hours, assumed, moment) != current:
            return moment
    return None


def _within(moment: time, start: time, until: time | None) -> bool:
    return start <= moment and (until is None or moment < until)


def _edges(hours: Hours, assumed: AssumedHours, now: datetime) -> list[datetime]:
    """Every moment within ten days at which an answer can change, ascending, in UTC."""
    times = {time.min, assumed.day_start, assumed.day_end, assumed.office_start, assumed.office_end}
    times |= {edge for edge in (hours.start, hours.until) if edge is not None}
    first = now.astimezone(STOCKHOLM).date()
    moments = (
        datetime.combine(first + timedelta(days=offset), edge, STOCKHOLM).astimezone(now.tzinfo)
        for offset in range(SEARCH_DAYS)
        for edge in times
    )
    return sorted(moment for moment in moments if moment > now)
