"""A synthetic order as the order book knows it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OrderState(StrEnum):
    """Where an order is in its life; `orders/life.py` says which step may follow which."""

    PLANNED = "planned"
    SENDING = "sending"
    """Committed, perhaps on the wire. After a restart it means: possibly sent."""
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    ARRIVED = "arrived"
    CANCEL_SENT = "cancel_sent"
    CANCELLED = "cancelled"
    LOST = "lost"
    REFUSED = "refused"
    DEBT = "debt"


class Level(StrEnum):
    """The rung of the evidence ladder on which arrival was seen (order-path.md, 2.1)."""

    E5 = "E5"
    """The filler's own message: our ORC-2 with a filler number in ORC-3."""
    E6 = "E6"
    """Read from the RIS, keyed on our placer number."""


MOST_FILLER = 60
"""Characters of a filler number (ORC-3) that are kept."""
OPEN = frozenset(
    {
        OrderState.PLANNED,
        OrderState.SENDING,
        OrderState.SENT,
        OrderState.ACKNOWLEDGED,
        OrderState.ARRIVED,
        OrderState.CANCEL_SENT,
        OrderState.LOST,
    }
)
"""Not at its end: it waits for arrival or for its cancel. A lost order may still turn up."""
MISSING = frozenset({OrderState.SENDING, OrderState.SENT, OrderState.ACKNOWLEDGED, OrderState.LOST})
"""Perhaps in the path, not yet seen in the RIS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One row of the order book."""

    placer: str
    """ORC-2: our identity of the order, at most 22 ASCII characters."""
    control_id: str
    """MSH-10 of the NW message."""
    path: str
    state: OrderState
    planned_at: datetime
    sent_at: datetime | None = None
    acknowledged_at: datetime | None = None
    e5_at: datetime | None = None
    e6_at: datetime | None = None
    filler: str = ""
    """ORC-3, learned from the RIS; empty until then."""
    cancel_control_id: str = ""
    cancel_sent_at: datetime | None = None
    cancel_attempts: int = 0
    next_cancel_at: datetime | None = None
    ended_at: datetime | None = None
    incident: str = ""
    epoch: int = 0
    purpose: str = "schedule"
    """schedule, probe, commission: who asked for it."""
    text_damaged: bool = False
    detail: str = ""
    """Why it is where it is; no message text, no patient data."""

    @property
    def arrived_at(self) -> datetime | None:
        """The first proof of arrival."""
        seen = [at for at in (self.e5_at, self.e6_at) if at is not None]
        return min(seen) if seen else None

    @property
    def levels(self) -> tuple[Level, ...]:
        """Every rung on which arrival was proven."""
        return tuple(level for level, at in ((Level.E5, self.e5_at), (Level.E6, self.e6_at)) if at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What a reader or the listener saw of one of our orders in the RIS."""

    placer: str
    level: Level
    reader: str
    filler: str = ""
    text: str = ""
    """A text of ours as the RIS shows it; carries the canary of Swedish letters."""
    cancelled: bool = False
    """The RIS shows or says that the order is cancelled."""
    refused: bool = False
    """The RIS refused the cancel or the order (UA, UC, UD in ORC-1, HL7 table 0119)."""
    acted_on: str = ""
    """ORC-5 when somebody worked on our order: IP, CM (HL7 table 0038), or a report."""
