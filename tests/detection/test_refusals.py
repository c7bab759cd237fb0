"""An engine that refuses, owes an ACK or rejects: quick to see, and easily mistaken for blindness."""

import math
from itertools import pairwise

import pytest

from tests.detection.simulated import Path
from watchdog.detection.pacing import SHARP_SHARE
from watchdog.model.cadence import BENCH, FAST
from watchdog.model.observation import Ev, Event
from watchdog.model.outage import Phase, Reason

HALF = SHARP_SHARE * FAST.reprobe_s


class Timed(Path):
    """Knows when its orders left."""

    def __init__(self) -> None:
        super().__init__(FAST, normal_max_s=10.0)
        self.times: list[float] = []

    def _send(self) -> None:
        self.times.append(self.now)
        super()._send()

    def gaps(self, seconds: float) -> list[float]:
        """Seconds between the orders that leave from now on, until an outage is declared."""
        first, end = len(self.times), self.now + seconds
        while self.now < end and self.detector.phase is not Phase.DECLARED:
            self.run(self.now + 0.05)
        return [later - earlier for earlier, later in pairwise(self.times[first:])]


def fast(until: float = 3600.0) -> Timed:
    path = Timed()
    path.run(until)
    assert path.detector.phase is Phase.CLEAR
    return path


def real(path: Path, ev: Ev, ident: str) -> None:
    """A real order is seen to leave or to arrive now."""
    now = path.now
    path.detector.observe(Event(ev=ev, mono=now, t=path.wall + now, id=ident, sender="s1"))


def test_a_refusing_engine_is_asked_again_at_half_the_interval() -> None:
    path = fast()
    path.refuses = True
    gaps = path.gaps(90)
    assert len(gaps) >= 2
    assert all(gap == pytest.approx(HALF, abs=0.01) for gap in gaps)
    assert path.detector.reason is Reason.REFUSED


def test_an_engine_that_owes_its_ack_is_asked_again_at_half_the_interval() -> None:
    path = fast()
    path.acks, path.fate = False, lambda _: None
    gaps = path.gaps(120)
    assert min(gaps) == pytest.approx(HALF, abs=0.01)


def test_an_order_that_only_arrives_late_is_not_hurried() -> None:
    path = fast()
    path.fate = lambda _: None
    gaps = path.gaps(120)
    assert min(gaps) == pytest.approx(FAST.reprobe_s, abs=0.01)


def test_refusals_are_not_believed_before_a_control_has_passed_after_the_first() -> None:
    path = fast()
    while path.detector.next_probe_at(path.now) - path.now > 0.01:  # just before the next order
        path.run(path.now + 0.01)
    path.refuses = True
    path._next_control = path.now + 60  # no control is due while we go blind
    path.run(path.now + 8)
    assert path.detector.evidence > path.detector.budget.suspect_nats
    assert path.detector.phase is Phase.CLEAR
    path._next_control = path.now
    path.run(path.now + 3)
    assert path.detector.phase is Phase.DECLARED


def test_refusals_before_blindness_was_noticed_are_forgotten_when_sight_returns() -> None:
    path = fast(36000)  # it has learned how rarely an order is lost
    while path.detector.next_probe_at(path.now) - path.now > 0.01:
        path.run(path.now + 0.01)
    path.refuses, path.control_ok = True, False
    path._next_control = path.now + 4.9  # two orders are refused before the first control fails
    path.run(path.now + 300)
    assert path.detector.phase is Phase.UNKNOWN
    path.refuses, path.control_ok = False, True
    path.run(path.now + 60)
    assert Phase.SUSPECTED not in path.phases()
    assert path.detector.phase is Phase.CLEAR


def test_the_first_ack_after_a_silence_of_acks_brings_quick_probing_back() -> None:
    path = fast()
    path.acks, path.fate = False, lambda _: None
    path.run(path.now + 400)
    assert path.detector.phase is Phase.DECLARED
    path.acks = True
    sent = len(path.times)
    while len(path.times) == sent:
        path.run(path.now + 0.05)
    acked = path.times[-1]
    path.run(path.now + 0.1)
    assert path.detector.pacing._eager_since == pytest.approx(acked, abs=0.05)


@pytest.mark.parametrize(("outlived", "after"), [(True, Phase.CLEAR), (False, Phase.SUSPECTED)])
def test_a_rejected_order_makes_suspect_unless_a_younger_real_one_arrives(
    *, outlived: bool, after: Phase
) -> None:
    path = fast()
    while path.detector.next_probe_at(path.now) - path.now > 1.0:
        path.run(path.now + 0.05)
    real(path, Ev.REAL_SENT, "r1")
    path.run(path.now + 0.5)
    real(path, Ev.REAL_ARRIVED, "r1")
    life = path.now - 0.5
    path.naks = True
    path.run(path.now + 2)
    assert path.detector.pacing.rejected
    assert path.detector.phase is Phase.CLEAR  # published as degraded all the same
    assert path.detector.next_probe_at(path.now) == math.inf
    if outlived:
        real(path, Ev.REAL_SENT, "r2")
        path.run(path.now + 1)
        real(path, Ev.REAL_ARRIVED, "r2")
    path.run(life + FAST.interval_s + 1.5)
    assert path.detector.phase is after
    path.run(path.now + 2 * FAST.interval_s)  # however quiet it is from then on
    assert path.detector.phase is after


def test_without_real_orders_a_rejected_order_makes_suspect_within_its_interval() -> None:
    path = Path(BENCH)
    path.run(40)
    path.naks = True
    began = path.now
    path.run(began + BENCH.interval_s + 0.2)
    suspected = [at for at, told in path.said if told.after is Phase.SUSPECTED and at > began]
    assert suspected
    assert suspected[0] - began <= BENCH.interval_s + 0.1
