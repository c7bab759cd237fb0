"""Promises that people can read (false declarations per year) turned into thresholds in nats."""

import math
from dataclasses import dataclass

YEAR_S = 31557600.0
DEAD_SHARE = 0.7
"""Of the budget, for the chart of a dead path; partial loss and the rest share what remains."""
PARTIAL_EXTRA = 0.85
SUSPECT_DAYS = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Thresholds for one path."""

    outage_nats: float
    partial_nats: float
    suspect_nats: float
    watchful_nats: float = math.log(6)
    """A message later than about one in six: no visible state, only faster probing."""


def thresholds(*, years: float, interval_s: float, real_per_s: float = 0.0) -> Budget:
    """At most one false declaration in `years`, with one candidate start per message.

    Source: docs/detection.md, section 2.
    """
    per_second = 1 / interval_s + real_per_s
    outage = math.log(years * YEAR_S * per_second / DEAD_SHARE)
    return Budget(
        outage_nats=outage,
        partial_nats=outage + PARTIAL_EXTRA,
        suspect_nats=max(math.log(SUSPECT_DAYS * 86400.0 * per_second), 1.0),
    )


def orders_needed(budget: Budget, samples: float) -> int:
    """How many missing orders the outage threshold needs at least, with `samples` learned."""
    return math.ceil(budget.outage_nats / math.log(samples + 2))
