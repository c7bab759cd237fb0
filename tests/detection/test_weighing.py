"""Whose limits hold at this hour, and what is put on the scales: never anything that was not seen."""

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from watchdog.detection.budget import thresholds
from watchdog.detection.flight import Flight
from watchdog.detection.silence import Traffic
from watchdog.detection.weighing import Weighing
from watchdog.model.cadence import FAST
from watchdog.model.observation import cold_profile

NOW = 1000.0
NIGHT, NOON = 1_790_000_000.0, 1_790_000_000.0 + 3600.0
PROFILE = replace(cold_profile(30.0, 10.0), budget_years=500.0)


class Scales:
    def __init__(self, passive: str = "both", **sight: Any) -> None:
        self.asked: list[Any] = []
        self.charts: Any = SimpleNamespace(
            budget=None,
            evidence=7.0,
            counts_from=950.0,
            pacing=SimpleNamespace(rejected=False),
            flight=Flight(2.0),
            slow=SimpleNamespace(late_s=5.0),
            sight=SimpleNamespace(
                **{
                    "doubtful": False,
                    "readers_blind": False,
                    "seen_until": lambda now: now - 3,
                    **sight,
                }
            ),
            proof=SimpleNamespace(evidence=self._evidence),
            partial=SimpleNamespace(weigh=lambda *args: self.asked.append(args)),
        )
        self.traffic: Any = SimpleNamespace(
            per_s=lambda t: 0.1 if t == NOON else 0.01, mean_per_s=lambda: 0.05
        )
        profile = replace(PROFILE, passive=passive)
        silence: Any = SimpleNamespace(since_life_nats=2.0)
        self.weighing = Weighing(self.charts, silence, self.traffic, profile, FAST)

    def _evidence(self, now: float, *, seen_until: float) -> float:
        self.asked.append((now, seen_until))
        return 4.0

    def put(self, *sent: float) -> "Scales":
        for at in sent:
            self.charts.flight.sent(f"p{at:g}", at, real=False)
        return self

    def weigh(self) -> list[Any]:
        self.weighing.weigh(NOW)
        return self.asked


def limits(per_s: float, interval_s: float = 30.0) -> object:
    return thresholds(years=500.0, interval_s=interval_s, real_per_s=per_s, mean_real_per_s=0.05)


def test_the_limits_are_those_of_the_hour() -> None:
    scales = Scales()
    scales.weighing.set_limits(NIGHT)
    assert scales.charts.budget == limits(0.01)
    scales.weighing.set_limits(NOON)
    assert scales.charts.budget == limits(0.1)


def test_while_a_rejection_stops_ours_only_real_orders_are_candidates() -> None:
    scales = Scales()
    scales.weighing.set_limits(NIGHT)
    scales.charts.pacing.rejected = True
    scales.weighing.set_limits(NIGHT)
    assert scales.charts.budget == limits(0.01, math.inf)


def test_limits_are_reckoned_anew_only_when_something_changed() -> None:
    scales = Scales()
    scales.weighing.set_limits(NIGHT)
    first = scales.charts.budget
    scales.weighing.set_limits(NIGHT)
    assert scales.charts.budget is first


def test_in_doubt_about_ourselves_there_is_no_evidence() -> None:
    scales = Scales(doubtful=True)
    assert scales.weigh() == []
    assert scales.charts.evidence == 0.0


def test_ours_are_weighed_as_of_the_newest_look_and_what_is_news_as_of_now() -> None:
    scales = Scales().put(949.9, 950.0, 960.0)
    evidence, partial = scales.weigh()
    assert evidence == (NOW, NOW - 3)
    now, waiting, late_s, budget = partial
    assert (now, [order.sent for order in waiting], late_s) == (NOW, [950.0, 960.0], 5.0)
    assert budget is scales.charts.budget
    assert scales.charts.evidence == 4.0


def test_blind_readers_leave_the_send_side_alone() -> None:
    scales = Scales("arrivals", readers_blind=True).put(960.0)
    evidence, partial = scales.weigh()
    assert evidence == (NOW, -math.inf)
    assert list(partial[1]) == []
    assert scales.charts.evidence == 4.0, "nobody would have seen an arrival: silence says nothing"


@pytest.mark.parametrize(("passive", "nats"), [("arrivals", 6.0), ("both", 4.0), ("none", 4.0)])
def test_silence_speaks_where_only_arrivals_are_seen(passive: str, nats: float) -> None:
    scales = Scales(passive)
    scales.weigh()
    assert scales.charts.evidence == nats


def test_the_rates_come_from_the_traffic_that_is_learned() -> None:
    scales, traffic = Scales(), Traffic((6.0,) * 168)
    weighing = Weighing(scales.charts, SimpleNamespace(), traffic, PROFILE, FAST)  # pyright: ignore[reportArgumentType]
    weighing.set_limits(NIGHT)
    expected = thresholds(years=500, interval_s=30, real_per_s=0.1, mean_real_per_s=0.1)
    assert scales.charts.budget.outage_nats == pytest.approx(expected.outage_nats)
