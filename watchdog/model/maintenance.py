"""A planned window: when a path is worked on, and who answers for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST = timedelta(hours=8)
"""Hazard H17: a wide window would teach people to look away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Planned work on one path."""

    id: str
    path: str
    starts_at: datetime
    ends_at: datetime
    owner: str
    """The named person who answers for it."""
    reason: str
    by: str
    """Who entered it."""
    cancelled_at: datetime | None = None
