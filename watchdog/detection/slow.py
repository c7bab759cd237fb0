"""Slower than usual: degraded, never an outage. Source: docs/detection.md, section 5."""

import math

USUAL, SLOW = 0.1, 0.8
"""Share of orders later than p90 when healthy, and when the path is slow."""
CEILING = 16.0
SUSPECT_NATS = 12.0
DECIDED_NATS = 5.0
CALM_NATS = 3.0
WATCHFUL_NATS = 5.0


class Slowness:
    """A cumulative sum of 'later than p90'."""

    def __init__(self, p90_s: float) -> None:
        self.late_s = 1.2 * p90_s
        self.nats = 0.0
        self._counted: set[str] = set()

    def count(self, id_: str, *, late: bool) -> None:
        """Count an order once, when it arrives or passes the limit."""
        if id_ in self._counted:
            return
        self._counted.add(id_)
        step = math.log(SLOW / USUAL) if late else math.log((1 - SLOW) / (1 - USUAL))
        self.nats = min(CEILING, max(0.0, self.nats + step))

    def finished(self, id_: str) -> None:
        """The order will not be asked about again."""
        self._counted.discard(id_)

    def calm(self) -> None:
        """Start anew after an outage."""
        self.nats = 0.0
