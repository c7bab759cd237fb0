"""Promises that people can read (false declarations per year) turned into thresholds in nats."""

import math
from dataclasses import dataclass

YEAR_S = 31557600.0
DEAD_SHARE, PARTIAL_SHARE = 0.9, 0.1
"""Of the budget: for the chart of a dead path, and for partial loss of the whole path."""
SENDER_YEARS_SHARE = 0.05
"""The loss of one sender's orders has a promise of its own: a twentieth of the path's years."""
SENDER_START = 0.05
"""A sender's chart starts only with a loss, and overshoots its limit by most of a step: so small a
share of the orders are candidate starts. Computed exactly by `tests/detection/test_budget.py`."""
SUSPECT_DAYS = 7.0
LEAST_PER_S = 1 / 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Thresholds for one path."""

    years: float
    """At most one false declaration of this path in so many years of normal operation."""
    outage_nats: float
    partial_nats: float
    sender_nats: float
    suspect_nats: float
    watchful_nats: float = math.log(6)
    """A message later than about one in six: no visible state, only faster probing."""

    @property
    def sender_years(self) -> float:
        """At most one false declaration of one sender's loss in so many years."""
        return self.years * SENDER_YEARS_SHARE


def thresholds(
    *,
    years: float,
    interval_s: float,
    real_per_s: float = 0.0,
    mean_real_per_s: float | None = None,
) -> Budget:
    """At most one false declaration in `years`, with one candidate start per message.

    `real_per_s` is the rate of this hour: each hour of the week then has the same share of the
    promise, so a quiet hour needs less evidence. Senders have theirs by message, so their limit
    rests on `mean_real_per_s` of the week. An infinite interval: nothing is being sent.
    Source: docs/detection.md, section 2.
    """
    per_second = max(1 / interval_s + real_per_s, LEAST_PER_S)
    expected = years * YEAR_S * per_second
    mean = real_per_s if mean_real_per_s is None else mean_real_per_s
    of_senders = SENDER_YEARS_SHARE * years * YEAR_S * max(mean, LEAST_PER_S)
    return Budget(
        years=years,
        outage_nats=math.log(expected / DEAD_SHARE),
        partial_nats=math.log(expected / PARTIAL_SHARE),
        sender_nats=max(math.log(of_senders * SENDER_START), 8.0),
        suspect_nats=max(math.log(SUSPECT_DAYS * 86400.0 * per_second), 1.0),
    )


def orders_needed(budget: Budget, samples: float) -> int:
    """How many missing orders the outage threshold needs at least, with `samples` learned."""
    return math.ceil(budget.outage_nats / math.log(samples + 2))
