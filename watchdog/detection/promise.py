"""What a budget and a cadence mean in seconds, for people who choose them.

The figures come from the detector itself, with what it has learned, run on a path whose every order
arrives at its usual time and which then goes dead: no formula beside it that could drift from it.
Source: docs/detection.md.
"""

import heapq
import math
import statistics
from dataclasses import dataclass, field
from typing import Any

from watchdog.detection.learned import restore
from watchdog.detection.path import PathDetector
from watchdog.detection.week import MONDAY_S
from watchdog.model.cadence import Cadence
from watchdog.model.observation import Ev, Event, Profile
from watchdog.model.outage import Phase

PHASES = 8
"""The fault begins at so many different moments between two orders."""
WARM_ORDERS = 12
MOST_S = 4 * 3600.0
HOUR_S = 3600.0
A_MONDAY = 2960 * 7 * 86400.0 - MONDAY_S
"""2026-09-21, 00 UTC: a week without a public holiday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A path as its configuration has it, and what the service has learned of it."""

    profile: Profile
    cadence: Cadence
    learned: dict[str, Any] = field(default_factory=dict[str, Any])

    def detector(self) -> PathDetector:
        """As the service would begin with it now."""
        made = PathDetector(self.profile, self.cadence, starting=False)
        restore(made, self.learned)
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHour:
    """What the promise means at one hour of the week."""

    hour: int
    """0 for Monday 00 UTC, to 167."""
    real_per_min: float
    outage_nats: float
    partial_nats: float
    suspect_nats: float
    dead_median_s: float
    dead_worst_s: float
    refused_median_s: float
    orders_to_declare: int
    """Ours and real ones that are missing when a dead path is declared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The promises of one path, readable."""

    cadence: str
    years: float
    sender_years: float
    learned_orders: int
    """Behind the ages of the class of hours that it begins in; 0: they are assumed."""
    p99_s: float
    busiest: AtHour
    quietest: AtHour
    """The same as the busiest where no real orders are seen."""
    orders_per_day: int
    orders_per_incident: int


def promise(known: Known) -> Promise:
    """Run dead and refused paths through the detector; delays from the fault's start, seconds."""
    detector, cadence = known.detector(), known.cadence
    rates = detector.traffic.rates() or [0.0]
    busiest, quietest = (rates.index(found(rates)) for found in (max, min))
    by_day = _at(known, busiest, rates[busiest])
    return Promise(
        cadence=cadence.name,
        years=detector.budget.years,
        sender_years=detector.budget.sender_years,
        learned_orders=max(0, round(detector.arrivals.samples - known.profile.samples)),
        p99_s=round(detector.p99_s, 3),
        busiest=by_day,
        quietest=by_day if quietest == busiest else _at(known, quietest, rates[quietest]),
        orders_per_day=cadence.per_day(),
        orders_per_incident=cadence.orders_per_incident,
    )


def _at(known: Known, hour: int, real_per_min: float) -> AtHour:
    dead, refused = (
        [_declared(known, hour, real_per_min, n / PHASES, refused=how) for n in range(PHASES)]
        for how in (False, True)
    )
    detector = known.detector()
    detector.observe(Event(ev=Ev.CONTROL_OK, mono=0.0, t=_wall(hour)))
    detector.tick(0.0)  # the limits of that hour
    return AtHour(
        hour=hour,
        real_per_min=real_per_min,
        outage_nats=detector.budget.outage_nats,
        partial_nats=detector.budget.partial_nats,
        suspect_nats=detector.budget.suspect_nats,
        dead_median_s=statistics.median(delay for delay, _ in dead),
        dead_worst_s=max(delay for delay, _ in dead),
        refused_median_s=statistics.median(delay for delay, _ in refused),
        orders_to_declare=max(missing for _, missing in dead),
    )


def _declared(
    known: Known, hour: int, real_per_min: float, phase: float, *, refused: bool
) -> tuple[float, int]:
    """(delay, orders missing) of one run at that hour."""
    run = _Run(known, hour, real_per_min, phase, refused=refused)
    while run.now < run.fault + MOST_S:
        run.send()
        for transition in run.detector.tick(run.now):
            if transition.after is Phase.DECLARED:
                grounds = transition.grounds
                return run.now - run.fault, grounds.missing_probes + grounds.missing_real
        run.pass_time()
    return math.inf, 0


class _Run:
    """A path on which every order takes the median of what was learned, until none arrives."""

    def __init__(
        self, known: Known, hour: int, real_per_min: float, phase: float, *, refused: bool
    ) -> None:
        self.detector, self._cadence, self._t = known.detector(), known.cadence, _wall(hour)
        self.detector.arrivals.at(self._t, self.detector.traffic.rates, well=True)
        self._usual = self.detector.arrivals.p50_s
        self.now, self.fault = 0.0, (WARM_ORDERS + phase) * known.cadence.interval_s
        self._refused, self._both = refused, known.profile.passive == "both"
        self._gap = 60 / real_per_min if real_per_min > 0 else math.inf
        self._real_at = self._gap * (1 - phase)
        self._number = 0
        self._coming: list[tuple[float, Ev, str]] = []

    def send(self) -> None:
        """What is due by now leaves: ours when the detector wants it, real ones at their rate."""
        if self.detector.may_send(self.now):
            ident = self._new("p")
            self._see(Ev.PROBE_SENT, ident)
            if self.now >= self.fault and self._refused:
                self._see(Ev.PROBE_REFUSED, ident)
            else:
                self._see(Ev.PROBE_ACK, ident)
                self._arrives(Ev.PROBE_ARRIVED, ident)
        while self._real_at <= self.now:
            ident = self._new("r")
            if self._both:
                self._see(Ev.REAL_SENT, ident)
            self._arrives(Ev.REAL_ARRIVED, ident)
            self._real_at += self._gap

    def pass_time(self) -> None:
        """To whatever comes next, a tick at the most; what arrives then is seen."""
        least, most = self._cadence.tick_s / 100, self._cadence.tick_s
        comes = self._coming[0][0] if self._coming else math.inf
        wanted = min(self.detector.next_probe_at(self.now), self._real_at, comes)
        self.now = max(self.now + least, min(wanted, self.now + most))
        while self._coming and self._coming[0][0] <= self.now:
            _, ev, ident = heapq.heappop(self._coming)
            self._see(ev, ident)

    def _new(self, kind: str) -> str:
        self._number += 1
        return f"{kind}{self._number}"

    def _arrives(self, ev: Ev, ident: str) -> None:
        if self.now + self._usual < self.fault:
            heapq.heappush(self._coming, (self.now + self._usual, ev, ident))

    def _see(self, ev: Ev, ident: str) -> None:
        self.detector.observe(Event(ev=ev, mono=self.now, t=self._t, id=ident))


def _wall(hour: int) -> float:
    """The middle of an hour of the week, UTC epoch seconds: the run stays in it, however long it is."""
    return A_MONDAY + (hour + 0.5) * HOUR_S
