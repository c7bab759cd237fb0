"""Slow spells: evidence is what is left when slowness may explain it, and its shares are learned."""

import math
from collections.abc import Callable

import pytest

from watchdog.detection.spells import LEAST_SHARE_OF_PRIOR, MOST_WATCHED_S, PRIOR_S, Spells

SHARES = ((2.0, 1e-3), (6.0, 1e-4))


def by_age(at_once: float) -> Callable[[float], float]:
    """Evidence that a path twice as slow explains half, and so on."""
    return lambda factor: at_once / factor


def test_without_spells_evidence_is_what_it_is() -> None:
    assert Spells(()).weigh(by_age(9.0)) == pytest.approx(9.0)


def test_slowness_explains_evidence_up_to_the_time_that_it_takes() -> None:
    spells = Spells(SHARES)
    small, large = spells.weigh(by_age(2.0)), spells.weigh(lambda _: 30.0)
    assert small < 2.0
    explained = math.exp(-30) * (1 + 1e-3 + 1e-4)
    assert large == pytest.approx(-math.log(explained))
    mixed = math.exp(-30) + 1e-3 * math.exp(-15) + 1e-4 * math.exp(-5)
    assert spells.weigh(by_age(30.0)) == pytest.approx(-math.log(mixed))


def test_evidence_is_never_below_nought() -> None:
    assert Spells(SHARES).weigh(lambda _: 0.0) == 0.0
    assert Spells(((2.0, 0.9),)).weigh(lambda factor: 0.1 if factor == 1.0 else 0.0) == 0.0


def arrivals(spells: Spells, ages: float, orders: int, *, well: bool = True) -> None:
    for n in range(orders):
        spells.arrived(100.0 * n, ages, 2.0, well=well)


def test_arrivals_that_are_slow_just_now_explain_more() -> None:
    spells = Spells(SHARES)
    before = spells.weigh(by_age(30.0))
    arrivals(spells, 16.0, 40, well=False)
    assert spells.weigh(by_age(30.0)) < before - 2
    assert spells.patience() == pytest.approx(8.0, rel=0.01)


def test_usual_arrivals_call_for_no_patience() -> None:
    spells = Spells(SHARES)
    arrivals(spells, 2.0, 40)
    assert spells.patience() == 1.0
    arrivals(spells, 3.9, 100)
    assert spells.patience() == 1.0, "less than twice the median"
    arrivals(spells, 4.2, 100)
    assert spells.patience() == pytest.approx(2.1, rel=0.01)


def test_patience_has_an_end() -> None:
    spells = Spells(SHARES)
    arrivals(spells, 200.0, 100)
    assert spells.patience() == 8.0


def test_shares_begin_as_the_profiles() -> None:
    assert Spells(SHARES).shares() == pytest.approx(dict(SHARES))


def test_time_spent_slow_is_learned_for_its_factor_alone() -> None:
    spells = Spells(SHARES)
    arrivals(spells, 4.0, 400)
    shares = spells.shares()
    watched = 399 * 100.0
    assert shares[2.0] > (1e-3 * PRIOR_S + 0.9 * watched) / (PRIOR_S + watched)
    assert shares[6.0] == pytest.approx(1e-4 * PRIOR_S / (PRIOR_S + watched))


def test_an_outage_teaches_nothing_and_a_long_gap_little() -> None:
    spells = Spells(SHARES)
    arrivals(spells, 4.0, 400, well=False)
    assert spells.shares() == pytest.approx(dict(SHARES))
    spells.arrived(1e9, 4.0, 2.0, well=True)
    assert spells.shares()[2.0] == pytest.approx((1e-3 * PRIOR_S + 600) / (PRIOR_S + 600))


def test_healthy_time_shrinks_the_shares_but_never_below_a_fifth() -> None:
    spells = Spells(SHARES)
    arrivals(spells, 2.0, 1000)
    assert spells.shares()[2.0] == pytest.approx(1e-3 * PRIOR_S / (PRIOR_S + 99900.0))
    for n in range(1000, 100_000):
        spells.arrived(600.0 * n, 2.0, 2.0, well=True)
    assert spells.shares()[2.0] == pytest.approx(0.2e-3)


def test_slowness_that_arrivals_show_just_now_is_weighed_a_third_slower_still() -> None:
    spells = Spells(())
    spells._slowness = math.log(3.0)
    mixed = math.exp(-30.0) + 0.01 * math.exp(-30.0 / 3.9)
    assert spells.weigh(by_age(30.0)) == pytest.approx(-math.log(mixed))
    spells._slowness = math.log(2.0)
    assert spells.weigh(by_age(30.0)) == pytest.approx(30.0), "so much is within the usual"
    assert spells.patience() == 1.0
    assert spells.weigh(by_age(0.5)) == pytest.approx(0.5)


def test_small_evidence_may_be_explained_too() -> None:
    spells = Spells(((4.0, 0.5),))
    mixed = math.exp(-0.8) + 0.5 * math.exp(-0.2)
    assert spells.weigh(by_age(0.8)) == pytest.approx(max(0.0, -math.log(mixed)))
    certain = Spells(((4.0, 0.1),))
    assert certain.weigh(by_age(0.8)) == pytest.approx(
        -math.log(math.exp(-0.8) + 0.1 * math.exp(-0.2))
    )


def test_time_is_given_to_the_factor_that_the_arrivals_show() -> None:
    for slow, factor in ((2.0, 2.0), (4.0, 2.0), (6.0, 6.0), (1.3, None)):
        spells = Spells(SHARES)
        spells._slowness = math.log(slow)
        spells.arrived(0.0, 2.0 * slow, 2.0, well=True)
        spells.arrived(100.0, 2.0 * slow, 2.0, well=True)
        assert spells._seconds == {c: 100.0 if c == factor else 0.0 for c, _ in SHARES}


def test_what_was_learned_of_slowness_outlives_the_run() -> None:
    before, after = Spells(SHARES), Spells(SHARES)
    arrivals(before, 5.0, 4000)
    assert before.shares() != after.shares()
    after.restore(before.snapshot())
    assert after.shares() == pytest.approx(before.shares())
    assert after.weigh(by_age(9.0)) == pytest.approx(
        Spells(tuple(before.shares().items())).weigh(by_age(9.0))
    )


def test_slowness_that_was_learned_for_other_factors_is_not_taken() -> None:
    spells = Spells(SHARES)
    for stored in ({}, {"watched": 9e9}, {"watched": 9e9, "2.0": 9e9, "5.0": 0.0}):
        spells.restore(stored)
        assert spells.shares() == pytest.approx(dict(SHARES))


def test_what_was_long_ago_fades_and_the_least_shares_are_still_reached() -> None:
    spells = Spells(SHARES)
    spells.restore({"watched": 100 * PRIOR_S, "2.0": 10 * PRIOR_S, "6.0": 0.0})
    spells.arrived(0.0, 2.0, 2.0, well=True)
    spells.arrived(600.0, 2.0, 2.0, well=True)
    found = spells.snapshot()
    assert found["watched"] == MOST_WATCHED_S == 4 * PRIOR_S
    assert found["2.0"] == pytest.approx(0.1 * MOST_WATCHED_S, rel=1e-3)
    assert spells.shares()[6.0] == pytest.approx(LEAST_SHARE_OF_PRIOR * 1e-4)
