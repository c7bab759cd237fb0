"""Ages at arrival apart for quiet, ordinary and busy hours: which histogram is asked, and when."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from watchdog.detection.latency import (
    BORROWED,
    BUSY,
    ORDINARY,
    QUIET,
    RELEARN_EVERY,
    Latency,
)
from watchdog.detection.week import WEEK_S, hour_of_week
from watchdog.model.observation import cold_profile

MONDAY = 1_790_553_600.0  # 2026-09-28 00:00 UTC
HOUR_S = 3600.0
RATES = tuple(1.0 if n % 24 < 6 else 10.0 if 9 <= n % 24 < 15 else 4.0 for n in range(168))


def learned() -> tuple[float, ...]:
    return RATES


def latency() -> Latency:
    return Latency(replace(cold_profile(30.0, 10.0), hourly_rate_per_min=RATES))


def test_the_week_begins_on_monday() -> None:
    assert hour_of_week(MONDAY) == 0
    assert hour_of_week(MONDAY - 1) == 167
    assert hour_of_week(MONDAY + 25.5 * HOUR_S) == 25


def test_each_class_of_hours_learns_by_itself_and_is_asked_in_its_hours() -> None:
    found = latency()
    assert len(found.histograms) == 3
    usual = found.p99_s
    found.at(MONDAY + 10 * HOUR_S, learned, well=True)
    busy = found.now
    for _ in range(2000):
        found.add(60.0)
    assert found.p99_s > 50
    assert found.evidence(30.0) < 0.3
    found.at(MONDAY + 2 * HOUR_S, learned, well=True)
    assert found.now is not busy
    assert found.p99_s == pytest.approx(usual)
    assert found.samples == pytest.approx(200)
    found.at(MONDAY + 14.9 * HOUR_S, learned, well=True)
    assert found.now is busy
    assert (found.p50_s > 50, found.p90_s > 50, found.p99_s > 50) == (True, True, True)


def test_in_the_same_class_nothing_is_reckoned_anew() -> None:
    found = latency()
    found.at(MONDAY + 10 * HOUR_S, learned, well=True)
    found.p99_s = -1.0
    found.at(MONDAY + 11 * HOUR_S, learned, well=True)
    assert found.p99_s == -1.0
    found.at(MONDAY + 7 * HOUR_S, learned, well=True)
    assert found.p99_s > 0


def test_quantiles_follow_after_twenty_orders_and_at_once_when_asked() -> None:
    found = Latency(cold_profile(30.0, 10.0))
    assert len(found.histograms) == 1
    never = found.never
    for _ in range(RELEARN_EVERY - 1):
        found.add(math.inf)
    assert found.never == never
    found.add(math.inf)
    assert found.never > 5 * never
    found.add(math.inf)
    before = found.never
    found.relearn()
    assert found.never > before


def test_without_a_profile_the_hour_says_nothing() -> None:
    found = Latency(cold_profile(30.0, 10.0))
    only = found.now
    found.at(MONDAY + 10 * HOUR_S, learned, well=True)
    assert found.now is only


def unknown_week() -> Latency:
    """A path of which only the mean rate is known, that has been slow all day."""
    found = Latency(replace(cold_profile(30.0, 10.0), hourly_rate_per_min=(5.0,) * 168))
    found.at(MONDAY, learned, well=True)
    for _ in range(9000):
        found.add(40.0)
    return found


def test_after_a_week_the_rates_that_were_learned_tell_the_hours_apart() -> None:
    found = unknown_week()
    assert set(found.hours()) == {BUSY}
    found.at(MONDAY + WEEK_S - 1, learned, well=True)
    assert set(found.hours()) == {BUSY}
    found.at(MONDAY + WEEK_S + 2 * HOUR_S, learned, well=True)
    assert (found.hours()[2], found.hours()[10]) == (QUIET, BUSY)
    assert (found.hours()[15], found.hours()[16]) == (BUSY, ORDINARY), (
        "what left before is on its way"
    )
    assert found.now is found.histograms[QUIET]
    found.at(MONDAY + WEEK_S + 3 * HOUR_S, lambda: (5.0,) * 168, well=True)
    assert found.hours()[2] == QUIET, "for another week"


def test_a_new_class_of_hours_begins_with_what_they_have_shown_and_learns_faster() -> None:
    found = unknown_week()
    by_now, seen = found.p99_s, found.samples
    found.at(MONDAY + WEEK_S + 2 * HOUR_S, learned, well=True)
    assert (found.p99_s, found.samples) == (pytest.approx(by_now), pytest.approx(BORROWED))
    found.add(1.0)
    assert found.histograms[BUSY].samples == seen, "which stays what it was"
    found.at(MONDAY + 2 * WEEK_S + 2 * HOUR_S, learned, well=True)
    assert found.samples == pytest.approx(BORROWED + 1), "it borrows once"


def test_one_busy_hour_a_week_makes_no_class_of_its_own() -> None:
    found = unknown_week()
    batch = tuple(300.0 if hour == 50 else rate for hour, rate in enumerate(RATES))
    found.at(MONDAY + WEEK_S, lambda: batch, well=True)
    quieter = Latency(replace(cold_profile(30.0, 10.0), hourly_rate_per_min=RATES))
    assert found.hours()[10] == quieter.hours()[10] == BUSY


def test_hours_that_join_a_quicker_class_take_their_own_ages_with_them() -> None:
    """Or a whole class of days would be judged by what nights have taught, and be late all day."""
    found = unknown_week()
    found.at(MONDAY + WEEK_S + 2 * HOUR_S, learned, well=True)
    for _ in range(20000):
        found.add(1.0)  # nights are quick
    quick = found.p90_s
    all_alike = tuple(1.0 if n % 24 < 20 else 10.0 for n in range(168))
    assert found.at(MONDAY + 2 * WEEK_S + 2 * HOUR_S, lambda: all_alike, well=True)
    assert found.hours()[10] == QUIET
    assert quick < 2
    assert found.p90_s > 30
    moved = sum(hour == QUIET for hour in found.hours()) - 6 * 7
    assert found.evidence(20.0) == pytest.approx(-math.log(moved / (moved + 6 * 7)), abs=0.3)


def test_classes_change_only_while_the_path_is_well() -> None:
    found = unknown_week()
    found.at(MONDAY + WEEK_S, learned, well=False)
    assert set(found.hours()) == {BUSY}
    found.at(MONDAY + WEEK_S + HOUR_S, learned, well=True)
    assert QUIET in found.hours()


def test_a_clock_that_was_far_ahead_for_a_moment_stops_no_learning() -> None:
    found = unknown_week()
    found.at(MONDAY + 500 * WEEK_S, lambda: (5.0,) * 168, well=True)
    found.at(MONDAY + HOUR_S, learned, well=True)
    assert QUIET in found.hours()


def test_on_a_public_holiday_it_is_sunday() -> None:
    found = latency()
    epiphany = datetime(2027, 1, 6, 10, tzinfo=UTC).timestamp()
    rates = tuple(rate if hour < 144 else 0.1 for hour, rate in enumerate(RATES))
    quiet = Latency(replace(cold_profile(30.0, 10.0), hourly_rate_per_min=rates))
    quiet.at(epiphany, lambda: rates, well=True)
    assert quiet.now is quiet.histograms[QUIET]
    found.at(epiphany + WEEK_S, learned, well=True)
    assert found.now is found.histograms[BUSY]


def test_rates_of_other_hours_than_the_weeks_change_no_class() -> None:
    found = unknown_week()
    found.at(MONDAY + WEEK_S, tuple, well=True)
    assert set(found.hours()) == {BUSY}


def test_an_earlier_runs_hours_are_kept_and_the_rates_decide_anew_at_once() -> None:
    before = unknown_week()
    before.at(MONDAY + WEEK_S + 2 * HOUR_S, learned, well=True)
    after = Latency(replace(cold_profile(30.0, 10.0), hourly_rate_per_min=(5.0,) * 168))
    after.restore(before.snapshot(), before.hours())
    assert after.hours() == before.hours()
    after.at(MONDAY + WEEK_S + 2 * HOUR_S, learned, well=True)
    assert after.samples == pytest.approx(before.samples, abs=0.1), "nothing is borrowed again"
    after.restore(before.snapshot(), [7] * 168)
    after.restore(before.snapshot(), [QUIET] * 24)
    assert after.hours() == before.hours()

    young = Latency(replace(cold_profile(30.0, 10.0), hourly_rate_per_min=(5.0,) * 168))
    young.restore(unknown_week().snapshot(), [])
    young.at(MONDAY + 2 * HOUR_S, learned, well=True)
    assert young.hours()[2] == QUIET, "a run need not last for a week"
