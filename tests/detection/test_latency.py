"""Ages at arrival apart for quiet, ordinary and busy hours: which histogram is asked, and when."""

import math
from dataclasses import replace

import pytest

from watchdog.detection.latency import RELEARN_EVERY, Latency, hour_of_week
from watchdog.model.observation import cold_profile

MONDAY = 1_790_553_600.0  # 2026-09-28 00:00 UTC
HOUR_S = 3600.0
RATES = tuple(1.0 if n % 24 < 6 else 10.0 if 9 <= n % 24 < 15 else 4.0 for n in range(168))


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
    found.at(MONDAY + 10 * HOUR_S)
    busy = found.now
    for _ in range(2000):
        found.add(60.0)
    assert found.p99_s > 50
    assert found.evidence(30.0) < 0.3
    found.at(MONDAY + 2 * HOUR_S)
    assert found.now is not busy
    assert found.p99_s == pytest.approx(usual)
    assert found.samples == pytest.approx(200)
    found.at(MONDAY + 14.9 * HOUR_S)
    assert found.now is busy
    assert (found.p50_s > 50, found.p90_s > 50, found.p99_s > 50) == (True, True, True)


def test_in_the_same_class_nothing_is_reckoned_anew() -> None:
    found = latency()
    found.at(MONDAY + 10 * HOUR_S)
    found.p99_s = -1.0
    found.at(MONDAY + 11 * HOUR_S)
    assert found.p99_s == -1.0
    found.at(MONDAY + 7 * HOUR_S)
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
    found.at(MONDAY + 10 * HOUR_S)
    assert found.now is only
