"""Proof of life: orders sent after the newest one known to have arrived are the evidence.

Any arrival clears every order sent before it; it does not clear younger ones, so a backlog that
drains proves nothing about now. Common causes (slow spells) break independence, hence the mixture
over explanations. Source: docs/detection.md, section 3.
"""

import math
from collections import deque
from dataclasses import dataclass

from watchdog.detection.histogram import Histogram

MOST_MISSING = 400
MOST_WEIGHED = 80
"""The newest this many are weighed: more cannot change a decision, and cost time."""


@dataclass(slots=True)
class Missing:
    """An order sent after the last proof of life."""

    sent: float
    id: str
    real: bool
    acked: bool = False
    hard: bool = False
    """Refused or NAKed."""
    rejected: bool = False
    """NAKed: a person's matter, never overdue."""


class ProofOfLife:
    """Which orders are missing, and what that is worth."""

    def __init__(
        self,
        arrivals: Histogram,
        acks: Histogram,
        *,
        hard_nats: float,
        slow_spells: tuple[tuple[float, float], ...],
    ) -> None:
        self._arrivals, self._acks, self._hard = arrivals, acks, hard_nats
        self._explanations = [(1.0, 0.0)] + [(c, math.log(w)) for c, w in slow_spells]
        self.missing: deque[Missing] = deque(maxlen=MOST_MISSING)
        self.life: float | None = None
        """When the newest-sent order known to have arrived was sent."""

    def sent(self, id_: str, mono: float, *, real: bool) -> None:
        """An order left; it may already be older than the proof of life when clocks differ."""
        self.missing.append(Missing(sent=mono, id=id_, real=real, acked=real))

    def acked(self, id_: str) -> None:
        """The next hop took it: from now on only its arrival can speak."""
        for order in self.missing:
            if order.id == id_:
                order.acked = True

    def refused(self, id_: str, *, rejected: bool) -> None:
        """It was refused or NAKed."""
        for order in self.missing:
            if order.id == id_:
                order.hard, order.rejected = True, rejected

    def lives(self, sent: float) -> None:
        """An order sent at `sent` has arrived."""
        if self.life is None or sent > self.life:
            self.life = sent
        if any(order.sent <= self.life for order in self.missing):
            kept = [order for order in self.missing if order.sent > self.life]
            self.missing = deque(kept, maxlen=MOST_MISSING)

    def forget(self, *, arrivals_only: bool = False) -> None:
        """We were blind: what we did not see is not evidence."""
        kept = [o for o in self.missing if arrivals_only and (o.hard or not o.acked)]
        self.missing = deque(kept, maxlen=MOST_MISSING)

    def evidence(self, now: float, *, arrivals_seen: bool = True) -> float:
        """Nats against the path from everything missing at `now`.

        Without sight of arrivals only the send side speaks: refusals, and no ACK in its time.
        """
        orders = [order for order in self.missing if order.sent <= now][-MOST_WEIGHED:]
        if not orders:
            return 0.0
        logs = [
            weight - sum(self._worth(order, now, factor, arrivals_seen) for order in orders)
            for factor, weight in self._explanations
        ]
        top = max(logs)
        return max(0.0, -(top + math.log(sum(math.exp(value - top) for value in logs))))

    def overdue(self, now: float, after_s: float) -> bool:
        """True if an order missing since the last proof of life is older than any may be."""
        return any(now - o.sent > after_s and not o.rejected for o in self.missing)

    def missing_rejected(self) -> bool:
        """True while an order that was NAKed has not been followed by an arrival."""
        return any(order.rejected for order in self.missing)

    def _worth(self, order: Missing, now: float, factor: float, arrivals_seen: bool) -> float:
        if order.hard:
            return self._hard
        age = (now - order.sent) / factor
        worth = self._arrivals.evidence(age) if arrivals_seen else 0.0
        if not order.acked:
            worth = max(worth, self._acks.evidence(age))
        return worth
