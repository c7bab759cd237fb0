"""Slow spells: evidence is what is left when slowness may explain it, and its shares are learned."""

import math
from collections.abc import Callable

import pytest

from watchdog.detection.spells import PRIOR_S, Spells

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
