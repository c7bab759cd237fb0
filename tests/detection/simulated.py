"""A path in simulated time: orders, latencies, faults; the detector alone decides when to send."""

import heapq
import itertools
import math
import random
from collections.abc import Callable

from watchdog.detection.path import PathDetector
from watchdog.model.cadence import BENCH, Cadence
from watchdog.model.observation import ARRIVALS, Ev, Event, cold_profile
from watchdog.model.outage import Phase, Transition

Fate = Callable[[float], float | None]
"""Sent at -> seconds until arrival, or None: never."""


class Path:
    """Run it to a time; read what the detector said."""

    def __init__(self, cadence: Cadence = BENCH, seed: int = 1, normal_max_s: float = 0.2) -> None:
        self.cadence = cadence
        self.chance = random.Random(seed)
        self.detector = PathDetector(cold_profile(cadence.interval_s, normal_max_s), cadence)
        self.now, self.sent = 0.0, 0
        self.said: list[tuple[float, Transition]] = []
        self.fate: Fate = self.healthy
        self.acks, self.control_ok, self.refuses, self.naks = True, True, False, False
        self.wall = 1_790_000_000.0
        self._events: list[tuple[float, int, Ev, str, str]] = []
        self._serial = itertools.count()
        self._next_control = 0.0

    def healthy(self, _: float) -> float | None:
        return self.chance.uniform(0.01, 0.1) * self.cadence.interval_s

    def later(self, at: float, ev: Ev, ident: str = "", scope: str = "") -> None:
        heapq.heappush(self._events, (at, next(self._serial), ev, ident, scope))

    def run(self, until: float) -> None:
        while self.now < until:
            due = self.detector.next_probe_at(self.now)
            first = self._events[0][0] if self._events else math.inf
            step = self.now + self.cadence.tick_s
            self.now = min(max(self.now, due), first, self._next_control, step)
            if self._next_control <= self.now:
                self._see(Ev.CONTROL_OK if self.control_ok else Ev.CONTROL_FAIL)
                self._next_control = self.now + self.cadence.control_every_s
            elif first <= self.now:
                _, _, ev, ident, scope = heapq.heappop(self._events)
                self._see(ev, ident, scope)
            elif self.detector.may_send(self.now):
                self._send()
            self._tick()

    def pause(self, seconds: float) -> None:
        """The process stands still; what happened meanwhile is seen when it goes on."""
        self.now += seconds
        self._events = [(max(at, self.now), *rest) for at, *rest in self._events]  # pyright: ignore[reportAttributeAccessIssue]
        heapq.heapify(self._events)
        self._next_control = max(self._next_control, self.now)

    def reader(self, *, blind: bool) -> None:
        self._see(Ev.CONTROL_FAIL if blind else Ev.CONTROL_OK, scope=ARRIVALS)

    def phases(self) -> list[Phase]:
        return [transition.after for _, transition in self.said]

    def _send(self) -> None:
        self.sent += 1
        ident = f"p{self.sent}"
        self._see(Ev.PROBE_SENT, ident)
        if self.refuses or self.naks:
            ev = Ev.PROBE_REFUSED if self.refuses else Ev.PROBE_NAK
            self.later(self.now + 0.001, ev, ident)
            return
        if self.acks:
            self.later(self.now + 0.002, Ev.PROBE_ACK, ident)
        after = self.fate(self.now)
        if after is not None:
            self.later(self.now + after, Ev.PROBE_ARRIVED, ident)

    def _see(self, ev: Ev, ident: str = "", scope: str = "") -> None:
        event = Event(ev=ev, mono=self.now, t=self.wall + self.now, id=ident, scope=scope)
        self.detector.observe(event)

    def _tick(self) -> None:
        self.said += [(self.now, transition) for transition in self.detector.tick(self.now)]
