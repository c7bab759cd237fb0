"""Where only arrivals of real orders are seen, their silence speaks, and never alone in quiet hours."""

from dataclasses import replace

import pytest

from watchdog.detection.path import PathDetector
from watchdog.model.cadence import FAST
from watchdog.model.observation import Ev, Event, cold_profile
from watchdog.model.outage import Phase

WALL = 1_790_000_000.0


def detector(per_min: float, passive: str = "arrivals") -> PathDetector:
    profile = replace(
        cold_profile(FAST.interval_s, 10.0),
        hourly_rate_per_min=(per_min,) * 168,
        passive=passive,
    )
    return PathDetector(profile, FAST)


class Feed:
    """Real orders come out every `gap` seconds; ours arrive, or vanish, after two seconds."""

    def __init__(self, watched: PathDetector) -> None:
        self.watched, self.now, self.sent = watched, 0.0, 0
        self.ours, self.real = True, True
        self._due: list[tuple[float, str]] = []
        self._next_real = 0.0

    def run(self, until: float, gap: float) -> list[Phase]:
        phases: list[Phase] = []
        while self.now < until:
            self.now += 0.5
            self._see(Ev.CONTROL_OK)
            if self.now >= self._next_real:
                self._next_real = self.now + gap
                if self.real:
                    self._see(Ev.REAL_ARRIVED, f"r{self.now}")
            if self.watched.may_send(self.now):
                self.sent += 1
                self._see(Ev.PROBE_SENT, f"p{self.sent}")
                self._see(Ev.PROBE_ACK, f"p{self.sent}")
                self._due.append((self.now + 2.0, f"p{self.sent}"))
            while self._due and self._due[0][0] <= self.now:
                _, ident = self._due.pop(0)
                if self.ours:
                    self._see(Ev.PROBE_ARRIVED, ident)
            phases += [step.after for step in self.watched.tick(self.now)]
        return phases

    def _see(self, ev: Ev, ident: str = "") -> None:
        self.watched.observe(Event(ev=ev, mono=self.now, t=WALL + self.now, id=ident))


def _declared_after(passive: str) -> float:
    feed = Feed(detector(6.0, passive))
    feed.run(600, gap=10)
    feed.ours = feed.real = False
    began = feed.now
    while Phase.DECLARED not in feed.run(feed.now + 1, gap=10):
        assert feed.now < began + 300
    return feed.now - began


def test_silence_of_arrivals_makes_a_dead_path_known_sooner() -> None:
    assert _declared_after("arrivals") < _declared_after("none")


def test_senders_that_fall_silent_while_ours_arrive_are_no_outage() -> None:
    feed = Feed(detector(6.0))
    feed.run(600, gap=10)
    feed.real = False
    assert feed.run(4000, gap=10) == []
    assert feed.watched.source_silent


def test_a_real_order_of_unknown_age_is_no_proof_of_life() -> None:
    feed = Feed(detector(6.0))
    feed.run(600, gap=10)
    life = feed.watched.life
    feed.ours = False
    phases = feed.run(900, gap=10)  # real orders come out, as from a backlog; ours do not arrive
    assert feed.watched.life is not None
    assert life is not None
    assert feed.watched.life - life < FAST.interval_s
    assert Phase.DECLARED in phases


@pytest.mark.parametrize("rate", [0.1, 1.0])
def test_half_the_usual_traffic_is_no_outage(rate: float) -> None:
    feed = Feed(detector(rate))
    phases = feed.run(7200, gap=120 / rate)
    assert Phase.SUSPECTED not in phases
    assert Phase.DECLARED not in phases
