"""When somebody is there, by the Swedish calendar and the clock on the wall."""

from datetime import datetime, time

import pytest

from watchdog.model.calendar import STOCKHOLM, OpenHours


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


@pytest.mark.parametrize(
    ("days", "now", "opens"),
    [
        ("working", "2026-11-20T12:00", "2026-11-20T12:00"),
        ("working", "2026-11-20T06:59", "2026-11-20T07:00"),
        ("working", "2026-11-20T16:00", "2026-11-23T07:00"),
        ("working", "2026-12-23T20:00", "2026-12-28T07:00"),  # the eve, Christmas, a weekend
        ("free", "2026-11-20T12:00", "2026-11-21T07:00"),
        ("free", "2026-12-24T08:00", "2026-12-24T08:00"),
        ("all", "2026-11-21T23:00", "2026-11-22T07:00"),
        ("all", "2027-03-27T20:00", "2027-03-28T07:00"),  # summer time began in the night
    ],
)
def test_it_opens_when_people_come(days: str, now: str, opens: str) -> None:
    hours = OpenHours(days=days, start=time(7), end=time(16))
    assert hours.next_open(at(now)) == at(opens)
