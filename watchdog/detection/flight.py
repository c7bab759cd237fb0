"""Orders under way: who was sent when, what came back, and which are not finished yet.

Pure book-keeping; what it means is for the charts. Real orders are told from our own, because they
are free evidence. Real traffic comes in batches that share a fate, so at most one per two seconds
counts for the path, and at most one per two seconds of each sender for that sender.
"""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

REMEMBERED = 3000
MOST_SENDERS = 100
"""Senders whose batches are told apart at once; more of them count for the path alone."""
MEASURED_S = 120.0
"""The stretch over which the present rate of real orders is measured."""


@dataclass(slots=True)
class Flying:
    """One order that was seen to leave."""

    id: str
    sent: float
    real: bool
    sender: str = ""
    acked: bool = False
    hard: bool = False
    """Refused or NAKed."""
    rejected: bool = False
    """NAKed: a person's matter, never overdue."""
    age: float | None = None
    """At arrival, seconds; infinity: refused; None: not seen yet."""
    of_path: bool = True
    """Counts for the whole path: the first of its batch."""
    of_sender: bool = False
    """Counts for its sender: the first of that sender's batch."""
    open: bool = True
    """Not finished: it has not entered the charts."""

    @property
    def counts(self) -> bool:
        """True if its loss would be evidence; else its arrival proves life, and no more."""
        return self.of_path or self.of_sender


class Flight:
    """Every order of a path that may still say something."""

    def __init__(self, real_every_s: float) -> None:
        self._real_every_s = real_every_s
        self._known: dict[str, Flying] = {}
        self.open: deque[Flying] = deque()
        """Orders that are not finished, in the order of sending."""
        self.newest_sent = -math.inf
        """When the newest order left, whether it counts or not."""
        self._counted_real = -math.inf
        self._counted_of: dict[str, float] = {}
        self._reals: deque[float] = deque()

    def find(self, id_: str) -> Flying | None:
        """The order of this id, if it was seen to leave and can still say something."""
        return self._known.get(id_)

    def sent(self, id_: str, now: float, *, real: bool, sender: str = "") -> Flying | None:
        """An order left; None if it is told twice, or is a real one too close to its sender's last.

        An uncounted one is remembered all the same: its arrival proves life.
        """
        if id_ in self._known:
            return None
        order = Flying(id_, now, real, sender, acked=real)
        self._known[id_] = order
        self.newest_sent = max(self.newest_sent, now)
        if real:
            self._reals.append(now)
            order.of_path = now - self._counted_real >= self._real_every_s
            order.of_sender = self._begins_batch(sender, now)
            if order.of_path:
                self._counted_real = now
            if not order.counts:
                order.open = False
                return None
        self.open.append(order)
        return order

    def _begins_batch(self, sender: str, now: float) -> bool:
        """True if no order of this sender has counted just before."""
        if not sender or now - self._counted_of.get(sender, -math.inf) < self._real_every_s:
            return False
        if len(self._counted_of) >= MOST_SENDERS:  # a batch that is over need not be remembered
            recent = (
                (s, at) for s, at in self._counted_of.items() if now - at < self._real_every_s
            )
            self._counted_of = dict(recent)
            if len(self._counted_of) >= MOST_SENDERS:
                return False
        self._counted_of[sender] = now
        return True

    def inherit(self, id_: str, sent: float) -> None:
        """An order of an earlier run: its arrival proves life, its absence nothing."""
        self._known[id_] = Flying(id_, sent, real=False, acked=True, open=False)

    def ended(self, order: Flying) -> None:
        """Nothing more can come of it."""
        self._known.pop(order.id, None)

    def withdraw(self, order: Flying) -> None:
        """It never left."""
        self.ended(order)
        if order.open:
            order.open = False
            self.open.remove(order)

    def finished(
        self, now: float, limit_s: float, *, own_until: float = math.inf
    ) -> Iterator[Flying]:
        """Take out, oldest first, what has come back or is older than `limit_s`.

        Ours were looked for until `own_until`.
        """
        while self.open:
            order = self.open[0]
            until = now if order.real else min(now, own_until)
            if order.age is None and order.sent + limit_s > until:
                return
            self.open.popleft()
            order.open = False
            yield order

    def forget(self) -> list[Flying]:
        """We did not see: nothing that is open counts any more. What was open is handed back."""
        dropped = list(self.open)
        for order in dropped:
            order.open = False
        self.open.clear()
        return dropped

    def real_per_s(self, now: float) -> float:
        """The rate of real orders over the last two minutes."""
        while self._reals and self._reals[0] < now - MEASURED_S:
            self._reals.popleft()
        return len(self._reals) / MEASURED_S

    def trim(self, older_than: float) -> None:
        """Let go of orders sent before this, once there are many."""
        if len(self._known) > REMEMBERED:
            self._known = {i: o for i, o in self._known.items() if o.sent > older_than or o.open}
