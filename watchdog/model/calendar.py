"""Swedish time: the zone, and the days on which Sweden works."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo

import holidays

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SATURDAY = 5
MOST_CLOSED_DAYS = 15
"""No Swedish holidays keep anything closed, or open, for longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHours:
    """When somebody is there, Swedish time: from `start` to `end` on working days, free days or all."""

    days: str
    """working, free, all."""
    start: time
    end: time
    """Not in it any more; not before `start`."""

    def next_open(self, at: datetime) -> datetime:
        """`at` if somebody is there then, else when the next one comes."""
        local = at.astimezone(STOCKHOLM)
        for ahead in range(MOST_CLOSED_DAYS):
            day = local.date() + timedelta(days=ahead)
            if self.days != "all" and is_working_day(day) != (self.days == "working"):
                continue
            opens = datetime.combine(day, self.start, STOCKHOLM)
            if at < opens:
                return opens.astimezone(at.tzinfo)
            if at < datetime.combine(day, self.end, STOCKHOLM):
                return at
        return at  # a calendar without such a day: told at once rather than never


def is_working_day(day: date) -> bool:
    """Monday to Friday, no public holiday and no eve that Sweden keeps free in fact."""
    return day.weekday() < SATURDAY and day not in _free_days(day.year)


@lru_cache(maxsize=16)
def _free_days(year: int) -> frozenset[date]:
    """Public holidays and the de facto eves; Sundays are weekend anyway."""
    calendar = holidays.country_holidays(
        "SE", years=year, categories=("public", "de_facto"), language="sv"
    )
    named = cast("dict[date, str]", calendar)
    return frozenset(day for day, name in named.items() if name != "Söndag")
