"""What the pure rules of incidents know of the moment, and what they give back."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watchdog.model.endpoint import Endpoint
from watchdog.model.incident import EventKind, Incident, IncidentEvent
from watchdog.model.site import SiteConfig, Watched
from watchdog.model.text import Text

Step = tuple[Incident | None, list[IncidentEvent]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What an incident needs to know of its path and of this moment."""

    path: Watched
    site: SiteConfig
    now: datetime
    mono: float
    fresh_id: str
    """The id that a new incident would get."""
    scenario: str = ""
    """The chapter of the routine that applies; empty: the path's own."""
    asked: tuple[Endpoint, ...] = ()
    """Who must acknowledge when clinics change to paper."""
    contradicted: bool = False
    """Another watchdog says that the path is out, or not quite back: no all-clear."""
    last_good_at: datetime | None = None
    """When the newest order known to have arrived was sent; None: none is known."""

    def wall(self, mono: float | None) -> datetime | None:
        """The wall time of a monotonic moment."""
        return None if mono is None else self.now - timedelta(seconds=self.mono - mono)


def told(incident: Incident, setting: Setting, because: Text, by: str = "") -> Step:
    """Something that IT and the duty officer must hear, and that changes no phase."""
    numbered = replace(incident, number=incident.number + 1)
    return numbered, [event_of(numbered, EventKind.UPDATED, setting.now, because, by=by)]


def event_of(
    incident: Incident, kind: EventKind, at: datetime, because: Text, by: str = ""
) -> IncidentEvent:
    """The event that gave the incident its present number."""
    return IncidentEvent(
        incident=incident.id, number=incident.number, kind=kind, at=at, because=because, by=by
    )
