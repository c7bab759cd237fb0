"""A clear against failing probes: two persons, a reason, and half an hour at most (hazard R10)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST = timedelta(minutes=30)
ASKED_FOR = timedelta(minutes=15)
"""How long a request waits for its second person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One request; in force from `granted_at` to `ends_at`, then the probes decide again."""

    id: str
    incident: str
    path: str
    reason: str
    asked_by: str
    asked_at: datetime
    granted_by: str = ""
    granted_at: datetime | None = None
    ends_at: datetime | None = None
    told_end: bool = False
    """Its end stands in the incident's timeline."""
