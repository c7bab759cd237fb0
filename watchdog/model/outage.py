"""Phases of a path, what is published of them, and what a clinic does in each."""

from dataclasses import dataclass, field
from enum import StrEnum

from watchdog.model.text import Text


class Phase(StrEnum):
    """Where the detector stands; the values are the words of the replay format."""

    CLEAR = "operational"
    SUSPECTED = "suspect"
    DECLARED = "outage"
    RECOVERING = "recovering"
    UNKNOWN = "unknown"


class State(StrEnum):
    """What is published of a path."""

    NORMAL = "normal"
    DEGRADED = "degraded"
    OUTAGE = "outage"
    RECOVERING = "recovering"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"


class Workflow(StrEnum):
    """How a referral is sent now."""

    ELECTRONIC = "electronic"
    ELECTRONIC_AND_PHONE = "electronic_and_phone"
    PAPER_AND_FAX = "paper_and_fax"
    HOLD = "hold"


class Urgency(StrEnum):
    VERY_URGENT = "very_urgent"
    URGENT = "urgent"
    NON_URGENT = "non_urgent"


class Reason(StrEnum):
    """Why a state is what it is; closed list, each with a sentence in `explain`."""

    ARRIVING = "arriving"
    STARTING = "starting"
    SUSPECTED = "suspected"
    NOT_ARRIVING = "referrals_not_arriving"
    REFUSED = "connection_refused"
    PARTIAL_LOSS = "partial_loss"
    SENDER_LOSS = "sender_loss"
    OVERDUE = "order_overdue"
    SLOW = "slow"
    TEXT_DAMAGE = "text_damage"
    PROBE_REJECTED = "probe_rejected"
    ARRIVING_AGAIN = "arriving_again"
    BLIND = "watchdog_blind"
    READERS_BLIND = "readers_blind"
    NOT_PROBED = "not_probed"
    NOT_EVALUATED = "not_evaluated"
    UNVERIFIED = "unverified"
    DECLARED_BY_HAND = "declared_by_hand"
    CLEARED_BY_HAND = "cleared_by_hand"
    DISAGREEMENT = "watchdogs_disagree"
    MAINTENANCE = "planned_maintenance"
    SYSTEM_WORKS = "systems_work"
    SYSTEM_BACK = "systems_back"
    SYSTEM_DOWN = "system_down"
    SYSTEM_UNSTATED = "routine_does_not_say"
    SYSTEM_UNKNOWN = "systems_unknown"


LOSSES = (Reason.PARTIAL_LOSS, Reason.SENDER_LOSS)
"""Some orders arrive all the while: only many in a row show that it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """The numbers on which a transition rests; everything that is told of it comes from here."""

    evidence_nats: float = 0.0
    limit_nats: float = 0.0
    partial_nats: float = 0.0
    missing_probes: int = 0
    missing_real: int = 0
    refused: int = 0
    oldest_missing_mono: float | None = None
    """When the oldest order on which the decision rests was sent; the hold-off counts from here."""
    life_mono: float | None = None
    """When the newest order known to have arrived was sent."""
    fresh: int = 0
    span_s: float = 0.0
    probe_first: bool = False
    """The oldest missing thing is our own order."""
    sender: str = ""
    """The one sender whose orders vanish; empty: the path as a whole."""
    partial: bool = False
    """In an outage: it has been seen that a share is lost, and not all."""
    lost: int = 0
    finished: int = 0
    """Of a share lost: so many of so many orders, from the first loss that counts."""
    control_age_s: float | None = None
    """How long ago a control probe showed that we see at all; None: none is configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One change of phase, with why."""

    before: Phase
    after: Phase
    mono: float
    t: float
    reason: Reason
    because: Text
    grounds: Grounds = field(default_factory=Grounds)
