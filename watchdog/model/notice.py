"""What somebody is told, as it is stored before it is sent."""

from dataclasses import dataclass
from datetime import datetime


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
    attempts: int = 0
    next_attempt_at: datetime | None = None
    delivered_at: datetime | None = None
    last_error: str = ""
