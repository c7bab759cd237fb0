"""Recognising recovery: fresh arrivals, a drained backlog, and no trust in one lucky order.

Fresh means: sent after the declaration and arrived in normal time. After a dead path a few in a row
are enough; after partial loss the run must speak against 30 % loss with more nats the more orders
the incident has lost, because each loss starts a new run that could be luck. The span that a run
must cover doubles with each all-clear or relapse of the flap memory. Source: docs/detection.md,
section 7.
"""

import math
from collections import deque

from watchdog.detection.flight import Flying
from watchdog.model.cadence import Cadence

FIRST_SIGN, FIRST_SIGN_PARTIAL = 2, 10
ENOUGH = 3
LOSS = 0.3
KEPT_NATS = -math.log(1 - LOSS)
"""What one arrival says against a loss of 30 %."""
LEAST_ORDERS, LEAST_OF_SENDER = 24, 20
LUCK, LUCK_OF_SENDER = 0.004, 0.008
"""Chance of a false all-clear that one loss of the incident may leave. One sender's orders are few,
so that more proof would keep its clinic on paper for the better part of an hour."""
HOPEFUL_SHARE = 0.5
LOSSES_ARE_PARTIAL = 2
"""A healthy path loses one now and then; two in one recovery are a share being lost."""
MOST_DOUBLINGS = 4
CLEAR_NATS = 3.0
ALIVE_FOR_S, ALIVE_ORDERS, ALIVE_GAP_S = 300.0, 5, 60.0
"""Late arrivals over so long, so many, with no longer gap, are a path that is slow and not dead."""


class Recovery:
    """The way back from an outage, counted."""

    def __init__(self, cadence: Cadence) -> None:
        self._cadence = cadence
        self.fresh: list[float] = []
        """When each order of the run was sent, in the order of their arrival."""
        self.nats = 0.0
        """What the run says against a loss of 30 %."""
        self.last_late = float("-inf")
        """When an order last arrived that had been counted as lost: the backlog still drains."""
        self._turns: deque[float] = deque()
        self.declared = 0.0
        self.partial = False
        self.sender = ""
        """Only this sender's orders were lost: only they can show that it is over."""
        self.broken = False
        """The run ended in a loss: it is an outage again."""
        self._lost = 0
        self._alive: deque[float] = deque()
        self._alive_since = 0.0

    def start(self, now: float, *, partial: bool, sender: str = "") -> None:
        """An outage was declared."""
        self.declared, self.partial, self.sender = now, partial, sender
        self._lost, self.broken = 0, False
        self._alive.clear()
        self._begin_again()
        while self._turns and now - self._turns[0] > self._cadence.flap_memory_s:
            self._turns.popleft()

    def arrived(self, now: float, order: Flying, *, late: bool) -> None:
        """An order arrived while declared or recovering.

        Of a batch only the first is counted when lost, so only the first speaks for recovery.
        """
        if late:
            self.last_late = now
        if order.sent <= self.declared:
            return
        self._lives(now)
        if not late and order.counts and self._concerns(order.sender):
            self.fresh.append(order.sent)
            self.nats += KEPT_NATS
            self.broken = False

    def lost(self, healthy: float, *, sender: str = "") -> None:
        """An order of the run vanished among others that arrived."""
        if not self._concerns(sender):
            return
        self._lost += 1
        self.nats -= math.log(LOSS / healthy)
        self.partial = self.partial or self._lost >= LOSSES_ARE_PARTIAL
        if self.nats <= 0:
            self.broken = True
            self._begin_again()

    def refused(self) -> None:
        """An order was refused or NAKed: count from zero."""
        self.broken = True
        self._begin_again()

    def forget(self) -> None:
        """We were blind: count from zero, which is no relapse."""
        self._begin_again()

    def relapse(self, now: float, *, partial: bool) -> None:
        """Orders stopped again while recovering."""
        self._turns.append(now)
        self.declared, self.broken = now, False
        self.partial = self.partial or partial
        self._begin_again()

    def cleared(self, now: float) -> None:
        """The all-clear was given."""
        self._turns.append(now)
        self._begin_again()

    def began(self) -> bool:
        """True at the first believable signs: `declared` may become `recovering`."""
        return len(self.fresh) >= (FIRST_SIGN_PARTIAL if self.partial else FIRST_SIGN)

    def span(self) -> float:
        """Seconds between the sending of the first and the last fresh order."""
        return self.fresh[-1] - self.fresh[0] if self.fresh else 0.0

    def needed_span(self) -> float:
        """Seconds that fresh arrivals must span before the all-clear."""
        return self._cadence.recovery_span_s * 2 ** min(MOST_DOUBLINGS, len(self._turns))

    def needed_nats(self) -> float:
        """What the run must say against a loss of 30 % after a partial outage."""
        least, luck = LEAST_ORDERS, LUCK
        if self.sender:
            least, luck = LEAST_OF_SENDER, LUCK_OF_SENDER
        return max(least * KEPT_NATS, math.log(max(1, self._lost) / luck))

    def complete(self, now: float) -> bool:
        """True when enough fresh orders arrived over the needed span and the backlog is quiet."""
        enough = len(self.fresh) >= ENOUGH
        if self.partial:
            enough = self.nats >= self.needed_nats()
        return (
            enough
            and self.span() >= self.needed_span()
            and now - self.last_late >= self._cadence.recovery_span_s
        )

    def hopeless(self) -> bool:
        """True while a share is still being lost: quick probing would prove nothing yet."""
        return self.partial and self.nats < HOPEFUL_SHARE * self.needed_nats()

    def only_slow(self, now: float) -> bool:
        """True if orders sent since the declaration have kept arriving, late, for five minutes."""
        gap = self._cadence.interval_s + ALIVE_GAP_S
        return (
            not self.partial
            and len(self._alive) >= ALIVE_ORDERS
            and now - self._alive_since >= ALIVE_FOR_S
            and now - self._alive[-1] < gap
        )

    def _lives(self, now: float) -> None:
        if not self._alive or now - self._alive[-1] > self._cadence.interval_s + ALIVE_GAP_S:
            self._alive.clear()
            self._alive_since = now
        self._alive.append(now)
        while self._alive[0] < now - 2 * ALIVE_GAP_S:
            self._alive.popleft()

    def _concerns(self, sender: str) -> bool:
        return not self.sender or sender == self.sender

    def _begin_again(self) -> None:
        self.fresh, self.nats = [], 0.0
