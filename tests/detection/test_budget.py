"""The promises behind the limits, computed exactly where they can be."""

import math

import numpy as np
import pytest

from watchdog.detection.budget import YEAR_S, thresholds
from watchdog.detection.flight import Flying
from watchdog.detection.latency import Latency
from watchdog.detection.partial import OF_A_SENDER, PartialLoss
from watchdog.detection.spells import Spells
from watchdog.model.observation import SLOW_SPELLS, Profile

STEP = 0.02


def chance_of_an_excursion(up: float, down: float, limit: float, share: float) -> float:
    """P(a sum that starts with one loss reaches `limit` before 0), by value iteration on a lattice."""
    cells = math.ceil(limit / STEP)
    at = np.arange(cells + 1)
    risen = np.minimum(cells, at + round(up / STEP))
    fallen = np.maximum(0, at + round(down / STEP))
    reach = np.zeros(cells + 1)
    reach[cells] = 1.0
    for _ in range(4000):
        before = reach
        reach = share * before[risen] + (1 - share) * before[fallen]
        reach[0], reach[cells] = 0.0, 1.0
        if np.abs(reach - before).max() < 1e-16:
            break
    return float(reach[min(cells, round(up / STEP))])


def profile(never: float, samples: float = 20000) -> Profile:
    return Profile(
        interval_s=30,
        samples=samples,
        latency_quantiles=((0.5, 2.0), (0.9, 4.8), (0.99, 10.0), (0.999, 16.0)),
        never=never,
        ack_quantiles=((0.5, 0.1), (0.99, 1.0)),
        hard=5e-4,
        slow_spells=SLOW_SPELLS,
    )


def chart(never: float, samples: float = 20000) -> PartialLoss:
    given = profile(never, samples)
    return PartialLoss(Latency(given), Spells(given.slow_spells))


@pytest.mark.parametrize("never", [0.001, 0.003, 0.01])
def test_one_senders_loss_is_falsely_declared_no_more_often_than_promised(never: float) -> None:
    rate = 0.035
    budget = thresholds(years=1000, interval_s=30, real_per_s=rate)
    healthy = chart(never).healthy
    per_order = sum(
        never
        * chance_of_an_excursion(
            math.log(p / healthy),
            math.log((1 - p) / (1 - healthy)),
            budget.sender_nats,
            never,
        )
        for p in OF_A_SENDER
    )
    years_between = 1 / (per_order * rate * YEAR_S)
    assert years_between >= budget.sender_years


def test_a_quiet_hour_needs_less_evidence_and_the_promise_stays() -> None:
    night = thresholds(years=1000, interval_s=30, real_per_s=0.003)
    day = thresholds(years=1000, interval_s=30, real_per_s=0.1)
    assert night.outage_nats < day.outage_nats
    for budget, rate in ((night, 1 / 30 + 0.003), (day, 1 / 30 + 0.1)):
        false_per_year = rate * YEAR_S * math.exp(-budget.outage_nats)
        assert false_per_year == pytest.approx(0.9 / 1000)


def test_a_chart_of_few_samples_is_careful() -> None:
    assert chart(0.005, samples=200).healthy > 2 * chart(0.005).healthy


def test_an_order_that_turns_up_late_is_taken_back_out() -> None:
    charts = chart(0.003)
    budget = thresholds(years=1000, interval_s=30)
    lost = [Flying(f"r{n}", float(n), real=True, sender="s1", of_sender=True) for n in range(4)]
    for order in lost:
        charts.finished(order, lost=True)
    charts.weigh(10.0, (), 5.0, budget)
    high = charts.evidence
    for order in lost[:3]:
        charts.was_only_late(order)
    charts.weigh(10.0, (), 5.0, budget)
    assert charts.evidence < high / 3


def test_a_loss_of_one_sender_is_not_called_a_loss_of_the_path() -> None:
    charts = chart(0.003)
    budget = thresholds(years=1000, interval_s=30, real_per_s=0.1)
    for n in range(40):
        charts.finished(Flying(f"a{n}", n, real=True, sender="well", of_sender=True), lost=False)
        charts.finished(
            Flying(f"b{n}", n, real=True, sender="ill", of_sender=True), lost=n % 3 == 0
        )
        charts.finished(Flying(f"p{n}", n, real=False), lost=False)
    charts.weigh(100.0, (), 5.0, budget)
    assert charts.sender_declares
    assert charts.sender == "ill"
    assert not charts.path_declares


def test_each_limit_is_the_promise_times_the_messages_that_could_begin_a_false_one() -> None:
    found = thresholds(years=1000, interval_s=30, real_per_s=0.1, mean_real_per_s=0.05)
    year, per_s = 31557600.0, 1 / 30 + 0.1
    assert found.outage_nats == pytest.approx(math.log(1000 * year * per_s / 0.9))
    assert found.partial_nats == pytest.approx(math.log(1000 * year * per_s / 0.1))
    assert found.sender_nats == pytest.approx(math.log(50 * year * 0.05 * 0.05))
    assert found.suspect_nats == pytest.approx(math.log(7 * 86400 * per_s))
    assert found.watchful_nats == pytest.approx(math.log(6))
    assert (found.years, found.sender_years) == (1000, 50)
    alone = thresholds(years=1000, interval_s=30, real_per_s=0.1)
    assert alone.sender_nats == pytest.approx(math.log(50 * year * 0.1 * 0.05))


def test_where_next_to_nothing_is_sent_a_limit_stays_a_limit() -> None:
    found = thresholds(years=1, interval_s=math.inf)
    assert found.sender_nats == 8.0
    assert found.suspect_nats == pytest.approx(math.log(7 * 24))
    assert found.outage_nats == pytest.approx(math.log(31557600 / 3600 / 0.9))
