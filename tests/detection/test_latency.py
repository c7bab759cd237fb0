"""Ages at arrival apart for quiet, ordinary and busy hours: which histogram is asked, and when."""

import math
from dataclasses import replace

import pytest

from watchdog.detection.latency import (
    BORROWED,
    BUSY,
    QUIET,
    RELEARN_EVERY,
    WEEK_S,
    Latency,
    hour_of_week,
)
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
    found.at(MONDAY + 10 * HOUR_S, learned)
    busy = found.now
    for _ in range(2000):
        found.add(60.0)
    assert found.p99_s > 50
    assert found.evidence(30.0) < 0.3
    found.at(MONDAY + 2 * HOUR_S, learned)
    assert found.now is not busy
    assert found.p99_s == pytest.approx(usual)
    assert found.samples == pytest.approx(200)
    found.at(MONDAY + 14.9 * HOUR_S, learned)
    assert found.now is busy
    assert (found.p50_s > 50, found.p90_s > 50, found.p99_s > 50) == (True, True, True)


def test_in_the_same_class_nothing_is_reckoned_anew() -> None:
    found = latency()
    found.at(MONDAY + 10 * HOUR_S, learned)
    found.p99_s = -1.0
    found.at(MONDAY + 11 * HOUR_S, learned)
    assert found.p99_s == -1.0
    found.at(MONDAY + 7 * HOUR_S, learned)
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
    found.at(MONDAY + 10 * HOUR_S, learned)
    assert found.now is only


def unknown_week() -> Latency:
    """A path of which only the mean rate is known, that has been slow all day."""
    found = Latency(replace(cold_profile(30.0, 10.0), hourly_rate_per_min=(5.0,) * 168))
    found.at(MONDAY, learned)
    for _ in range(9000):
        found.add(40.0)
    return found


def test_after_a_week_the_rates_that_were_learned_tell_the_hours_apart() -> None:
    found = unknown_week()
    assert set(found.hours()) == {BUSY}
    found.at(MONDAY + WEEK_S - 1, learned)
    assert set(found.hours()) == {BUSY}
    found.at(MONDAY + WEEK_S + 2 * HOUR_S, learned)
    assert (found.hours()[2], found.hours()[10]) == (QUIET, BUSY)
    assert found.now is found.histograms[QUIET]
    found.at(MONDAY + WEEK_S + 3 * HOUR_S, lambda: (5.0,) * 168)
    assert found.hours()[2] == QUIET, "for another week"


def test_a_new_class_of_hours_begins_with_what_they_have_shown_and_learns_faster() -> None:
    found = unknown_week()
    by_now, seen = found.p99_s, found.samples
    found.at(MONDAY + WEEK_S + 2 * HOUR_S, learned)
    assert (found.p99_s, found.samples) == (pytest.approx(by_now), pytest.approx(BORROWED))
    found.add(1.0)
    assert found.histograms[BUSY].samples == seen, "which stays what it was"
    found.at(MONDAY + 2 * WEEK_S + 2 * HOUR_S, learned)
    assert found.samples == pytest.approx(BORROWED + 1), "it borrows once"


def test_rates_of_other_hours_than_the_weeks_change_no_class() -> None:
    found = unknown_week()
    found.at(MONDAY + WEEK_S, tuple)
    assert set(found.hours()) == {BUSY}


def test_an_earlier_runs_hours_are_kept_and_the_rates_decide_anew_at_once() -> None:
    before = unknown_week()
    before.at(MONDAY + WEEK_S + 2 * HOUR_S, learned)
    after = Latency(replace(cold_profile(30.0, 10.0), hourly_rate_per_min=(5.0,) * 168))
    after.restore(before.snapshot(), before.hours())
    assert after.hours() == before.hours()
    after.at(MONDAY + WEEK_S + 2 * HOUR_S, learned)
    assert after.samples == pytest.approx(before.samples, abs=0.1), "nothing is borrowed again"
    after.restore(before.snapshot(), [7] * 168)
    after.restore(before.snapshot(), [QUIET] * 24)
    assert after.hours() == before.hours()

    young = Latency(replace(cold_profile(30.0, 10.0), hourly_rate_per_min=(5.0,) * 168))
    young.restore(unknown_week().snapshot(), [])
    young.at(MONDAY + 2 * HOUR_S, learned)
    assert young.hours()[2] == QUIET, "a run need not last for a week"
