"""Charts for partial loss over finished orders; late ones are taken back out.

Two cumulative sums, for 30 % and 70 % loss against the learned share. Per-sender charts join them
when real traffic is seen. Source: docs/detection.md, section 4.
"""

import math
from collections import deque

LOSSES = (0.3, 0.7)
KEPT = 100
PROOFS_OF_LIFE = 2
"""So many losses must be older than the newest arrival before a loss is called partial."""


class PartialLoss:
    """How much the finished orders speak for a share being lost."""

    def __init__(self, never: float, ceiling_nats: float) -> None:
        self._healthy = max(2e-4, never) + 1e-3
        self._ceiling = ceiling_nats
        self._nats = dict.fromkeys(LOSSES, 0.0)
        self._lost: dict[float, deque[float]] = {p: deque(maxlen=KEPT) for p in LOSSES}

    @property
    def evidence(self) -> float:
        """Nats of the worse chart."""
        return max(self._nats.values())

    def reset(self) -> None:
        """A fault has ended: its losses are not news."""
        self._nats = dict.fromkeys(LOSSES, 0.0)
        for lost in self._lost.values():
            lost.clear()

    def finished(self, sent: float, *, lost: bool) -> None:
        """Count an order that arrived in time, or is given up."""
        for p in LOSSES:
            step = p / self._healthy if lost else (1 - p) / (1 - self._healthy)
            self._nats[p] = min(self._ceiling, max(0.0, self._nats[p] + math.log(step)))
            if self._nats[p] == 0.0:
                self._lost[p].clear()
            elif lost:
                self._lost[p].append(sent)

    def was_only_late(self, sent: float) -> None:
        """An order counted as lost has turned up."""
        for p in LOSSES:
            if sent in self._lost[p]:
                self._lost[p].remove(sent)
                self._nats[p] = max(0.0, self._nats[p] - math.log(p / self._healthy))

    def is_mixed(self, life: float | None) -> bool:
        """True if orders still arrive in between: two losses are older than the proof of life."""
        worse = max(LOSSES, key=lambda p: self._nats[p])
        return (
            life is not None
            and sum(1 for sent in self._lost[worse] if sent < life) >= PROOFS_OF_LIFE
        )

    def oldest(self) -> float | None:
        """When the oldest order that the worse chart counts as lost was sent."""
        worse = max(LOSSES, key=lambda p: self._nats[p])
        return min(self._lost[worse], default=None)
