"""What somebody is told, as it is stored before it is sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

SET_BACK = timedelta(seconds=60)
"""Two nodes' clocks may differ by less; a notice from further ahead is of a clock that was set back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice to one endpoint."""

    id: str
    """UUIDv5 of event and endpoint: unique in the outbox."""
    event_id: str
    """UUIDv5 of incident and event number: `webhook-id`, the same for every endpoint and node."""
    endpoint: str
    incident: str
    kind: str
    body: str
    """The CloudEvents body, final; signed anew for each attempt."""
    created_at: datetime
    order: int
    """Delivered in this order per endpoint."""
    not_before: datetime | None = None
    """A rung of an escalation, or a reminder: due only then."""
    unless: str = ""
    """Id of the endpoint whose acknowledgement makes this notice needless; empty: always sent."""
    of: str = ""
    """Id of the notice that this one follows up."""
    attempts: int = 0
    next_attempt_at: datetime | None = None
    delivered_at: datetime | None = None
    dropped_at: datetime | None = None
    """It became needless before it was due."""
    last_error: str = ""
    refused_at: datetime | None = None
    """Since when its receiver will not have it: tried again all the same, but newer ones pass it."""

    def is_due(self, now: datetime) -> bool:
        """True if it may be sent.

        Escalation runs on wall time. Once that was set back, nobody knows by how much: then somebody
        is told rather too early than hours late.
        """
        if self.not_before is None or self.not_before <= now:
            return True
        return bool(self.of) and self.created_at > now + SET_BACK

    def is_aside(self, now: datetime) -> bool:
        """True while newer ones may pass it: it was refused, and its next try is still to come.

        A try further ahead than any is planned was set before the wall clock was set back: it is now.
        """
        next_at = self.next_attempt_at
        waits = next_at is not None and now < next_at <= now + SET_BACK
        return self.refused_at is not None and waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to deliver a notice."""

    notice: str
    number: int
    at: datetime
    took_ms: int
    outcome: str
    """Empty if it was taken; otherwise what went wrong, without anything that a receiver sent."""
