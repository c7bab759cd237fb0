"""Proof of life: orders sent after the newest one known to have arrived are the evidence.

Any arrival clears every order sent before it; it does not clear younger ones, so a backlog that
drains proves nothing about now. Common causes (slow spells) break independence, hence the mixture
over explanations. Source: docs/detection.md, section 3.
"""

import math
from collections import deque

from watchdog.detection.flight import Flying
from watchdog.detection.histogram import Histogram
from watchdog.detection.latency import Latency
from watchdog.detection.spells import Spells

MOST_MISSING = 400
MOST_WEIGHED = 80
"""The newest this many are weighed: more cannot change a decision, and cost time."""
LONE_REFUSAL_NATS, LONE_FACTOR = 3.0, 1.5
"""One refusal alone is an accident until nothing sent after it arrives either: it is worth this at
once, and then so much more than an order that is merely missing, up to what refusals are worth."""

OWED_NATS = 4.0
"""An ACK is owed when fewer than one in fifty takes so long."""


class ProofOfLife:
    """Which orders are missing, and what that is worth."""

    def __init__(
        self, latency: Latency, acks: Histogram, spells: Spells, *, hard_nats: float
    ) -> None:
        self._latency, self._acks, self._spells, self._hard = latency, acks, spells, hard_nats
        self.missing: deque[Flying] = deque(maxlen=MOST_MISSING)
        self.life: float | None = None
        """When the newest-sent order known to have arrived was sent."""
        self.own_life: float | None = None
        """The same of our own orders, which were seen in the RIS: of a real one there may be but a copy."""
        self.own_lost = 0
        """Of ours, finished in a row and lost."""

    def sent(self, order: Flying) -> None:
        """An order left."""
        self.missing.append(order)

    def withdraw(self, order: Flying) -> None:
        """It never left, so it is not missing."""
        if order in self.missing:
            self.missing.remove(order)

    def lives(self, sent: float, *, real: bool = False) -> None:
        """An order sent at `sent` has arrived."""
        if not real:
            self.own_lost = 0
            self.own_life = sent if self.own_life is None else max(sent, self.own_life)
        if self.life is None or sent > self.life:
            self.life = sent
        while self.missing and self.missing[0].sent <= self.life:
            self.missing.popleft()

    def forget(self, *, arrivals_only: bool = False) -> None:
        """We were blind: what we did not see is not evidence."""
        kept = [o for o in self.missing if arrivals_only and (o.hard or not o.acked)]
        self.missing = deque(kept, maxlen=MOST_MISSING)

    def evidence(self, now: float, *, seen_until: float = math.inf) -> float:
        """Nats against the path from everything missing at `now`.

        Arrivals of ours were looked for until `seen_until`; minus infinity: not at all, then only the
        send side speaks: refusals, and no ACK in its time. Real ones are copied to us as they arrive.
        """
        if not self.missing:
            return 0.0
        orders = list(self.missing)[-MOST_WEIGHED:]
        refused = [order for order in orders if order.hard]
        own_until = min(now, seen_until)
        real_until = now if seen_until > -math.inf else seen_until
        waiting = [
            (now - o.sent, (real_until if o.real else own_until) - o.sent, o.acked)
            for o in orders
            if not o.hard
        ]

        def worth(factor: float) -> float:
            total = self._waited(waiting, factor)
            if len(refused) == 1:
                age = (now - refused[0].sent) / factor
                grown = LONE_FACTOR * self._latency.evidence(age)
                return total + max(LONE_REFUSAL_NATS, min(self._hard, grown))
            return total + self._hard * len(refused)

        return self._spells.weigh(worth)

    def overdue(self, now: float, after_s: float) -> bool:
        """True if an order missing since the last proof of life is older than any may be."""
        return any(now - o.sent > after_s and not o.rejected for o in self.missing)

    def refused(self) -> bool:
        """True if an order sent since the last proof of life was refused or NAKed."""
        return any(order.hard for order in self.missing)

    def sharp(self, now: float) -> bool:
        """True if the engine itself fails us: it refuses, or owes an ACK that it never owes so long.

        Such evidence is whole at once; that of an arrival grows while one waits.
        """
        return self.refused() or self.owed(now)

    def owed(self, now: float) -> bool:
        """True if an order sent since the last proof of life should have been acknowledged."""
        return any(
            not order.acked and self._acks.evidence(now - order.sent) >= OWED_NATS
            for order in list(self.missing)[-MOST_WEIGHED:]
        )

    def _waited(self, waiting: list[tuple[float, float, bool]], factor: float) -> float:
        total = 0.0
        for age, unseen_for, acked in waiting:
            worth = self._latency.evidence(unseen_for / factor) if unseen_for > 0 else 0.0
            if not acked:
                worth = max(worth, self._acks.evidence(age / factor))
            total += worth
        return total


def hard_nats(hard: float, samples: float) -> float:
    """What a refusal or a NAK is worth, from their learned share on a healthy path."""
    return -math.log(hard + 1 / (samples + 2))
