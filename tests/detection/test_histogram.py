"""Learned ages at arrival: what a missing order is worth, quantiles, and what fades."""

import math
from itertools import pairwise

import pytest

from watchdog.detection.histogram import BINS, ROLLING, Histogram


def of(*ages: float) -> Histogram:
    found = Histogram()
    for age in ages:
        found.add(age)
    return found


def test_a_missing_order_is_worth_the_share_of_healthy_ones_that_are_older() -> None:
    found = of(*[1.0] * 90, *[10.0] * 9, math.inf)
    assert found.samples == 100
    assert found.evidence(0.0) == pytest.approx(-math.log(101 / 102))
    assert found.evidence(3.0) == pytest.approx(-math.log(11 / 102), rel=1e-3)
    assert found.evidence(30.0) == pytest.approx(-math.log(2 / 102), rel=1e-3)
    assert found.evidence(1e12) == pytest.approx(-math.log(2 / 102), rel=1e-3)


def test_n_samples_never_give_more_than_ln_n_plus_two() -> None:
    assert of(*[1.0] * 50).evidence(1e9) == pytest.approx(math.log(52))
    assert Histogram().evidence(1e9) == pytest.approx(math.log(2))


def test_between_two_bins_the_worth_runs_on_evenly() -> None:
    found = of(*[1.0] * 50)
    worths = [found.evidence(0.9 + n / 500) for n in range(130)]
    assert worths == sorted(worths)
    steps = [later - earlier for earlier, later in pairwise(worths)]
    assert max(steps) < 0.2


def test_quantiles_are_those_of_the_orders_that_arrive() -> None:
    found = of(*[1.0] * 80, *[10.0] * 20, *[math.inf] * 100)
    assert found.never() == 0.5
    assert found.quantile(0.5) == pytest.approx(1.0, rel=0.1)
    assert found.quantile(0.9) == pytest.approx(10.0, rel=0.1)
    assert Histogram().never() == 0.0


def test_pseudo_samples_follow_the_quantiles_that_they_come_from() -> None:
    found = Histogram()
    found.seed(((0.1, 1.0), (0.5, 2.0), (0.9, 5.0), (0.99, 10.0)), never=0.02, samples=1000)
    assert found.samples == pytest.approx(1000)
    assert found.never() == pytest.approx(0.02)
    for share, age in ((0.1, 1.0), (0.5, 2.0), (0.9, 5.0), (0.99, 10.0)):
        assert found.quantile(share) == pytest.approx(age, rel=0.1)
    assert found.quantile(1.0) == pytest.approx(20.0, rel=0.1)
    assert found.quantile(0.001) == pytest.approx(0.2, rel=0.15)


def test_old_samples_fade_once_there_are_many() -> None:
    found = Histogram()
    found.add(1.0, ROLLING)
    found.add(10.0)
    assert found.samples == ROLLING + 1
    found.add(10.0)
    assert found.samples == pytest.approx(0.8 * (ROLLING + 1) + 1)


def test_what_is_stored_is_what_comes_back_and_a_wrong_length_is_ignored() -> None:
    found, other = of(0.0005, 1.0, 3.0, 1e9, math.inf), Histogram()
    other.restore(found.snapshot())
    assert other.samples == 5
    assert [other.evidence(age) for age in (0.1, 2.0, 5.0)] == [
        found.evidence(age) for age in (0.1, 2.0, 5.0)
    ]
    other.restore([1.0] * (BINS - 1))
    assert other.samples == 5
    found.add(0.0005, 1 / 3)
    assert found.snapshot()[0] == 1.333
    found.add(0.0005, -1 / 3)
    assert found.snapshot()[0] == found.snapshot()[-1] == found.snapshot()[-2] == 1.0


def taught(age_s: float, times: int) -> Histogram:
    made = Histogram()
    for _ in range(times):
        made.add(age_s)
    return made


def test_what_is_borrowed_weighs_as_much_as_was_said_at_most() -> None:
    mine, other = taught(1.0, 50), taught(8.0, 4000)
    assert mine.evidence(4.0) > 3
    mine.borrow(other, 1000.0)
    assert (mine.samples, other.samples) == (1000.0, 4000)
    assert mine.quantile(0.5) == pytest.approx(8.0, rel=0.1)
    assert mine.evidence(4.0) < 0.01
    mine.add(math.inf)
    assert other.never() == 0.0
    mine.borrow(taught(2.0, 30), 1000.0)
    assert mine.samples == 30
    mine.borrow(Histogram(), 1000.0)
    assert mine.samples == 0


def test_a_blend_is_as_much_the_others_as_was_said_and_weighs_what_it_did() -> None:
    mine, other = taught(1.0, 3000), taught(8.0, 500)
    mine.blend(other, 0.25)
    assert mine.samples == 3000
    assert mine.evidence(4.0) == pytest.approx(-math.log(0.25), abs=0.01)
    mine.blend(Histogram(), 0.5)
    assert mine.evidence(4.0) == pytest.approx(-math.log(0.25), abs=0.01), "which has seen nothing"


def test_a_copy_goes_its_own_way() -> None:
    first = taught(1.0, 10)
    second = first.copy()
    assert second.snapshot() == first.snapshot()
    second.add(2.0)
    assert (first.samples, second.samples) == (10, 11)
    assert second.snapshot() != first.snapshot()
