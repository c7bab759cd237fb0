"""What was decided and the database has not taken yet: told as it was decided, whenever it is stored."""

from dataclasses import dataclass

from watchdog.model.incident import Incident, IncidentEvent
from watchdog.model.notice import Notice


@dataclass(frozen=True, slots=True)
class Unstored:
    """One change of an incident, and who is to be told of it."""

    incident: Incident
    events: list[IncidentEvent]
    notices: list[Notice]
    """Written when it was decided: an all-clear that waits does not speak of the outage it ends."""
