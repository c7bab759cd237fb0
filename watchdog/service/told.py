"""What is told of one watched thing, and what of it still waits for the database."""

from dataclasses import dataclass, field

from watchdog.model.incident import Incident, IncidentEvent
from watchdog.model.notice import Notice
from watchdog.model.outage import State


@dataclass(frozen=True, slots=True)
class Unstored:
    """One change of an incident that the database has not taken yet, and who is to be told of it."""

    incident: Incident
    events: list[IncidentEvent]
    notices: list[Notice]
    """Written when it was decided: an all-clear that waits does not speak of the outage it ends."""


@dataclass(slots=True, kw_only=True)
class Told:
    """The incidents of a path, a group or a drill, as `recorder.py` keeps them."""

    incident: Incident | None = None
    held: Incident | None = None
    """Shown in its place while its end waits for the database."""
    recent: list[Incident] = field(default_factory=list[Incident])
    """Ended incidents whose suspect window still concerns clinics."""
    unstored: list[Unstored] = field(default_factory=list[Unstored])
    """Decided, and not yet taken by the database."""
    previous: State = State.UNKNOWN
    """What was published before the newest transition."""
    last_incident: str = ""
    """Id of its newest incident, ended or not: the next one follows it."""

    @property
    def shown(self) -> Incident | None:
        """The incident that may be told of."""
        return self.held or self.incident
