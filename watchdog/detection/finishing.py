"""Orders that came back, or are too old to be waited for, enter the charts and the learning."""

import math

from watchdog.detection.charts import Charts
from watchdog.detection.flight import Flying
from watchdog.detection.judge import Judge
from watchdog.detection.latency import Latency
from watchdog.detection.spells import Spells
from watchdog.model.outage import Phase

LEARN_BELOW_NATS = 1.0
MOST_LEARNED = 1
"""More of ours lost in a row are no accident of a healthy path, whatever real orders show."""


class Finishing:
    """Decides what each finished order teaches, and hands it to the charts."""

    def __init__(self, charts: Charts, judge: Judge, arrivals: Latency, spells: Spells) -> None:
        self._charts, self._judge = charts, judge
        self._arrivals, self._spells = arrivals, spells

    def at(self, now: float, finished_s: float) -> None:
        """Finish every order that is older than `finished_s` at `now`, and count those that are late."""
        charts = self._charts
        # on a path that is slow just now, lateness is not loss: wait longer before calling it so
        limit = finished_s * self._spells.patience()
        until = charts.sight.seen_until(now)
        for order in charts.flight.finished(now, limit, own_until=until):
            self._finished(order, limit)
        if charts.sight.readers_blind or charts.sight.doubtful:
            return
        for order in charts.flight.open:
            if (now if order.real else until) - order.sent <= charts.slow.late_s:
                break
            if order.age is None and order.of_path:
                charts.slow.count(order.id, late=True)

    def _finished(self, order: Flying, limit: float) -> None:
        charts, age = self._charts, order.age
        lost = age is None or age > limit
        if age is not None and age < math.inf:
            charts.flight.ended(order)
        unseen = age is None and charts.sight.readers_blind
        rejected = order.rejected and charts.pacing.rejected
        if unseen or rejected or charts.sight.doubtful:
            charts.slow.finished(order.id)
            return
        if lost and self._judge.in_outage and self._in_run(order.sent):
            charts.recovery.lost(charts.partial.healthy, sender=order.sender)
        if order.sent >= charts.counts_from:
            charts.partial.finished(order, lost=lost)
        if not order.of_path:
            return
        charts.slow.count(order.id, late=lost or (age or 0.0) > charts.slow.late_s)
        charts.slow.finished(order.id)
        if lost and not order.real:
            charts.proof.own_lost += 1
        if not lost or order.real or charts.proof.own_lost <= MOST_LEARNED:
            self._learn(math.inf if lost or age is None else age)

    def _in_run(self, sent: float) -> bool:
        fresh = self._charts.recovery.fresh
        return bool(fresh) and sent > fresh[0]

    def _learn(self, age: float) -> None:
        """Only a healthy path teaches, or one that has been slow and alive for long."""
        if self._judge.phase is not Phase.CLEAR and not self._charts.learns_slowness:
            return
        if age < math.inf or self._charts.evidence < LEARN_BELOW_NATS:
            self._arrivals.add(age)
            self._charts.slow.late_s = 1.2 * self._arrivals.p90_s
