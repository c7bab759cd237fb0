"""Everything a judgement rests on, in one place: the charts, and what the last tick made of them."""

from dataclasses import dataclass

from watchdog.detection.blindness import Blindness
from watchdog.detection.budget import Budget
from watchdog.detection.flight import Flight
from watchdog.detection.pacing import Pacing
from watchdog.detection.partial import PartialLoss
from watchdog.detection.proof import ProofOfLife
from watchdog.detection.recovery import Recovery
from watchdog.detection.slow import Slowness


@dataclass(slots=True, kw_only=True)
class Charts:
    """Everything a judgement rests on."""

    flight: Flight
    proof: ProofOfLife
    partial: PartialLoss
    slow: Slowness
    sight: Blindness
    recovery: Recovery
    pacing: Pacing
    budget: Budget
    """The limits of this hour."""
    evidence: float = 0.0
    """Of a dead path, at the last tick."""
    counts_from: float = float("-inf")
    """Orders sent before this are not news: the fault that took them has ended."""
    learns_slowness: bool = False
    """Alive, late, and for long: what is usual is learned anew."""

    def forget(self, now: float, *, arrivals_only: bool) -> None:
        """We did not see: what is missing from that time proves nothing.

        After blindness of the readers alone, refusals and missing acknowledgements still count.
        """
        self.proof.forget(arrivals_only=arrivals_only)
        for order in self.flight.forget():
            self.slow.finished(order.id)
        if not arrivals_only and self.sight.doubted_since is not None:
            self.partial.take_back(self.sight.doubted_since)
        self.recovery.forget()
        self.counts_from = max(self.counts_from, now)

    def withdraw(self, id_: str, now: float) -> None:
        """An order that was to leave did not: no chart has ever heard of it."""
        order = self.flight.find(id_)
        if order is None:
            return
        self.flight.withdraw(order)
        self.proof.withdraw(order)
        self.slow.finished(id_)
        self.pacing.settled(id_, now, alive=False)
