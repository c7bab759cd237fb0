"""Charts for partial loss: for the whole path, and for each sender of real orders.

Two cumulative sums each, for 30 % and 70 % loss against the learned share. Orders that are missing
and not finished count with what their age is worth, so that a chart need not wait for them; an
order that turns up late is taken back out. Source: docs/detection.md, section 4.
"""

import math
from collections import defaultdict, deque
from collections.abc import Sequence

from watchdog.detection.budget import Budget
from watchdog.detection.flight import MOST_SENDERS, Flying
from watchdog.detection.latency import Latency
from watchdog.detection.spells import Spells

LOSSES = (0.3, 0.7)
OF_A_SENDER = (0.3,)
"""One sender's orders are few: a chart for 70 % would take three accidents in a row for a fault."""
KEPT = 100
CEILING_NATS = 30.0
"""No chart climbs higher, so that it comes down again within a few dozen orders."""
PROOFS_OF_LIFE = 2
"""So many losses must be older than the newest arrival before a loss is called partial."""
PATH = ""
"""In place of a sender's name: the whole path."""


class Chart:
    """The finished orders of one population."""

    __slots__ = ("counted", "lost", "nats")

    def __init__(self, losses: tuple[float, ...] = LOSSES) -> None:
        self.nats = dict.fromkeys(losses, 0.0)
        self.lost: dict[float, deque[float]] = {p: deque(maxlen=KEPT) for p in losses}
        self.counted = dict.fromkeys(losses, 0)
        """Orders finished since the sum last left nought."""

    def finished(self, sent: float, healthy: float, ceiling: float, *, lost: bool) -> None:
        for p in self.nats:
            step = p / healthy if lost else (1 - p) / (1 - healthy)
            self.nats[p] = min(ceiling, max(0.0, self.nats[p] + math.log(step)))
            self.counted[p] += 1
            if self.nats[p] == 0.0:
                self.lost[p].clear()
                self.counted[p] = 0
            elif lost:
                self.lost[p].append(sent)

    def was_only_late(self, sent: float, healthy: float) -> None:
        for p in self.nats:
            if sent in self.lost[p]:
                self.lost[p].remove(sent)
                self.nats[p] = max(0.0, self.nats[p] - math.log(p / healthy))

    def worse(self) -> float:
        """The loss whose sum is higher."""
        return max(self.nats, key=lambda p: self.nats[p])


class PartialLoss:
    """How much the orders of the path, or of one sender, speak for a share being lost."""

    def __init__(self, latency: Latency, spells: Spells) -> None:
        self._latency, self._spells = latency, spells
        self._all = Chart()
        self._senders: dict[str, Chart] = {}
        self.nats = 0.0
        """What the whole path's chart said at the last `weigh`."""
        self.sender_nats = 0.0
        """What the worst sender's chart said."""
        self.path_declares = self.sender_declares = False
        """The chart of the whole path, or of one sender, has reached its limit."""
        self._worst = ""
        self._missing: dict[str, list[float]] = {}
        """When the orders that are late now were sent: by sender, and of the path without a name."""

    @property
    def evidence(self) -> float:
        """Nats of the worst chart."""
        return max(self.nats, self.sender_nats)

    @property
    def sender(self) -> str:
        """The one sender whose orders vanish while the path as a whole is well; or empty."""
        return self._worst if self.nats < self.sender_nats else ""

    @property
    def healthy(self) -> float:
        """The share of orders lost on a healthy path, with what is not yet known of it."""
        never, samples = self._latency.never, max(self._latency.samples, 1.0)
        spread = 2 * math.sqrt(never * (1 - never) / samples)
        return max(2e-4, never + spread + 1 / samples)

    def reset(self) -> None:
        """A fault has ended: its losses are not news."""
        self._all = Chart()
        self._senders.clear()
        self.nats, self.sender_nats, self._worst = 0.0, 0.0, ""
        self.path_declares = self.sender_declares = False

    def finished(self, order: Flying, *, lost: bool) -> None:
        """Count an order that arrived in time, or is given up."""
        for chart in self._charts_of(order, make=True):
            chart.finished(order.sent, self.healthy, CEILING_NATS, lost=lost)

    def take_back(self, since: float) -> None:
        """Losses of orders sent after `since` were our own blindness, noticed only later."""
        for chart in (self._all, *self._senders.values()):
            for sent in {sent for lost in chart.lost.values() for sent in lost if sent > since}:
                chart.was_only_late(sent, self.healthy)

    def was_only_late(self, order: Flying) -> None:
        """An order counted as lost has turned up."""
        for chart in self._charts_of(order):
            chart.was_only_late(order.sent, self.healthy)

    def weigh(self, now: float, waiting: Sequence[Flying], late_s: float, budget: Budget) -> None:
        """Take stock at `now`: the charts, and what is missing in flight."""
        self._missing = defaultdict(list)
        for order in waiting:
            if order.age is None and now - order.sent > late_s:
                if order.of_path:
                    self._missing[PATH].append(order.sent)
                if order.of_sender:
                    self._missing[order.sender].append(order.sent)
        of_path = [order for order in waiting if order.of_path] if PATH in self._missing else ()
        self.nats = self._weighed(self._all, now, of_path)
        self.sender_nats, self._worst = 0.0, PATH
        for sender, chart in self._senders.items():
            late = sender in self._missing
            own = [o for o in waiting if o.sender == sender and o.of_sender] if late else ()
            nats = self._weighed(chart, now, own)
            if nats > self.sender_nats:
                self.sender_nats, self._worst = nats, sender
        self.path_declares = self.nats >= budget.partial_nats
        self.sender_declares = self.sender_nats >= budget.sender_nats

    def is_mixed(self, life: float | None) -> bool:
        """True if orders still arrive in between: two losses are older than the proof of life."""
        if self.sender:
            return True
        lost = [*self._all.lost[self._all.worse()], *self._late()]
        return life is not None and sum(1 for sent in lost if sent < life) >= PROOFS_OF_LIFE

    def oldest(self) -> float | None:
        """When the oldest order that the worst chart counts as lost was sent."""
        chart = self._senders.get(self.sender, self._all)
        return min(chart.lost[chart.worse()], default=min(self._late(), default=None))

    def tally(self) -> tuple[int, int]:
        """(lost, finished) of the worst chart, what is late now counted as lost."""
        chart = self._senders.get(self.sender, self._all)
        p = chart.worse()
        late = len(self._late())
        return len(chart.lost[p]) + late, chart.counted[p] + late

    def newest(self) -> float:
        """When the newest order that is missing or counted as lost was sent."""
        chart = self._senders.get(self.sender, self._all)
        return max([*chart.lost[chart.worse()], *self._late()], default=-math.inf)

    def _late(self) -> list[float]:
        """When what the worst chart waits for too long was sent."""
        return self._missing.get(self.sender, [])

    def _weighed(self, chart: Chart, now: float, waiting: Sequence[Flying]) -> float:
        if not waiting:
            return max(chart.nats.values())
        # (age, or None for one that has come) in the order of sending
        ages = [None if _came(o) else math.inf if o.hard else now - o.sent for o in waiting]
        return max(
            self._spells.weigh(lambda c, p=p: self._run(chart, p, ages, c)) for p in chart.nats
        )

    def _run(self, chart: Chart, p: float, ages: Sequence[float | None], factor: float) -> float:
        """The sum for loss `p`, run on over what is in flight if all of it were `factor` slow."""
        nats, healthy = chart.nats[p], self.healthy
        came = math.log((1 - p) / (1 - healthy))
        for age in ages:
            if age is None:
                nats = max(0.0, nats + came)
            elif age == math.inf:
                nats += math.log(p / healthy)
            else:  # missing so far: lost, or only not there yet
                nats += math.log(1 - p + p * math.exp(self._latency.evidence(age / factor)))
        return min(CEILING_NATS, nats)

    def _charts_of(self, order: Flying, *, make: bool = False) -> list[Chart]:
        charts = [self._all] if order.of_path else []
        if order.of_sender:
            if make and order.sender not in self._senders and len(self._senders) < MOST_SENDERS:
                self._senders[order.sender] = Chart(OF_A_SENDER)
            if order.sender in self._senders:
                charts.append(self._senders[order.sender])
        return charts


def _came(order: Flying) -> bool:
    return order.age is not None and order.age != math.inf
