"""When the detector wants to be looked at again: often while it matters, seldom when nothing waits."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from watchdog.detection.budget import orders_needed, thresholds
from watchdog.detection.path import PathDetector
from watchdog.model.cadence import BENCH, FAST, GENTLE, STANDARD, Cadence
from watchdog.model.observation import Ev, Event, cold_profile
from watchdog.model.outage import Phase, Reason
from watchdog.service.advance import Advance
from watchdog.service.watch import Watch

WALL = 1_790_000_000.0
NOW = 100.0


def detector(cadence: Cadence = FAST) -> PathDetector:
    return PathDetector(cold_profile(cadence.interval_s, 10.0), cadence, starting=False)


def sent(found: PathDetector, ident: str = "p1") -> PathDetector:
    found.observe(Event(ev=Ev.PROBE_SENT, mono=NOW, t=WALL, id=ident))
    return found


@pytest.mark.parametrize(("cadence", "idle_s"), [(FAST, 5.0), (GENTLE, 5.0), (BENCH, 0.25)])
def test_a_clear_path_with_nothing_under_way_is_left_for_five_ticks(
    cadence: Cadence, idle_s: float
) -> None:
    assert detector(cadence).next_wake(NOW) == NOW + idle_s


def test_it_is_never_left_for_longer_than_a_third_of_what_anybody_may_believe() -> None:
    found = detector(replace(FAST, evaluation_limit_s=6))
    assert found.next_wake(NOW) == NOW + 2.0


def test_until_an_order_is_acknowledged_every_tick_counts() -> None:
    assert sent(detector()).next_wake(NOW) == NOW + 1.0


def acknowledged(found: PathDetector) -> PathDetector:
    found.observe(Event(ev=Ev.PROBE_ACK, mono=NOW, t=WALL, id="p1"))
    return found


def test_then_it_can_wait_until_nine_in_ten_would_have_arrived() -> None:
    found = acknowledged(sent(detector()))
    found.arrivals.p90_s = 3.5
    assert found.next_wake(NOW) == NOW + 3.5
    assert found.next_wake(NOW + 2.0) == NOW + 3.5
    assert found.next_wake(NOW + 3.0) == NOW + 4.0, "a tick later at the soonest"
    found.arrivals.p90_s = 60.0
    assert found.next_wake(NOW) == NOW + 5.0


def test_the_oldest_of_several_decides() -> None:
    found = acknowledged(sent(detector()))
    found.observe(Event(ev=Ev.REAL_SENT, mono=NOW + 3.0, t=WALL, id="r1"))
    found.arrivals.p90_s = 5.5
    assert found.next_wake(NOW + 3.0) == NOW + 5.5


def test_when_something_is_out_of_the_ordinary_every_tick_counts() -> None:
    found = acknowledged(sent(detector()))
    found.arrivals.p90_s = 4.0
    found._charts.evidence = 0.99
    assert found.next_wake(NOW) == NOW + 4.0
    found._charts.evidence = 1.0
    assert found.next_wake(NOW) == NOW + 1.0


def test_a_stopped_path_is_looked_at_every_tick() -> None:
    found = detector()
    found.pacing.reject(NOW)
    assert found.next_wake(NOW) == NOW + 1.0


def test_a_path_that_is_not_clear_is_looked_at_every_tick() -> None:
    found = PathDetector(cold_profile(30.0, 10.0), FAST)
    assert found.phase is Phase.UNKNOWN
    assert found.next_wake(NOW) == NOW + 1.0


def test_near_a_decision_a_quarter_of_a_tick_counts_until_it_is_made() -> None:
    found = sent(detector())
    limit = found.budget.suspect_nats
    found._charts.evidence = limit - 0.01
    assert found.next_wake(NOW) == NOW + 1.0
    found._charts.evidence = limit
    assert found.next_wake(NOW) == NOW + 0.25
    found.resume_outage(NOW, Reason.NOT_ARRIVING, partial=False, sender="", orders=0)
    found._charts.evidence = limit
    assert found.next_wake(NOW) == NOW + 1.0, "it is decided"


def watched(*, evaluated: float = NOW, renewed: float = NOW) -> Watch:
    """A clear path with nothing under way, at an order each 30 s."""
    nothing = cast("Any", None)
    return Watch(
        config=cast("Any", SimpleNamespace(cadence=FAST)),
        site=nothing,
        routine=nothing,
        detector=detector(),
        client=nothing,
        since=nothing,
        evaluated=evaluated,
        last_heartbeat=renewed,
    )


def wanted(watch: Watch, *, peers: tuple[str, ...] = ()) -> float:
    board = SimpleNamespace(config=SimpleNamespace(peers=peers))
    return Advance.wanted_at(cast("Any", SimpleNamespace(_board=board)), watch)


def test_the_service_evaluates_when_the_detector_wants_it() -> None:
    assert wanted(watched()) == NOW + 5.0


def test_what_was_observed_since_is_weighed_within_a_tick() -> None:
    watch = watched()
    watch.stirred.set()
    assert wanted(watch) == NOW + 1.0


def test_an_incident_or_the_word_of_others_may_change_at_any_tick() -> None:
    assert wanted(watched(), peers=("b",)) == NOW + 1.0
    watch = watched()
    watch.incident = cast("Any", "one")
    assert wanted(watch) == NOW + 1.0
    watch = watched()
    watch.unstored.append(cast("Any", "one"))
    assert wanted(watch) == NOW + 1.0


def test_its_state_is_renewed_for_other_processes_before_they_stop_believing_it() -> None:
    assert wanted(watched(renewed=NOW - 6.0)) == NOW + 3.0  # each ninth second


def test_a_path_that_was_never_evaluated_is_evaluated_at_once() -> None:
    assert wanted(watched(evaluated=float("-inf"))) == float("-inf")


def test_the_senders_that_are_silent_are_so_by_the_limit_of_a_dead_path() -> None:
    found = detector()
    asked: list[float] = []
    found.silence.silent_senders = lambda limit: asked.append(limit) or ["s2"]
    assert found.silent_senders() == ["s2"]
    assert asked == [found.budget.outage_nats]


def test_a_cadence_needs_room_for_as_many_missing_orders_as_its_limit_takes() -> None:
    budget = thresholds(years=1000, interval_s=60)  # 20.2 nats; 200 samples give 5.3 an order
    assert budget.outage_nats == pytest.approx(20.19, abs=0.01)
    assert orders_needed(budget, 200) == 4
    assert orders_needed(budget, 20000) == 3
    assert orders_needed(budget, 0) == 30
    assert orders_needed(thresholds(years=1000, interval_s=STANDARD.interval_s), 200) <= 8
