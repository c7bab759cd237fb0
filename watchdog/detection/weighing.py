"""Taking stock at a tick: the limits of this hour, and what speaks against the path now.

Source: docs/detection.md, sections 2 to 6.
"""

import math

from watchdog.detection.budget import thresholds
from watchdog.detection.charts import Charts
from watchdog.detection.silence import Silence, Traffic
from watchdog.model.cadence import Cadence
from watchdog.model.observation import Profile


class Weighing:
    """Brings the charts up to a moment; decides nothing."""

    def __init__(
        self,
        charts: Charts,
        silence: Silence,
        traffic: Traffic,
        profile: Profile,
        cadence: Cadence,
    ) -> None:
        self._charts, self._silence, self._traffic = charts, silence, traffic
        self._profile, self._cadence = profile, cadence
        self._hour: tuple[float, bool] | None = None

    def set_limits(self, t: float) -> None:
        """One candidate start per message: the limits follow what is being sent at this hour."""
        traffic, rejected = self._traffic, self._charts.pacing.rejected
        hour = (traffic.per_s(t), rejected)
        if hour != self._hour:
            self._hour = hour
            self._charts.budget = thresholds(
                years=self._profile.budget_years,
                interval_s=math.inf if rejected else self._cadence.interval_s,
                real_per_s=hour[0],
                mean_real_per_s=traffic.mean_per_s(),
            )

    def weigh(self, now: float) -> None:
        """The evidence of a dead path, and of a share being lost, at `now`. Blind: none."""
        charts = self._charts
        if charts.sight.doubtful:
            charts.evidence = 0.0
            return
        seen = not charts.sight.readers_blind
        until = charts.sight.seen_until(now) if seen else -math.inf
        charts.evidence = charts.proof.evidence(now, seen_until=until)
        if seen and self._profile.passive == "arrivals":
            charts.evidence += self._silence.since_life_nats
        news = charts.counts_from
        waiting = [o for o in charts.flight.open if o.sent >= news] if seen else []
        charts.partial.weigh(now, waiting, charts.slow.late_s, charts.budget)
