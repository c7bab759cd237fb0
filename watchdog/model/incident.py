"""An outage with its beginning, its cause, its timeline and its end."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watchdog.model.outage import Reason
from watchdog.model.text import Text


class EventKind(StrEnum):
    """What may happen in an incident; the first six are also the types of notices."""

    SUSPECTED = "suspected"
    DECLARED = "declared"
    ADVICE_CHANGED = "advice_changed"
    RECOVERING = "recovering"
    CLEARED = "cleared"
    UPDATED = "updated"
    UNCONFIRMED = "unconfirmed"
    """The suspicion was not confirmed; the incident never was an outage."""
    CLOSED = "closed"
    ACKNOWLEDGED = "acknowledged"
    """A person has seen it, with name. Stands in the timeline; nobody is told of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """All clear and closed are two things: closing needs every order cleaned up and a person's word."""

    id: str
    path: str
    site: str
    scenario: str
    reason: Reason
    opened_at: datetime
    """When it was first suspected."""
    number: int = 0
    """Of the newest event; with the id it names a notice."""
    declared_at: datetime | None = None
    advice_due_at: datetime | None = None
    """Paper begins then: the hold-off, counted from the oldest missing order."""
    advised_at: datetime | None = None
    told_duty_officer: bool = False
    recovering_at: datetime | None = None
    cleared_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str = ""
    close_reason: str = ""
    last_good_at: datetime | None = None
    """When the last order known to have arrived before the fault was sent."""
    first_good_at: datetime | None = None
    """When the first order that arrived in normal time after it was sent."""
    by_hand: bool = False
    declared_by: str = ""
    unconfirmed: bool = False
    possibly_caused_by_probe: bool = False
    orders: int = 0
    """Synthetic orders sent in it."""
    drill: bool = False
    awaiting: str = ""
    """Ids of the endpoints whose person has been told and has not acknowledged, space between."""
    unit_silent_at: datetime | None = None
    """When a receiving unit had not acknowledged in time: clinics ring before they fax."""
    audience: str = ""
    """Ids of the endpoints that alone are told, space between; empty: whom it concerns."""
    partial: bool = False
    """A share of the orders was lost: a few that arrive do not show that it is over."""
    sender: str = ""
    """The one sender whose orders were lost, whose own must show that it is over."""

    @property
    def awaited(self) -> frozenset[str]:
        """Ids of the endpoints whose acknowledgement is missing."""
        return frozenset(self.awaiting.split())

    def concerns(self, endpoint: str) -> bool:
        """True if the endpoint may be told of it at all."""
        return not self.audience or endpoint in self.audience.split()

    @property
    def is_outage(self) -> bool:
        """Declared, and neither cleared nor closed."""
        return self.declared_at is not None and self.cleared_at is None

    @property
    def is_over(self) -> bool:
        return self.cleared_at is not None or self.closed_at is not None or self.unconfirmed

    @property
    def status(self) -> str:
        """suspected, unconfirmed, declared, recovering, cleared or closed."""
        if self.closed_at is not None:
            return "closed"
        if self.unconfirmed:
            return "unconfirmed"
        if self.cleared_at is not None:
            return "cleared"
        if self.declared_at is None:
            return "suspected"
        return "recovering" if self.recovering_at is not None else "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentEvent:
    """One entry of an incident's timeline."""

    incident: str
    number: int
    kind: EventKind
    at: datetime
    because: Text
    evidence: Text | None = None
    """The auditor's sentence, of what the detector decided."""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectWindow:
    """Referrals sent between `since` and `until` may be missing in the RIS; None: still open."""

    incident: str
    path: str
    since: datetime | None
    until: datetime | None
