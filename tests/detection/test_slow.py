"""Slower than usual: a sum that climbs with each late order and falls with each that is in time."""

import math

import pytest

from watchdog.detection.slow import CEILING, Slowness

LATE, IN_TIME = math.log(8), math.log(0.2 / 0.9)


def test_late_means_later_than_p90_by_a_fifth() -> None:
    assert Slowness(5.0).late_s == 6.0


def test_each_order_counts_once_until_it_is_finished() -> None:
    slow = Slowness(5.0)
    slow.count("a", late=True)
    slow.count("a", late=True)
    assert slow.nats == pytest.approx(LATE)
    slow.finished("a")
    slow.count("a", late=True)
    assert slow.nats == pytest.approx(2 * LATE)
    slow.finished("never counted")


def test_an_order_in_time_takes_back_less_than_a_late_one_gives_and_never_below_nought() -> None:
    slow = Slowness(5.0)
    slow.count("a", late=True)
    slow.count("b", late=False)
    assert slow.nats == pytest.approx(LATE + IN_TIME)
    for n in range(5):
        slow.count(f"c{n}", late=False)
    assert slow.nats == 0.0


def test_it_climbs_to_a_ceiling_and_an_outage_calms_it() -> None:
    slow = Slowness(5.0)
    for n in range(20):
        slow.count(f"a{n}", late=True)
    assert slow.nats == CEILING
    slow.calm()
    assert slow.nats == 0.0
