"""What one arrival changes: the proof of life, what is usual, the way back; and when haste is asked."""

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from watchdog.detection import haste
from watchdog.detection.budget import thresholds
from watchdog.detection.haste import CROWD, WATCHFUL_PARTIAL_NATS, is_watchful
from watchdog.detection.path import PathDetector
from watchdog.detection.slow import WATCHFUL_NATS
from watchdog.model.cadence import FAST
from watchdog.model.observation import Ev, Event, cold_profile
from watchdog.model.outage import Phase, Reason

WALL = 1_790_000_000.0
PROFILE = replace(cold_profile(30.0, 10.0), passive="both", min_arrival_s=0.01)


class Arrivals:
    """A clear path; what its parts are told is written down."""

    def __init__(self, phase: Phase = Phase.CLEAR) -> None:
        self.detector = PathDetector(PROFILE, FAST, starting=False)
        self.detector.judge.phase = phase
        self.told: list[Any] = []
        self.detector.spells.arrived = lambda *args, well: self.told.append((*args, well))

    def see(self, at: float, ev: Ev, ident: str, sender: str = "") -> None:
        self.detector.observe(Event(ev=ev, mono=at, t=WALL + at, id=ident, sender=sender))

    def order(self, sent: float, came: float, ident: str = "p1", sender: str = "") -> None:
        real = bool(sender)
        self.see(sent, Ev.REAL_SENT if real else Ev.PROBE_SENT, ident, sender)
        self.see(came, Ev.REAL_ARRIVED if real else Ev.PROBE_ARRIVED, ident, sender)


@pytest.mark.parametrize("phase", [Phase.CLEAR, Phase.SUSPECTED])
def test_an_arrival_of_ours_proves_life_frees_its_place_and_tells_how_slow_it_is(
    phase: Phase,
) -> None:
    path = Arrivals(phase)
    path.order(10.0, 12.5)
    found = path.detector
    assert (found.life, found.proof.own_life, found.last_arrival) == (10.0, 10.0, 12.5)
    assert (found.pacing.open, found.pacing._eager_since) == (0, 12.5)
    assert path.told == [(12.5, 2.5, found.arrivals.p50_s, phase is Phase.CLEAR)]
    assert found.slow._counted == {"p1"}
    assert found.slow.nats == 0.0
    order = found.flight.find("p1")
    assert order is not None
    assert order.age == 2.5


def test_told_twice_or_of_a_stranger_or_faster_than_possible_it_changes_nothing() -> None:
    path = Arrivals()
    path.see(9.0, Ev.PROBE_ARRIVED, "stranger")
    path.order(10.0, 10.009)
    assert path.detector.life is None
    path.see(12.0, Ev.PROBE_ARRIVED, "p1")
    path.see(13.0, Ev.PROBE_ARRIVED, "p1")
    assert len(path.told) == 1
    assert path.detector.last_arrival == 12.0


def test_a_real_arrival_proves_life_and_not_that_ours_arrive() -> None:
    path = Arrivals()
    path.detector.proof.own_lost = 2
    path.order(10.0, 12.0, "r1", "s1")
    assert (path.detector.life, path.detector.proof.own_life) == (10.0, None)
    assert path.detector.proof.own_lost == 2
    path.order(13.0, 14.0)
    assert (path.detector.proof.own_life, path.detector.proof.own_lost) == (13.0, 0)
    path.order(15.0, 16.0, "p2")
    path.order(5.0, 17.0, "p3")
    assert path.detector.proof.own_life == 15.0, "an older one that comes later proves no more"


def test_an_arrival_later_than_p90_counts_as_late() -> None:
    path = Arrivals()
    late_s = path.detector.slow.late_s
    path.order(10.0, 10.1 + late_s)
    assert path.detector.slow.nats > 0


def test_only_the_first_of_a_batch_tells_how_slow_it_is_and_all_prove_life() -> None:
    path = Arrivals()
    path.order(10.0, 11.0, "r1", "s1")
    path.order(10.5, 12.0, "r2", "s2")
    path.order(10.9, 12.5, "r3", "s1")
    assert [age for _, age, *_ in path.told] == [1.0]
    assert path.detector.slow._counted == {"r1"}
    assert path.detector.life == 10.9
    assert [order.id for order in path.detector.proof.missing] == []
    path.see(20.0, Ev.REAL_SENT, "r4", "s1")
    path.see(20.5, Ev.REAL_SENT, "r5", "s2")
    assert [order.id for order in path.detector.proof.missing] == ["r4"]


def test_one_that_was_given_up_and_comes_is_taken_out_of_the_losses() -> None:
    path = Arrivals()
    found, taken = path.detector, []
    found.partial.was_only_late = lambda order: taken.append(order.id)
    for ident, sent in (("old", 9.0), ("p1", 10.0)):
        path.see(sent, Ev.PROBE_SENT, ident)
        order = found.flight.find(ident)
        assert order is not None
        order.open = False
    found._charts.counts_from = 10.0
    found._last_look = 60.0  # nobody slept
    for ident in ("old", "p1"):
        path.see(60.0, Ev.PROBE_ARRIVED, ident)
        assert found.flight.find(ident) is None
    assert taken == ["p1"], "what was lost before the news began is not news"
    assert path.told == []
    assert found.life == 10.0


@pytest.mark.parametrize(("share", "fresh"), [(0.999, 1), (1.001, 0)])
def test_in_an_outage_it_is_fresh_only_if_it_came_in_time(share: float, fresh: int) -> None:
    path = Arrivals()
    path.detector.resume_outage(1.0, Reason.NOT_ARRIVING, partial=False, sender="", orders=0)
    path.see(5.0, Ev.PROBE_SENT, "p1")
    at = 5.0 + share * path.detector.finished_s
    path.detector._last_look = at  # nobody slept
    path.see(at, Ev.PROBE_ARRIVED, "p1")
    recovery = path.detector.recovery
    assert len(recovery.fresh) == fresh
    assert (recovery.last_late == at) is not bool(fresh)


# ---- when to hurry


def charts(**values: Any) -> Any:
    given = {"evidence": 0.0, "partial": 0.0, "slow": 0.0, "refused": False, "per_s": 0.0} | values
    return SimpleNamespace(
        budget=thresholds(years=1000, interval_s=30),
        evidence=given["evidence"],
        flight=SimpleNamespace(real_per_s=lambda now: given["per_s"] if now == 100.0 else -1),
        partial=SimpleNamespace(nats=given["partial"]),
        slow=SimpleNamespace(nats=given["slow"]),
        proof=SimpleNamespace(refused=lambda: given["refused"]),
        sight=SimpleNamespace(doubtful=given.get("doubtful", False)),
    )


def hurries(phase: Phase = Phase.CLEAR, **values: Any) -> bool:
    return is_watchful(charts(**values), phase, 30.0, 100.0)


CROWDED = CROWD * math.log1p(0.1 * 30.0)
ONE_IN_SIX = math.log(6)


def test_a_clear_path_that_nothing_speaks_against_is_in_no_hurry() -> None:
    assert not hurries()
    assert haste.CROWD == 0.3


@pytest.mark.parametrize(
    ("name", "limit"),
    [("evidence", ONE_IN_SIX), ("partial", WATCHFUL_PARTIAL_NATS), ("slow", WATCHFUL_NATS)],
)
def test_each_chart_asks_for_haste_above_its_limit(name: str, limit: float) -> None:
    assert not hurries(**{name: limit})
    assert hurries(**{name: limit + 1e-9})


def test_a_crowd_of_real_orders_raises_the_bar() -> None:
    for name, limit in (("evidence", ONE_IN_SIX), ("partial", WATCHFUL_PARTIAL_NATS)):
        assert not hurries(per_s=0.1, **{name: limit + CROWDED - 1e-6})
        assert hurries(per_s=0.1, **{name: limit + CROWDED + 1e-6})
    assert hurries(per_s=0.1, slow=WATCHFUL_NATS + 1e-9)


def test_a_refusal_or_any_phase_but_clear_is_haste_and_doubt_of_ourselves_never() -> None:
    assert hurries(refused=True)
    for phase in (Phase.UNKNOWN, Phase.SUSPECTED, Phase.DECLARED, Phase.RECOVERING):
        assert hurries(phase)
        assert not hurries(phase, refused=True, doubtful=True)


@pytest.mark.parametrize("phase", [Phase.CLEAR, Phase.DECLARED])
def test_the_pace_is_asked_with_all_that_it_hangs_on(
    monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    path = Arrivals(phase)
    asked: list[Any] = []
    found = path.detector
    found.pacing.next_at = lambda *args, **named: asked.append((args, named)) or 105.0
    found.proof.sharp = lambda now: ("sharp", now)
    found.recovery.hopeless = lambda: "hopeless"
    monkeypatch.setattr(
        "watchdog.detection.path.is_watchful", lambda *args: ("watchful", *args[1:])
    )
    assert found.next_probe_at(100.0) == 105.0
    assert asked == [
        (
            (100.0, phase),
            {
                "watchful": ("watchful", phase, 30, 100.0),
                "p99_s": found.p99_s,
                "sharp": ("sharp", 100.0),
                "hopeless": "hopeless",
            },
        )
    ]
    assert not found.may_send(104.9)
    assert found.may_send(105.0)
