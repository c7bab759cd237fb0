"""Whether doubt asks for quicker orders than one each T. Pure; source: docs/detection.md, section 10."""

import math

from watchdog.detection.charts import Charts
from watchdog.detection.slow import WATCHFUL_NATS
from watchdog.model.outage import Phase

CROWD = 0.3
"""How much of the crowd of real orders raises the bar for faster probing."""
WATCHFUL_PARTIAL_NATS = 2.5


def is_watchful(charts: Charts, phase: Phase, interval_s: float, now: float) -> bool:
    """True while an order of ours, sooner than T, would settle something."""
    # real orders are free probes: the more of them, the less often one of ours need rouse us
    crowd = CROWD * math.log1p(charts.flight.real_per_s(now) * interval_s)
    return not charts.sight.doubtful and (
        phase is not Phase.CLEAR
        or charts.proof.refused()
        or charts.evidence > charts.budget.watchful_nats + crowd
        or charts.partial.nats > WATCHFUL_PARTIAL_NATS + crowd  # ours cannot help a sender
        or charts.slow.nats > WATCHFUL_NATS
    )
