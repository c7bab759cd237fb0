"""Who is told of an observation, and with what a detector of a path begins."""

import math
from dataclasses import replace
from typing import Any

import pytest

from watchdog.detection.path import PathDetector
from watchdog.detection.recovery import Recovery
from watchdog.model.cadence import FAST
from watchdog.model.observation import Ev, Event, cold_profile
from watchdog.model.outage import Phase

WALL = 1_790_000_000.0
PROFILE = replace(cold_profile(30.0, 10.0), hourly_rate_per_min=(6.0,) * 168)


@pytest.mark.parametrize(("passive", "per_s"), [("none", 0.0), ("both", 0.1), ("arrivals", 0.1)])
def test_real_orders_are_expected_only_where_they_are_seen(passive: str, per_s: float) -> None:
    found = PathDetector(replace(PROFILE, passive=passive), FAST)
    assert found.traffic.per_s(WALL) == pytest.approx(per_s)


def test_a_path_that_starts_sends_at_once_and_a_replayed_one_as_if_it_had_been_going_on() -> None:
    assert PathDetector(PROFILE, FAST).next_probe_at(0.0) == -math.inf
    replayed = PathDetector(PROFILE, FAST, starting=False)
    assert replayed.next_probe_at(0.0) == pytest.approx(0.37 * 30)


def test_it_begins_with_nothing_known() -> None:
    found = PathDetector(PROFILE, FAST)
    assert (found.life, found.proven, found.last_arrival) == (None, None, None)
    pacing, recovery, sight = found.pacing, found.recovery, found.sight
    assert (pacing.rejected, pacing.stopped, pacing.in_incident) == (False, False, 0)
    assert pacing.rejected_at == -math.inf
    assert (pacing._sendings, pacing._ack_silence) == (0, False)
    assert isinstance(recovery, Recovery)
    assert (recovery.nats, recovery.declared, recovery.last_late) == (0.0, 0.0, -math.inf)
    assert (recovery.partial, recovery.sender, recovery.broken) == (False, "", False)
    assert (sight.controls_seen, sight.doubted_since, sight.last_ok) == (False, None, None)
    assert found.acks.samples == pytest.approx(200)


class Told:
    """A detector whose parts only write down what they are told."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.detector = PathDetector(replace(PROFILE, passive="both"), FAST, starting=False)
        self.detector.pacing.sent = self._note("place")
        self.detector.silence.heard = self._note("heard")
        self.detector.flight.trim = self._note("trim")

    def _note(self, name: str) -> Any:
        return lambda *args: self.asked.append((name, *args))

    def __call__(self, at: float, ev: Ev, ident: str, sender: str = "") -> list[Any]:
        self.asked.clear()
        self.detector.observe(Event(ev=ev, mono=at, t=WALL + at, id=ident, sender=sender))
        return list(self.asked)


@pytest.mark.parametrize("phase", [Phase.CLEAR, Phase.DECLARED])
def test_an_order_of_ours_takes_a_place_once(phase: Phase) -> None:
    told = Told()
    told.detector.judge.phase = phase
    trimmed = ("trim", 10.0 - 4 * FAST.overdue_s)
    assert told(10.0, Ev.PROBE_SENT, "p1") == [("place", "p1", 10.0, phase), trimmed]
    assert told(10.0, Ev.PROBE_SENT, "p1") == [trimmed]
    order = told.detector.flight.find("p1")
    assert order is not None
    assert (order.real, order.acked) == (False, False)
    assert list(told.detector.proof.missing) == [order]


def test_a_real_order_breaks_its_senders_silence_and_takes_no_place() -> None:
    told = Told()
    assert told(10.0, Ev.REAL_SENT, "r1", "s1")[0] == ("heard", "s1")
    order = told.detector.flight.find("r1")
    assert order is not None
    assert (order.real, order.sender) == (True, "s1")


def test_wall_time_is_that_of_the_newest_observation() -> None:
    told = Told()
    told(10.0, Ev.CONTROL_OK, "")
    seen: list[float] = []
    told.detector.arrivals.at = lambda t, *_, **__: seen.append(t)
    told.detector.tick(12.0)
    told.detector.observe(Event(ev=Ev.CONTROL_OK, mono=13.0, t=5000.0))
    told.detector.tick(14.0)
    assert seen == [WALL + 12.0, 5001.0]


def test_a_look_that_is_told_late_does_not_turn_time_back() -> None:
    told = Told()
    told(100.0, Ev.CONTROL_OK, "")
    told(99.0, Ev.PROBE_SENT, "p1")
    assert told.detector._last_look == 100.0
    told(100.0 + FAST.evaluation_limit_s, Ev.CONTROL_OK, "")
    assert told.detector.proof.missing, "nobody slept"


@pytest.mark.parametrize("phase", [Phase.CLEAR, Phase.DECLARED, Phase.RECOVERING])
def test_what_is_late_follows_the_hour_in_any_phase(phase: Phase) -> None:
    """Or a mended path whose orders take as long as they do at that hour would never be well again."""
    monday = 1_790_553_600.0  # 2026-09-28 00:00 UTC
    rates = tuple(1.0 if n % 24 < 8 else 10.0 for n in range(168))
    profile = replace(cold_profile(30.0, 10.0), hourly_rate_per_min=rates, passive="both")
    detector = PathDetector(profile, FAST, starting=False)
    for _ in range(5000):
        detector.arrivals.histograms[2].add(60.0)
    detector.observe(Event(ev=Ev.CONTROL_OK, mono=0.0, t=monday + 8 * 3600 - 10))
    detector.tick(0.0)
    at_night = detector.slow.late_s
    detector.judge.phase = phase
    detector.tick(9.0)
    assert detector.slow.late_s == at_night
    detector.tick(11.0)
    assert detector.slow.late_s == pytest.approx(1.2 * detector.arrivals.p90_s)
    assert detector.slow.late_s > 60 > at_night
