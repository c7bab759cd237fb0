"""What can be broken in the simulated hospital, and how a fault is described."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    NONE = "none"
    REFUSE = "refuse"
    """The engine's port is closed and its connections are reset."""
    SILENT = "silent"
    """Connections are accepted, nothing is answered or stored."""
    NAK = "nak"
    """The engine answers AE and stores nothing."""
    NAK_BEHIND = "nak_behind"
    """The engine answers AA; the RIS answers AE and the ordered port stops."""
    SWALLOW = "swallow"
    """AA, and the order is gone."""
    QUEUE = "queue"
    """AA, and orders are held; they drain when the fault is lifted."""
    LOSE = "lose"
    """AA, and `percent` of the orders are gone."""
    SLOW = "slow"
    """Everything takes `factor` times as long."""
    DUPLICATE = "duplicate"
    """Every order is delivered twice."""
    WRONG_ACK_ID = "wrong_ack_id"
    """The ACK names another message."""
    TEXT_DAMAGE = "text_damage"
    """Every byte above 127 becomes a question mark."""
    WORKLIST_DOWN = "worklist_down"
    """The RIS's read side is closed; orders still arrive."""
    PACS_DOWN = "pacs_down"
    FLAP = "flap"
    """Refuse and work in turn, `half_s` each."""
    RESTART = "restart"
    """Refuse for `half_s`, then work again by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    kind: FaultKind = FaultKind.NONE
    percent: float = 30.0
    factor: float = 10.0
    half_s: float = 1.5
