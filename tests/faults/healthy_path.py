"""A healthy path in simulated time, with all that healthy paths do, in front of the real detector.

Seeded: the latencies, the hours of slowness, the restarts, the stray losses, our own blindness and the
real referrals of a path are drawn from its number alone. The detector decides when to send, as in the
service, and is evaluated at each event and whenever it wants to be.
"""

import heapq
import itertools
import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from tests.faults.healthy_spells import DAY_S, PER_DAY, Windows
from watchdog.detection.path import PathDetector
from watchdog.detection.week import hour_of_week
from watchdog.model.cadence import STANDARD
from watchdog.model.observation import ARRIVALS, Ev, Event, cold_profile
from watchdog.model.outage import Phase, Transition

STATED_P99_S = 10.0
"""What the site states of its path; a path's own 99th percentile is 3 to 10 s."""
Z99 = 2.3263
STRAY = 1 / 20_000
"""Share of accepted orders, ours and real, that a healthy path loses for good."""
FACTORS, WEIGHTS = (2.0, 3.0, 4.0, 6.0, 8.0), (8, 4, 2, 1, 1)
"""How many times slower a spell is, and how often it is so."""
DAYTIME, EVENING, NIGHT = 0.5, 0.1, 0.02
SENDERS = ("emergency", "ward 3", "ward 7", "orthopaedics", "primary care")
"""Real referrals a minute on a working day; half as many on Saturday and Sunday."""
DEAD_S = 600.0
START = 1_790_000_000.0


class HealthyPath:
    """Run it; read what was declared, and what it went through."""

    def __init__(
        self, seed: int, days: float, *, years: float = 1000.0, dies: bool = False
    ) -> None:
        self.chance = chance = random.Random(seed)
        self.until, self.now = days * DAY_S, 0.0
        self.p99_s = chance.uniform(3.0, STATED_P99_S)
        self.sigma = chance.uniform(0.4, 0.7)
        self.poll_s = STANDARD.reader_poll_s if chance.random() < 0.5 else 0.0
        """Half of the paths are read by polling; on the others the RIS tells us."""
        self.tapped = chance.random() < 0.5
        rates = tuple(_rate(hour) for hour in range(168)) if self.tapped else ()
        self.spans = {kind: Windows(chance, kind, self.until) for kind in PER_DAY}
        self.factors = {at: chance.choices(FACTORS, WEIGHTS)[0] for at in self.spans["slow"].starts}
        self.dies_at = chance.uniform(0.5, 0.9) * self.until if dies else math.inf
        for spans in self.spans.values():  # what we cannot see, nobody can ask us to declare
            spans.keep_off(self.dies_at - 900.0, self.dies_at + DEAD_S)
        profile = replace(
            cold_profile(STANDARD.interval_s, STATED_P99_S),
            budget_years=years,
            hourly_rate_per_min=rates,
            passive="both" if self.tapped else "none",
        )
        self.detector = PathDetector(profile, STANDARD)
        self.declared: list[tuple[float, str]] = []
        self.seen = Counter[str]()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._serial = itertools.count()
        self._stirred = False
        """Something happened that may change a decision: not a control that passed as ever."""

    def run(self) -> "HealthyPath":
        """To the end; itself."""
        detector, events = self.detector, self._events
        self._plan()
        due = wake = 0.0
        while self.now < self.until:
            self.now = max(self.now, min(due, events[0][0], wake))
            self._stirred = self.now >= wake
            while events[0][0] <= self.now:
                heapq.heappop(events)[2]()
            if due <= self.now and detector.may_send(self.now):
                self._send("")
            if not self._stirred and self.now < due:
                continue
            for step in detector.tick(self.now):
                self._note(step)
            # with nothing under way nothing grows: only an event, or our next order, changes that
            idle = detector.phase is Phase.CLEAR and not (
                detector.flight.open or detector.proof.missing
            )
            wake = math.inf if idle else detector.next_wake(self.now)
            due = detector.next_probe_at(self.now)
        return self

    def _note(self, step: Transition) -> None:
        self.seen[f"{step.before} to {step.after}"] += 1
        if step.after is Phase.SUSPECTED and step.before is not Phase.DECLARED:
            self.seen[f"suspect: {step.reason}"] += 1
        if step.after is Phase.DECLARED and step.before is not Phase.RECOVERING:
            self.declared.append((self.now, f"{step.reason}: {step.because.en}"))

    # ---- what happens to an order

    def _send(self, sender: str) -> None:
        """One of ours, or a real one of `sender`."""
        real, now = bool(sender), self.now
        self.seen["real orders" if real else "orders"] += 1
        ident = f"o{next(self._serial)}"
        self._see(Ev.REAL_SENT if real else Ev.PROBE_SENT, ident, sender=sender)
        cut, restart = self.spans["cut"].end(now), self.spans["restart"].end(now)
        if not real and (cut is not None or restart is not None):
            self.seen["refused"] += 1
            takes = 0.001 if cut is None else self.chance.uniform(0.001, 5.0)
            self._later(now + takes, lambda: self._see(Ev.PROBE_REFUSED, ident))
            return
        answered = now + 0.05 * self.chance.lognormvariate(0.0, 0.7)
        if not real and self.spans["cut"].end(answered) is None:
            self._later(answered, lambda: self._see(Ev.PROBE_ACK, ident))
        if self.chance.random() < STRAY:
            self.seen["stray losses"] += 1
        elif not self.dies_at <= now < self.dies_at + DEAD_S:
            ev = Ev.REAL_ARRIVED if real else Ev.PROBE_ARRIVED
            self._later(self._seen_at(now), lambda: self._see(ev, ident))

    def _seen_at(self, now: float) -> float:
        """When the arrival of an order that is sent now comes to our eyes."""
        median = math.log(self.p99_s) - Z99 * self.sigma
        takes = self.chance.lognormvariate(median, self.sigma)
        slow = self.spans["slow"]
        if slow.end(now) is not None:
            self.seen["orders in slow spells"] += 1
            takes *= self.factors[slow.start(now)]
        arrives = now + takes
        restarted = self.spans["restart"].end(arrives)
        if restarted is not None:  # it waits in the engine's queue
            self.seen["held by a restart"] += 1
            arrives = restarted + self.chance.uniform(0.1, 2.0)
        for kind in ("unread", "cut"):
            sighted = self.spans[kind].end(arrives)
            if sighted is not None:
                self.seen[f"arrived {kind}"] += 1
                arrives = sighted + STANDARD.reader_poll_s
        return math.ceil(arrives / self.poll_s) * self.poll_s if self.poll_s else arrives

    # ---- what else happens

    def _plan(self) -> None:
        self._later(0.0, self._control)
        for kind in ("unread", "cut"):
            for start in self.spans[kind].starts:
                self._later(start, self._unread)
        for start, end in zip(self.spans["pause"].starts, self.spans["pause"].ends, strict=True):
            self._later(start, lambda end=end: self._pause(end))
        if self.tapped:
            self._later(self.chance.expovariate(DAYTIME / 60), self._real)

    def _control(self) -> None:
        cut = self.spans["cut"].end(self.now) is not None
        self._see(Ev.CONTROL_FAIL if cut else Ev.CONTROL_OK)
        self._later(self.now + STANDARD.control_every_s, self._control)

    def _unread(self) -> None:
        """Readers look in vain each two seconds, until they see again."""
        blind = any(self.spans[kind].end(self.now) is not None for kind in ("unread", "cut"))
        self._see(Ev.CONTROL_FAIL if blind else Ev.CONTROL_OK, scope=ARRIVALS)
        if blind:
            self._later(self.now + STANDARD.reader_poll_s, self._unread)

    def _pause(self, end: float) -> None:
        """Our process stands still; what happened meanwhile is seen when it goes on."""
        self.seen["pauses"] += 1
        self.now = max(self.now, end)

    def _real(self) -> None:
        """Thinned from the busiest rate to that of the hour."""
        if self.chance.random() < _rate(hour_of_week(START + self.now)) / DAYTIME:
            self._send(self.chance.choice(SENDERS))
        self._later(self.now + self.chance.expovariate(DAYTIME / 60), self._real)

    def _later(self, at: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._events, (at, next(self._serial), what))

    def _see(self, ev: Ev, ident: str = "", *, sender: str = "", scope: str = "") -> None:
        now = self.now
        self._stirred = self._stirred or ev is not Ev.CONTROL_OK or bool(scope)
        self.detector.observe(
            Event(ev=ev, mono=now, t=START + now, id=ident, sender=sender, scope=scope)
        )


def _rate(hour: int) -> float:
    """Real referrals a minute in an hour of the week."""
    day, hour = divmod(hour, 24)
    usual = DAYTIME if 7 <= hour < 17 else EVENING if 17 <= hour < 22 else NIGHT
    return usual if day < 5 else usual / 2
