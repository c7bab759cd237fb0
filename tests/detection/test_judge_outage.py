"""Which numbers end an outage or bring it back, and what a declaration leaves; the charts by hand."""

from typing import Any

import pytest

from tests.detection.court import LATE_S, NOW, OUTAGE, SUSPECT, Court, missing
from watchdog.detection.flight import Flying
from watchdog.detection.judge import Judge
from watchdog.detection.recovery import CLEAR_NATS
from watchdog.detection.slow import DECIDED_NATS, SUSPECT_NATS
from watchdog.model.cadence import FAST
from watchdog.model.outage import Grounds, Phase, Reason

P, R = Phase, Reason


# ---- declared


def test_two_fresh_orders_in_a_row_begin_the_recovery() -> None:
    assert Court(P.DECLARED).fresh(1).goes() is None
    found = Court(P.DECLARED).fresh(2)
    assert found.goes() == (P.RECOVERING, R.ARRIVING_AGAIN)
    assert found.charts.counts_from == 700.0, "from the first fresh one on losses are news"
    assert Court(P.DECLARED).fresh(2).set(sight__doubtful=True).goes() is None


def test_they_are_not_in_a_row_while_one_sent_among_them_is_late() -> None:
    late = NOW - LATE_S - 0.1
    assert Court(P.DECLARED).fresh(2).under_way(late).goes() is None
    assert Court(P.DECLARED).fresh(2).under_way(702.0).goes() is None
    for other in (
        Court(P.DECLARED).fresh(2).under_way(NOW - LATE_S),
        Court(P.DECLARED).fresh(2).under_way(late, age=3.0),
        Court(P.DECLARED).fresh(2).under_way(late, of_path=False),
        Court(P.DECLARED).fresh(2).under_way(700.0),
        Court(P.DECLARED).fresh(2).under_way(650.0),
    ):
        assert other.goes() == (P.RECOVERING, R.ARRIVING_AGAIN)


def slow_but_alive(phase: Phase) -> Court:
    """Late arrivals for six minutes of orders sent since the declaration."""
    found = Court(phase).set(slow__nats=DECIDED_NATS)
    found.recovery.start(600.0, partial=False)
    for n in range(19):
        at = NOW - 360 + 20 * n
        found.recovery.arrived(at, Flying(f"l{n}", 601.0 + n, real=False), late=True)
    return found


@pytest.mark.parametrize("phase", [P.DECLARED, P.RECOVERING])
def test_orders_that_keep_arriving_late_end_the_outage_and_leave_it_slow(phase: Phase) -> None:
    found = slow_but_alive(phase)
    assert found.goes() == (P.SUSPECTED, R.SLOW)
    assert found.charts.learns_slowness is True
    assert found.recovery._turns[-1] == NOW, "and count as an all-clear for the flap memory"
    assert found.calls == []


@pytest.mark.parametrize(
    "values",
    [
        {"slow__nats": DECIDED_NATS - 1e-9},
        {"evidence": SUSPECT},
        {"partial__evidence": SUSPECT},
        {"sight__doubtful": True},
    ],
)
def test_late_arrivals_end_nothing_while_orders_are_lost(values: dict[str, Any]) -> None:
    assert slow_but_alive(P.DECLARED).set(**values).goes() is None


# ---- recovering


def recovering(orders: int = 8, **values: Any) -> Court:
    return Court(P.RECOVERING).fresh(orders).set(**values)


def test_enough_of_them_over_the_span_are_the_all_clear() -> None:
    assert recovering(6).goes() is None, "25 seconds"
    found = recovering(7)
    assert found.goes() == (P.CLEAR, R.ARRIVING_AGAIN)
    assert found.charts.learns_slowness is False
    assert found.charts.counts_from == NOW
    assert found.recovery._turns[-1] == NOW


@pytest.mark.parametrize(
    "values",
    [
        {"evidence": CLEAR_NATS},
        {"partial__nats": CLEAR_NATS},
        {"sight__doubtful": True},
    ],
)
def test_the_all_clear_waits_while_anything_speaks_against_it(values: dict[str, Any]) -> None:
    assert recovering(**values).goes() is None
    assert recovering().set(evidence=CLEAR_NATS - 1e-9).goes() == (P.CLEAR, R.ARRIVING_AGAIN)
    assert recovering().set(partial__nats=CLEAR_NATS - 1e-9).goes() == (P.CLEAR, R.ARRIVING_AGAIN)


def test_the_all_clear_waits_for_one_that_is_late_among_them() -> None:
    assert recovering().under_way(NOW - LATE_S - 0.1).goes() is None


@pytest.mark.parametrize(
    ("values", "partial"), [({"evidence": SUSPECT}, False), ({"partial__evidence": SUSPECT}, True)]
)
def test_orders_that_stop_again_are_a_relapse(values: dict[str, Any], *, partial: bool) -> None:
    found = recovering(**values)
    found.charts.pacing.in_incident = 9
    told = found.step()
    assert told is not None
    assert (told.after, told.reason) == (P.DECLARED, R.NOT_ARRIVING)
    assert told.grounds.partial is partial
    assert found.recovery.partial is partial
    assert (found.recovery.declared, found.recovery.fresh) == (NOW, [])
    assert found.recovery._turns[-1] == NOW
    assert found.charts.pacing._eager_since == NOW
    assert found.charts.pacing.in_incident == 9, "it is the same incident"


def test_a_run_that_was_broken_is_a_relapse_whatever_the_charts_say() -> None:
    found = recovering()
    found.recovery.refused()
    assert found.goes() == (P.DECLARED, R.NOT_ARRIVING)
    assert not recovering(evidence=SUSPECT - 1e-9).goes()


def test_a_path_that_came_back_slow_is_not_clear() -> None:
    found = recovering(slow__nats=SUSPECT_NATS)
    assert found.goes() == (P.SUSPECTED, R.SLOW)
    assert recovering(slow__nats=SUSPECT_NATS - 1e-9).goes() == (P.CLEAR, R.ARRIVING_AGAIN)


# ---- what a declaration leaves, and what is told of it


@pytest.mark.parametrize(
    ("values", "partial", "sender"),
    [
        ({"evidence": OUTAGE, "partial__sender": "ill"}, False, ""),
        ({"partial__path_declares": True, "partial__sender": "ill"}, True, ""),
        ({"partial__sender_declares": True, "partial__sender": "ill"}, True, "ill"),
    ],
)
def test_a_declaration_says_what_its_end_must_prove(
    values: dict[str, Any], sender: str, *, partial: bool
) -> None:
    found = Court(P.SUSPECTED).set(**values)
    found.charts.pacing.in_incident = 9
    assert found.goes() is not None
    assert (found.recovery.declared, found.recovery.partial) == (NOW, partial)
    assert found.recovery.sender == sender
    assert (found.charts.pacing.in_incident, found.charts.pacing._eager_since) == (0, NOW)
    assert found.charts.learns_slowness is False


def test_the_grounds_are_the_charts_own_numbers() -> None:
    orders = missing(True, False, real=2)
    found = Court(P.SUSPECTED).fresh(3).set(proof__missing=orders, proof__life=890.0)
    found.set(evidence=OUTAGE, partial__evidence=4.0, partial__sender="ill")
    assert found.judge.grounds(NOW) == Grounds(
        evidence_nats=OUTAGE,
        limit_nats=OUTAGE,
        partial_nats=4.0,
        missing_probes=2,
        missing_real=2,
        refused=1,
        oldest_missing_mono=900.0,
        life_mono=890.0,
        fresh=3,
        span_s=10.0,
        probe_first=True,
        sender="ill",
        partial=False,
        lost=3,
        finished=10,
        control_age_s=3.0,
    )
    found.set(partial__path_declares=True)
    assert found.judge.grounds(NOW).oldest_missing_mono == 900.0, "the dead path declares"
    found.set(evidence=OUTAGE - 1e-9)
    assert found.judge.grounds(NOW).oldest_missing_mono == 800.0, "the share does"
    found.set(partial__path_declares=False, partial__sender_declares=True)
    assert found.judge.grounds(NOW).oldest_missing_mono == 800.0
    found.set(proof__missing=[], partial__sender_declares=False, sight__last_ok=None)
    told = found.judge.grounds(NOW)
    assert (told.oldest_missing_mono, told.probe_first) == (800.0, False)
    assert told.control_age_s is None
    found.set(proof__missing=missing(real=1))
    assert not found.judge.grounds(NOW).probe_first


def test_a_change_is_told_with_both_phases_its_sentence_and_its_grounds() -> None:
    found = Court(P.SUSPECTED).set(evidence=OUTAGE, proof__life=890.0)
    found.set(proof__missing=missing(False))
    expected = found.judge.grounds(NOW)
    told = found.step()
    assert told is not None
    assert (told.before, told.after) == (P.SUSPECTED, P.DECLARED)
    assert told.grounds == expected
    assert "110 s" in told.because.en
    assert found.judge.in_outage


def test_a_judge_begins_unknown_or_for_a_replay_clear() -> None:
    for starting, phase, reason in ((True, P.UNKNOWN, R.STARTING), (False, P.CLEAR, R.ARRIVING)):
        judge = Judge(Court(P.CLEAR).charts, FAST, starting=starting)
        assert (judge.phase, judge.reason, judge.since) == (phase, reason, 0.0)
        assert not judge.in_outage
