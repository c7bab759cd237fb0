"""What a budget means in seconds: the detector itself on paths that die, refuse, or do neither."""

import math
import statistics
from dataclasses import replace

import pytest

from watchdog.detection import promise as promises
from watchdog.detection.budget import thresholds
from watchdog.detection.path import PathDetector
from watchdog.detection.promise import MOST_S, PHASES, WARM_ORDERS, promise
from watchdog.model.cadence import FAST
from watchdog.model.observation import Ev, Event, cold_profile
from watchdog.model.outage import Grounds, Phase, Reason, Transition
from watchdog.model.text import Text

PROFILE = cold_profile(30.0, 5.0)
MEDIAN_S = 1.0  # a fifth of the p99
FAULT = (WARM_ORDERS + 0.5) * FAST.interval_s


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    events: list[Event] = []
    whole = PathDetector.observe

    def watched(self: PathDetector, event: Event) -> None:
        events.append(event)
        whole(self, event)

    monkeypatch.setattr(PathDetector, "observe", watched)
    return events


def ages(seen: list[Event], ev: Ev) -> dict[float, float]:
    """When each order that this happened to was sent, and its age then."""
    sent = {e.id: e.mono for e in seen if e.ev is Ev.PROBE_SENT}
    return {sent[e.id]: e.mono - sent[e.id] for e in seen if e.ev is ev}


@pytest.mark.parametrize("refused", [False, True])
def test_orders_arrive_after_the_usual_time_until_the_fault_and_then_never(
    seen: list[Event], *, refused: bool
) -> None:
    delay, missing = promises._declared(PROFILE, FAST, 0.5, refused=refused)
    sent = [e.mono for e in seen if e.ev is Ev.PROBE_SENT]
    assert len(set(sent)) == len({e.id for e in seen}) == len(sent)
    assert sum(at < FAULT for at in sent) == WARM_ORDERS + 1
    arrived = ages(seen, Ev.PROBE_ARRIVED)
    assert list(arrived) == [at for at in sent if at + MEDIAN_S < FAULT]
    assert min(arrived.values()) >= MEDIAN_S - 1e-3
    assert max(arrived.values()) <= MEDIAN_S + FAST.tick_s
    acked, refusals = ages(seen, Ev.PROBE_ACK), ages(seen, Ev.PROBE_REFUSED)
    assert set(acked.values()) == {0.0}
    if refused:
        assert set(refusals.values()) == {0.0}
        assert all(at >= FAULT for at in refusals)
        assert sorted([*acked, *refusals]) == sent
    else:
        assert not refusals
        assert list(acked) == sent
    assert missing == sum(at >= FAULT for at in sent)
    assert FAULT + delay >= sent[-1]
    assert FAULT + delay - sent[-1] < FAST.interval_s


def test_a_detector_that_never_declares_promises_nothing(
    seen: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PathDetector, "tick", lambda *_: [])
    assert promises._declared(PROFILE, FAST, 0.5, refused=False) == (math.inf, 0)
    assert MOST_S - FAST.interval_s < seen[-1].mono - FAULT <= MOST_S


def test_only_a_declaration_ends_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def says(_self: PathDetector, now: float) -> list[Transition]:
        after = Phase.DECLARED if now >= FAULT + 7 else Phase.SUSPECTED
        return [
            Transition(
                before=Phase.CLEAR,
                after=after,
                mono=now,
                t=now,
                reason=Reason.NOT_ARRIVING,
                because=Text("", ""),
                grounds=Grounds(missing_probes=5),
            )
        ]

    monkeypatch.setattr(PathDetector, "tick", says)
    delay, missing = promises._declared(PROFILE, FAST, 0.5, refused=False)
    assert missing == 5
    assert 7 <= delay <= 7 + FAST.tick_s


def test_the_promise_is_that_of_runs_begun_all_over_the_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[float, bool]] = []

    def run(_p: object, _c: object, phase: float, *, refused: bool) -> tuple[float, int]:
        asked.append((phase, refused))
        return (10 if refused else 100) + 10 * phase**2, round(3 + 4 * phase)

    monkeypatch.setattr(promises, "_declared", run)
    profile = replace(PROFILE, budget_years=500.0)
    told = promise(profile, FAST)
    steps = [n / PHASES for n in range(PHASES)]
    assert asked == [(step, refused) for refused in (False, True) for step in steps]
    budget = thresholds(years=500, interval_s=30)
    assert (told.cadence, told.years, told.sender_years) == ("fast", 500, budget.sender_years)
    assert (told.outage_nats, told.partial_nats, told.suspect_nats) == (
        budget.outage_nats,
        budget.partial_nats,
        budget.suspect_nats,
    )
    squares = [10 * step**2 for step in steps]
    assert told.dead_median_s == 100 + statistics.median(squares)
    assert told.dead_worst_s == 100 + max(squares)
    assert told.refused_median_s == 10 + statistics.median(squares)
    assert told.orders_to_declare == max(round(3 + 4 * step) for step in steps)
    assert (told.orders_per_day, told.orders_per_incident) == (2880, 200)
