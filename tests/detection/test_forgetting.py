"""What one observation changes at once, and what is dropped when we find that we did not see."""

import math
from dataclasses import replace

import pytest

from watchdog.detection.path import PathDetector
from watchdog.model.cadence import FAST
from watchdog.model.observation import ARRIVALS, Ev, Event, cold_profile
from watchdog.model.outage import Phase, Reason

WALL = 1_790_000_000.0


class Seen:
    """A detector that is told one thing after the other."""

    def __init__(self) -> None:
        self.detector = PathDetector(cold_profile(30.0, 10.0), FAST, starting=False)

    def __call__(self, at: float, ev: Ev, ident: str = "", scope: str = "") -> None:
        event = Event(ev=ev, mono=at, t=WALL + at, id=ident, scope=scope)
        self.detector.observe(event)

    def lost(self, *sent: float) -> None:
        """Orders of ours that left then and are counted as lost."""
        for at in sent:
            self(at, Ev.CONTROL_OK)
            self(at, Ev.PROBE_SENT, f"p{at:g}")
            self(at + 0.1, Ev.PROBE_ACK, f"p{at:g}")
        self.detector.tick(sent[-1] + 1)


@pytest.mark.parametrize("ev", [Ev.PROBE_REFUSED, Ev.PROBE_NAK])
def test_a_refused_order_is_over_at_once_holds_no_place_and_is_no_sign_of_life(ev: Ev) -> None:
    see = Seen()
    see(10.0, Ev.PROBE_SENT, "p1")
    see(10.1, ev, "p1")
    order = see.detector.flight.find("p1")
    assert order is not None
    assert (order.hard, order.rejected, order.age) == (True, ev is Ev.PROBE_NAK, math.inf)
    pacing = see.detector.pacing
    assert (pacing.open, pacing._eager_since, pacing._ack_silence) == (0, -math.inf, True)
    assert pacing.rejected is (ev is Ev.PROBE_NAK)


def test_a_refusal_is_counted_once_and_of_a_stranger_never() -> None:
    see = Seen()
    see(10.0, Ev.PROBE_REFUSED, "stranger")
    see(10.0, Ev.PROBE_SENT, "p1")
    see(10.1, Ev.PROBE_REFUSED, "p1")
    see(10.2, Ev.PROBE_ACK, "p2")
    see(10.3, Ev.PROBE_NAK, "p1")
    assert not see.detector.pacing.rejected, "it was refused: nobody can have rejected it"


def test_an_order_that_arrived_and_is_refused_then_has_arrived() -> None:
    see = Seen()
    see(10.0, Ev.PROBE_SENT, "p1")
    see(12.0, Ev.PROBE_ARRIVED, "p1")
    see(12.1, Ev.PROBE_REFUSED, "p1")
    order = see.detector.flight.find("p1")
    assert order is not None
    assert order.age == 2.0
    assert see.detector.life == 10.0


def test_after_a_pause_of_our_own_refusals_are_forgotten_too() -> None:
    see = Seen()
    see(10.0, Ev.PROBE_SENT, "p1")
    see(10.1, Ev.PROBE_REFUSED, "p1")
    assert see.detector.proof.missing
    see(10.2 + FAST.evaluation_limit_s, Ev.CONTROL_OK)
    assert not see.detector.proof.missing
    assert not see.detector.flight.open
    assert see.detector._charts.counts_from == 10.2 + FAST.evaluation_limit_s


def test_losses_since_the_doubt_began_are_taken_back_when_sight_returns() -> None:
    see = Seen()
    see(0.0, Ev.CONTROL_OK)
    partial = see.detector.partial
    for at in (1.0, 2.0, 3.0):
        see(at, Ev.PROBE_SENT, f"p{at:g}")
        order = see.detector.flight.find(f"p{at:g}")
        assert order is not None
        partial.finished(order, lost=True)
    before = partial._all.nats[0.3]
    for at in (5.0, 10.0):
        see(at, Ev.CONTROL_FAIL)
    assert see.detector.sight.doubted_since is not None
    see(15.0, Ev.CONTROL_OK)
    assert partial._all.nats[0.3] < before / 3, "the three were sent after the last control passed"


def test_blind_readers_take_no_loss_back_and_leave_refusals_standing() -> None:
    see = Seen()
    see(0.0, Ev.CONTROL_OK)
    see(1.0, Ev.PROBE_SENT, "p1")
    see(1.1, Ev.PROBE_REFUSED, "p1")
    see(2.0, Ev.PROBE_SENT, "p2")
    see(2.1, Ev.PROBE_ACK, "p2")
    order = see.detector.flight.find("p2")
    assert order is not None
    see.detector.slow.count("p2", late=True)
    see.detector.partial.finished(order, lost=True)
    before = see.detector.partial._all.nats[0.3]
    see.detector.sight.doubted_since = 0.5  # of a blindness long ago
    for at in (3.0, 4.0):
        see(at, Ev.CONTROL_FAIL, scope=ARRIVALS)
    see(5.0, Ev.CONTROL_OK, scope=ARRIVALS)
    assert [o.id for o in see.detector.proof.missing] == ["p1"]
    assert see.detector.partial._all.nats[0.3] == before
    assert "p2" not in see.detector.slow._counted
    assert order.open is False
    assert see.detector.phase is Phase.CLEAR


def test_an_order_lost_among_those_of_a_recovery_counts_against_it_and_no_other() -> None:
    see = Seen()
    see(0.0, Ev.CONTROL_OK)
    see.detector.resume_outage(1.0, Reason.PARTIAL_LOSS, partial=True, sender="", orders=0)
    for at in (2.0, 3.0, 4.0):
        see(at, Ev.PROBE_SENT, f"p{at:g}")
    see(5.0, Ev.PROBE_ARRIVED, "p3")
    for at in range(6, 60, 2):
        see(float(at), Ev.CONTROL_OK)
        see.detector.tick(float(at))
    recovery = see.detector.recovery
    assert recovery._lost == 1, "p4; p2 was sent before the run began"
    assert recovery.nats == 0.0


def test_an_ack_is_learned_once_on_a_clear_path_and_ends_a_silence_of_acks() -> None:
    see = Seen()
    told: list[float] = []
    see.detector.acks.add = told.append
    see.detector.pacing.unacked()
    see(10.0, Ev.PROBE_SENT, "p1")
    see(10.25, Ev.PROBE_ACK, "p1")
    see(10.5, Ev.PROBE_ACK, "p1")
    see(10.5, Ev.PROBE_ACK, "stranger")
    assert told == [0.25]
    assert see.detector.pacing._eager_since == 10.25
    see.detector.judge.phase = Phase.SUSPECTED
    see(11.0, Ev.PROBE_SENT, "p2")
    see(11.5, Ev.PROBE_ACK, "p2")
    assert told == [0.25]
    order = see.detector.flight.find("p2")
    assert order is not None
    assert order.acked


def test_an_arrival_whose_sending_nobody_saw_is_the_last_arrival_and_proves_no_life() -> None:
    see = Seen()
    see.detector = PathDetector(replace(cold_profile(30.0, 10.0), passive="arrivals"), FAST)
    see(10.0, Ev.REAL_ARRIVED, "r1")
    assert (see.detector.last_arrival, see.detector.life) == (10.0, None)
