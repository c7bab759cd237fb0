"""What a budget means in seconds: the detector itself on paths that die, refuse, or do neither."""

import math
import statistics
from dataclasses import replace

import pytest

from watchdog.detection import promise as promises
from watchdog.detection.budget import thresholds
from watchdog.detection.learned import learned
from watchdog.detection.path import PathDetector
from watchdog.detection.promise import MOST_S, PHASES, WARM_ORDERS, Known, promise
from watchdog.detection.week import hour_of_week
from watchdog.model.cadence import FAST
from watchdog.model.observation import Ev, Event, cold_profile
from watchdog.model.outage import Grounds, Phase, Reason, Transition
from watchdog.model.text import Text

PROFILE = cold_profile(30.0, 5.0)
KNOWN = Known(profile=PROFILE, cadence=FAST)
MEDIAN_S = PathDetector(PROFILE, FAST).arrivals.p50_s
NIGHT, DAY = 2, 10
RATES = [0.2 if hour % 24 < 6 else 12.0 for hour in range(168)]
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
    delay, missing = promises._declared(KNOWN, DAY, 0.0, 0.5, refused=refused)
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
    assert promises._declared(KNOWN, DAY, 0.0, 0.5, refused=False) == (math.inf, 0)
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
    delay, missing = promises._declared(KNOWN, DAY, 0.0, 0.5, refused=False)
    assert missing == 5
    assert 7 <= delay <= 7 + FAST.tick_s


def test_the_promise_is_that_of_runs_begun_all_over_the_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[int, float, float, bool]] = []

    def run(
        _known: object, hour: int, rate: float, phase: float, *, refused: bool
    ) -> tuple[float, int]:
        asked.append((hour, rate, phase, refused))
        slow = 100 if hour < 6 else 50
        return (10 if refused else slow) + 10 * phase**2, round(3 + 4 * phase)

    monkeypatch.setattr(promises, "_declared", run)
    profile = replace(PROFILE, budget_years=500.0, passive="both", hourly_rate_per_min=tuple(RATES))
    told = promise(Known(profile=profile, cadence=FAST))
    steps = [n / PHASES for n in range(PHASES)]
    by_day = [(6, 12.0, step, False) for step in steps]
    by_night = [(0, 0.2, step, False) for step in steps]
    refused = [(*each[:3], True) for each in (*by_day, *by_night)]
    assert sorted(asked) == sorted([*by_day, *by_night, *refused])
    mean = statistics.mean(RATES) / 60
    for found, rate, least in ((told.busiest, 12.0, 50), (told.quietest, 0.2, 100)):
        budget = thresholds(years=500, interval_s=30, real_per_s=rate / 60, mean_real_per_s=mean)
        squares = [10 * step**2 for step in steps]
        assert found.outage_nats == budget.outage_nats
        assert found.partial_nats == budget.partial_nats
        assert found.suspect_nats == budget.suspect_nats
        assert found.refused_median_s == 10 + statistics.median(squares)
        assert found.dead_median_s == least + statistics.median(squares)
        assert found.dead_worst_s == least + max(squares)
        assert found.orders_to_declare == max(round(3 + 4 * step) for step in steps)
    assert (told.cadence, told.years, told.sender_years) == ("fast", 500, budget.sender_years)
    assert (told.orders_per_day, told.orders_per_incident) == (2880, 200)
    assert told.learned_orders == 0


def test_where_no_real_orders_are_seen_all_hours_are_one() -> None:
    told = promise(KNOWN)
    assert told.busiest == told.quietest
    assert told.busiest.real_per_min == 0.0
    assert told.busiest.outage_nats == thresholds(years=1000, interval_s=30).outage_nats


@pytest.mark.parametrize("passive", ["both", "arrivals"])
def test_real_orders_leave_at_their_rate_and_arrive_until_the_fault(
    seen: list[Event], passive: str
) -> None:
    known = replace(
        KNOWN, profile=replace(PROFILE, passive=passive, hourly_rate_per_min=tuple(RATES))
    )
    delay, _ = promises._declared(known, DAY, 12.0, 0.5, refused=False)
    left = [e.mono for e in seen if e.ev is Ev.REAL_SENT]
    came = [e.mono for e in seen if e.ev is Ev.REAL_ARRIVED]
    until = FAULT + delay if passive == "both" else 0.0
    assert len(left) == pytest.approx(until / 5, abs=2), "twelve a minute"
    assert len(came) == pytest.approx((FAULT - MEDIAN_S) / 5, abs=2)
    assert max(came) <= FAULT + FAST.tick_s
    assert {hour_of_week(e.t) for e in seen} == {DAY}


def test_by_day_real_orders_make_it_quicker_and_what_was_learned_counts() -> None:
    profile = replace(PROFILE, passive="both", hourly_rate_per_min=(3.0,) * 168)
    before = PathDetector(profile, FAST)
    before.traffic.restore(RATES)
    for _ in range(5000):
        before.arrivals.add(1.0)
    known = Known(profile=profile, cadence=FAST, learned=learned(before))
    told, cold = promise(known), promise(Known(profile=profile, cadence=FAST))
    assert (told.busiest.real_per_min, told.quietest.real_per_min) == (12.0, 0.2)
    assert told.busiest.dead_median_s < told.quietest.dead_median_s
    assert told.learned_orders == 5000 > cold.learned_orders == 0
    assert told.p99_s < cold.p99_s
