"""Swedish time: the zone, and the days on which Sweden works."""

from datetime import date
from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo

import holidays

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SATURDAY = 5


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
