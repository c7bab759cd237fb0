"""Recognising recovery: fresh arrivals, a drained backlog, and no trust in one lucky order.

Fresh means: sent after the declaration and arrived in normal time. The span that they must cover
doubles with each all-clear or relapse of the flap memory. Source: docs/detection.md, section 7.
"""

from collections import deque
from dataclasses import dataclass

from watchdog.model.cadence import Cadence

FIRST_SIGN, FIRST_SIGN_PARTIAL = 2, 10
ENOUGH, ENOUGH_PARTIAL = 3, 20
MOST_DOUBLINGS = 4
CLEAR_NATS = 3.0


@dataclass(frozen=True, slots=True)
class Fresh:
    """One order sent after the declaration that arrived in normal time."""

    seen: float
    sent: float
    id: str


class Recovery:
    """The way back from an outage, counted."""

    def __init__(self, cadence: Cadence) -> None:
        self._cadence = cadence
        self.fresh: list[Fresh] = []
        self.last_late = float("-inf")
        """When an order last arrived that had been counted as lost: the backlog still drains."""
        self._turns: deque[float] = deque()
        self.declared = 0.0
        self.partial = False
        self.broken = False
        """An order of the recovery was lost or refused: it is an outage again."""

    def start(self, now: float, *, partial: bool) -> None:
        """An outage was declared."""
        self.declared, self.partial, self.fresh, self.broken = now, partial, [], False
        self._forget_turns(now)

    def arrived(self, now: float, sent: float, id_: str, *, late: bool) -> None:
        """An order arrived while declared or recovering."""
        if late:
            self.last_late = now
        elif sent > self.declared:
            self.fresh.append(Fresh(now, sent, id_))
            self.broken = False

    def failed(self, *, partial: bool = False) -> None:
        """An order sent in the recovery was lost or refused: count from zero.

        `partial`: it vanished among others that arrived, so more proof is needed from now on.
        """
        self.fresh, self.broken = [], True
        self.partial = self.partial or partial

    def forget(self) -> None:
        """We were blind: count from zero, which is no relapse."""
        self.fresh = []

    def relapse(self, now: float, *, partial: bool) -> None:
        """Orders stopped again while recovering."""
        self._turns.append(now)
        self.declared, self.fresh, self.broken = now, [], False
        self.partial = self.partial or partial

    def cleared(self, now: float) -> None:
        """The all-clear was given."""
        self._turns.append(now)
        self.fresh = []

    def began(self) -> bool:
        """True at the first believable signs: `declared` may become `recovering`."""
        return len(self.fresh) >= (FIRST_SIGN_PARTIAL if self.partial else FIRST_SIGN)

    def span(self) -> float:
        """Seconds between the sending of the first and the last fresh order."""
        return self.fresh[-1].sent - self.fresh[0].sent if self.fresh else 0.0

    def needed_span(self) -> float:
        """Seconds that fresh arrivals must span before the all-clear."""
        return self._cadence.recovery_span_s * 2 ** min(MOST_DOUBLINGS, len(self._turns))

    def complete(self, now: float) -> bool:
        """True when enough fresh orders arrived over the needed span and the backlog is quiet."""
        enough = ENOUGH_PARTIAL if self.partial else ENOUGH
        return (
            len(self.fresh) >= enough
            and self.span() >= self.needed_span()
            and now - self.last_late >= self._cadence.recovery_span_s
        )

    def _forget_turns(self, now: float) -> None:
        while self._turns and now - self._turns[0] > self._cadence.flap_memory_s:
            self._turns.popleft()
