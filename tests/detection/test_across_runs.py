"""What an earlier run leaves to the next: a declared outage, what it lost, orders under way, ages."""

import math
from dataclasses import replace

import pytest

from watchdog.detection.path import PathDetector
from watchdog.model.cadence import FAST
from watchdog.model.observation import Ev, Event, cold_profile
from watchdog.model.outage import Phase, Reason

WALL = 1_790_000_000.0
COLD = cold_profile(FAST.interval_s, 10.0)
BOTH = replace(COLD, passive="both", hourly_rate_per_min=(6.0,) * 168)


class Resumed:
    """A detector whose earlier run had declared; orders of one population arrive after two seconds."""

    def __init__(self, reason: Reason, *, sees_real: bool = True, **known: object) -> None:
        self.detector = PathDetector(BOTH if sees_real else COLD, FAST)
        self.now, self.number = 100.0, 0
        values = {"partial": False, "sender": "", "orders": 7} | known
        self.see(Ev.CONTROL_OK)
        self.detector.resume_outage(self.now, reason, **values)  # pyright: ignore[reportArgumentType]

    def see(self, ev: Ev, ident: str = "", sender: str = "") -> None:
        event = Event(ev=ev, mono=self.now, t=WALL + self.now, id=ident, sender=sender)
        self.detector.observe(event)

    def arrive(self, orders: int, sender: str = "") -> None:
        """So many of ours, or of a sender, one each five seconds."""
        kinds = (Ev.REAL_SENT, Ev.REAL_ARRIVED) if sender else (Ev.PROBE_SENT, Ev.PROBE_ARRIVED)
        for _ in range(orders):
            self.number += 1
            for ev, seconds in zip(kinds, (3.0, 2.0), strict=True):
                self.now += seconds
                self.see(Ev.CONTROL_OK)
                self.see(ev, f"o{self.number}", sender)
                self.detector.tick(self.now)

    @property
    def phase(self) -> Phase:
        return self.detector.phase


def test_an_outage_stands_from_the_moment_of_the_restart_with_its_reason_and_its_orders() -> None:
    path = Resumed(Reason.REFUSED)
    detector = path.detector
    assert (path.phase, detector.reason, detector.since) == (Phase.DECLARED, Reason.REFUSED, 100.0)
    assert detector.pacing.in_incident == 7
    assert detector.recovery.declared == 100.0
    path.now = 101.0
    assert detector.next_probe_at(path.now) <= path.now, "it is probed at once"
    path.arrive(2)
    assert path.phase is Phase.RECOVERING
    path.arrive(10)
    assert path.phase is Phase.CLEAR


@pytest.mark.parametrize("reason", [Reason.PARTIAL_LOSS, Reason.NOT_ARRIVING])
def test_a_share_that_was_lost_needs_as_many_orders_after_a_restart_as_before(
    reason: Reason,
) -> None:
    path = Resumed(reason, partial=reason is Reason.NOT_ARRIVING)
    path.arrive(9)
    assert path.phase is Phase.DECLARED
    path.arrive(14)
    assert path.phase is Phase.RECOVERING
    path.arrive(2)
    assert path.phase is Phase.CLEAR


def test_one_senders_loss_is_over_when_that_senders_orders_arrive_and_no_others() -> None:
    path = Resumed(Reason.SENDER_LOSS, sender="ill")
    path.arrive(40)
    path.arrive(40, "well")
    assert path.phase is Phase.DECLARED
    path.arrive(21, "ill")
    assert path.phase is Phase.CLEAR
    anybody = Resumed(Reason.SENDER_LOSS)
    anybody.arrive(40, "well")
    assert anybody.phase is Phase.CLEAR, "of whom it is, is not known: so the others must do"


def test_where_no_sender_is_seen_any_more_orders_of_ours_must_show_that_it_is_over() -> None:
    path = Resumed(Reason.SENDER_LOSS, sees_real=False, sender="ill")
    path.arrive(23)
    assert path.phase is Phase.RECOVERING
    path.arrive(2)
    assert path.phase is Phase.CLEAR


def test_an_order_of_an_earlier_run_holds_a_place_and_proves_life_by_its_own_time() -> None:
    detector = PathDetector(COLD, FAST)
    detector.inherit("old", 40.0)
    assert detector.pacing.open == 1
    place = detector.pacing._places["old"]
    assert (place.id, place.sent, place.scout, place.inherited) == ("old", 40.0, False, True)
    known = detector.flight.find("old")
    assert known is not None
    assert (known.id, known.sent, known.open) == ("old", 40.0, False)
    detector.observe(Event(ev=Ev.PROBE_ARRIVED, mono=45.0, t=WALL + 45, id="old"))
    assert (detector.life, detector.pacing.open) == (40.0, 0)
    assert detector.flight.find("old") is None


def test_an_order_that_never_left_is_asked_about_by_nothing_any_more() -> None:
    detector = PathDetector(COLD, FAST)
    detector.observe(Event(ev=Ev.PROBE_SENT, mono=10.0, t=WALL + 10, id="p1"))
    detector.slow.count("p1", late=True)
    order = detector.flight.find("p1")
    assert order is not None
    detector.withdraw("p1", 11.0)
    assert order.open is False
    assert detector.pacing.open == 0
    assert detector.pacing._eager_since == -math.inf, "and is no sign of life"
    assert "p1" not in detector.slow._counted
    detector.withdraw("p1", 12.0)


def test_ages_that_an_earlier_run_learned_move_what_is_usual_and_what_is_late() -> None:
    before, after = PathDetector(BOTH, FAST), PathDetector(BOTH, FAST)
    for _ in range(2000):
        before.arrivals.add(40.0)
    after.arrivals.restore(before.arrivals.snapshot(), before.arrivals.hours())
    after.relearn()
    before.relearn()
    usual = (before.arrivals.p50_s, before.arrivals.p90_s, before.p99_s, before.arrivals.never)
    told = (after.arrivals.p50_s, after.arrivals.p90_s, after.p99_s, after.arrivals.never)
    assert told == pytest.approx(usual, rel=1e-4)
    assert after.p99_s > 30
    assert after.slow.late_s == 1.2 * after.arrivals.p90_s
    assert after.arrivals.samples == pytest.approx(before.arrivals.samples)


def test_where_a_tap_has_come_or_gone_ages_are_kept() -> None:
    alone, tapped = PathDetector(COLD, FAST), PathDetector(BOTH, FAST)
    for _ in range(2000):
        alone.arrivals.add(40.0)
    tapped.arrivals.restore(alone.arrivals.snapshot(), [])
    assert tapped.p99_s == pytest.approx(alone.p99_s, rel=1e-3)
    assert {round(each.samples) for each in tapped.arrivals.histograms} == {2200}
    again = PathDetector(COLD, FAST)
    again.arrivals.restore(tapped.arrivals.snapshot(), tapped.arrivals.hours())
    assert again.p99_s == pytest.approx(alone.p99_s, rel=1e-3)
    usual = PathDetector(COLD, FAST)
    usual.arrivals.restore([], [])
    assert usual.p99_s < 20 < alone.p99_s
