"""What would have been declared under another budget or cadence? Recorded history, replayed.

A recording holds the orders that were sent. A slower cadence is played by leaving out those that it
would not have sent (open limit, breaker and cap included); a faster one cannot be played from it and
is refused. Pure: lines are decoded events.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from watchdog.detection.path import PathDetector
from watchdog.errors import RecordingError
from watchdog.model.cadence import Cadence
from watchdog.model.observation import Ev, Event, Profile
from watchdog.model.outage import Phase, Transition

STEP_S = 1.0
EARLY_S = 0.05
"""An order of the recording is used if the variant wanted one by then, or so little later."""
SAMPLE_S = 30.0
OURS = frozenset({Ev.PROBE_SENT, Ev.PROBE_ACK, Ev.PROBE_NAK, Ev.PROBE_REFUSED, Ev.PROBE_ARRIVED})


@dataclass(frozen=True, slots=True)
class Variant:
    """One set of choices."""

    years: float
    cadence: Cadence

    def __str__(self) -> str:
        years = "1 year" if self.years == 1 else f"{self.years:g} years"
        return f"1 in {years}, {self.cadence.name}"


@dataclass(slots=True)
class Outcome:
    """What one variant would have done with the recording."""

    variant: Variant
    transitions: list[Transition] = field(default_factory=list[Transition])
    probes: int = 0
    seconds: float = 0.0
    outage_s: float = 0.0
    limit_nats: float = 0.0
    evidence: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    """(seconds from the start, nats), at most one each 30 s: the greatest of its stretch."""

    @property
    def declared(self) -> list[Transition]:
        return [
            t
            for t in self.transitions
            if t.after is Phase.DECLARED and t.before is not Phase.RECOVERING
        ]

    @property
    def suspected(self) -> int:
        return sum(1 for t in self.transitions if t.after is Phase.SUSPECTED)

    @property
    def probes_per_day(self) -> float:
        return self.probes / self.seconds * 86400 if self.seconds else 0.0


def play(profile: Profile, events: Sequence[Event], variant: Variant) -> Outcome:
    """Run one variant over one path's events, oldest first."""
    recorded = min_gap(events)
    if recorded is not None and variant.cadence.interval_s < 0.9 * recorded:
        raise RecordingError(
            f"orders were recorded every {recorded:.0f} s: a cadence of "
            f"{variant.cadence.interval_s:g} s cannot be played from them"
        )
    profile = replace(profile, budget_years=variant.years, interval_s=variant.cadence.interval_s)
    detector = PathDetector(profile, variant.cadence, starting=False)
    found = Outcome(variant)
    if not events:
        return found
    start = now = events[0].mono
    used: set[str] = set()
    top, since = 0.0, start
    for event in events:
        while now + STEP_S < event.mono:
            now += STEP_S
            _tick(detector, now, found)
            top = max(top, detector.evidence, detector.partial.nats)
            if now - since >= SAMPLE_S:
                found.evidence.append((now - start, top))
                top, since = 0.0, now
        now = max(now, event.mono)
        if event.ev is Ev.PROBE_SENT and detector.next_probe_at(now) <= now + EARLY_S:
            used.add(event.id)
            found.probes += 1
        if event.ev not in OURS or event.id in used:
            detector.observe(event)
        _tick(detector, now, found)
        top = max(top, detector.evidence, detector.partial.nats)
    found.seconds = now - start
    found.limit_nats = detector.budget.outage_nats
    if detector.judge.in_outage:
        found.outage_s += now - _last_declared(found).mono
    return found


def min_gap(events: Sequence[Event]) -> float | None:
    """The usual gap between recorded orders of ours (the upper quartile), seconds; None without."""
    sent = [event.mono for event in events if event.ev is Ev.PROBE_SENT]
    gaps = sorted(later - earlier for earlier, later in pairwise(sent))
    return gaps[len(gaps) * 3 // 4] if gaps else None


def _tick(detector: PathDetector, now: float, found: Outcome) -> None:
    for transition in detector.tick(now):
        out = transition.before in (Phase.DECLARED, Phase.RECOVERING)
        if out and transition.after not in (Phase.DECLARED, Phase.RECOVERING):
            found.outage_s += now - _last_declared(found).mono
        found.transitions.append(transition)


def _last_declared(found: Outcome) -> Transition:
    return found.declared[-1]
