"""The week as traffic knows it: its hours, and holidays that are like Sundays."""

from datetime import UTC, datetime
from functools import lru_cache

from watchdog.model.calendar import is_working_day

WEEK_S, DAY_S, MONDAY_S = 7 * 86400.0, 86400.0, 3 * 86400.0
"""1970-01-01 was a Thursday: three days on, the epoch's week begins on a Monday."""
SUNDAY_00 = 144


def hour_of_week(t: float) -> int:
    """0 for Monday 00 UTC, to 167."""
    return int((t + MONDAY_S) % WEEK_S // 3600)


def like_hour(t: float) -> int:
    """The hour of the week that `t` is like: on a public holiday or an eve, Sunday's."""
    hour = hour_of_week(t)
    if hour < 5 * 24 and not _works(int(t // DAY_S)):
        return SUNDAY_00 + hour % 24
    return hour


@lru_cache(maxsize=4000)
def _works(day: int) -> bool:
    return is_working_day(datetime.fromtimestamp(day * DAY_S, UTC).date())
