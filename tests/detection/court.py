"""A judge of a path, before charts that say what a test wants."""

import math
from types import SimpleNamespace
from typing import Any

from watchdog.detection.budget import thresholds
from watchdog.detection.flight import Flight, Flying
from watchdog.detection.judge import Judge
from watchdog.detection.pacing import Pacing
from watchdog.detection.recovery import Recovery
from watchdog.model.cadence import FAST
from watchdog.model.outage import Phase, Reason, Transition

P, R = Phase, Reason
NOW, T = 1000.0, 1_790_001_000.0
BUDGET = thresholds(years=1000, interval_s=30)
SUSPECT, OUTAGE = BUDGET.suspect_nats, BUDGET.outage_nats
LATE_S = 5.0


class Court:
    """A judge before charts that say what a test wants; nothing is wrong unless it is said."""

    def __init__(self, phase: Phase, reason: Reason = R.ARRIVING, since: float = 500.0) -> None:
        self.calls: list[str] = []
        self.recovery, self.flight = Recovery(FAST), Flight(2.0)
        self.charts: Any = SimpleNamespace(
            budget=BUDGET,
            evidence=0.0,
            counts_from=-math.inf,
            learns_slowness=None,
            flight=self.flight,
            recovery=self.recovery,
            pacing=Pacing(FAST, 0.0),
            sight=SimpleNamespace(
                blind=False,
                doubtful=False,
                readers_blind=False,
                readers_gone=False,
                last_ok=NOW - 3,
                seen_since=math.inf,
                sighted_since=lambda sent: sent <= self.charts.sight.seen_since,
            ),
            proof=SimpleNamespace(life=None, missing=[], overdue=lambda *_: False),
            partial=SimpleNamespace(
                nats=0.0,
                sender_nats=0.0,
                evidence=0.0,
                sender="",
                path_declares=False,
                sender_declares=False,
                is_mixed=lambda _: True,
                newest=lambda: 900.0,
                oldest=lambda: 800.0,
                tally=lambda: (3, 10),
                reset=lambda: self.calls.append("partial.reset"),
            ),
            slow=SimpleNamespace(
                nats=0.0, late_s=LATE_S, calm=lambda: self.calls.append("slow.calm")
            ),
        )
        self.judge = Judge(self.charts, FAST, starting=True)
        self.judge.phase, self.judge.reason, self.judge.since = phase, reason, since

    def set(self, **values: Any) -> "Court":
        """`partial__nats=3.0` sets `charts.partial.nats`."""
        for name, value in values.items():
            place, *rest = name.split("__")
            owner = getattr(self.charts, place) if rest else self.charts
            setattr(owner, rest[0] if rest else place, value)
        return self

    def step(self) -> Transition | None:
        return self.judge.step(NOW, T)

    def goes(self) -> tuple[Phase, Reason] | None:
        """To where, and why; None: it stays."""
        told = self.step()
        if told is None:
            return None
        assert (told.mono, told.t) == (NOW, T)
        assert (self.judge.phase, self.judge.since) == (told.after, NOW)
        assert self.judge.reason is told.reason
        return told.after, told.reason

    def fresh(self, orders: int, *, partial: bool = False) -> "Court":
        """So many orders in a row since the declaration at 600, five seconds apart."""
        self.recovery.start(600.0, partial=partial)
        for n in range(orders):
            sent = 700.0 + 5 * n
            self.recovery.arrived(sent + 1, Flying(f"p{n}", sent, real=False), late=False)
        return self

    def under_way(self, sent: float, **values: Any) -> "Court":
        order = Flying(f"u{sent}", sent, real=False, **values)
        self.flight.open.append(order)
        return self


def missing(*hard: bool, rejected: bool = False, real: int = 0) -> list[Flying]:
    ours = [
        Flying(f"p{n}", 900.0 + n, real=False, acked=True, hard=each, rejected=rejected)
        for n, each in enumerate(hard)
    ]
    return ours + [Flying(f"r{n}", 950.0 + n, real=True, acked=True) for n in range(real)]
