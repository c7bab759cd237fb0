"""What is told of one watched thing, and what of it still waits for the database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from watchdog.model.incident import Incident, IncidentEvent
from watchdog.model.notice import Notice
from watchdog.model.order import Order
from watchdog.model.outage import State
from watchdog.model.routine import Routine
from watchdog.model.site import SiteConfig, Watched

C = TypeVar("C", bound=Watched)


@dataclass(frozen=True, slots=True)
class Unstored:
    """One change of an incident that the database has not taken yet, and who is to be told of it."""

    incident: Incident
    events: list[IncidentEvent]
    notices: list[Notice]
    """Written when it was decided: an all-clear that waits does not speak of the outage it ends."""


@dataclass(slots=True, kw_only=True)
class Told(Generic[C]):
    """A path, a group or a drill with its incidents, as `recorder.py` keeps them."""

    config: C
    site: SiteConfig
    routine: Routine
    incident: Incident | None = None
    held: Incident | None = None
    """Shown in its place while its end waits for the database."""
    recent: list[Incident] = field(default_factory=list[Incident])
    """Ended incidents whose suspect window still concerns clinics."""
    unstored: list[Unstored] = field(default_factory=list[Unstored])
    """Decided, and not yet taken by the database."""
    previous: State = State.UNKNOWN
    """What was published before the newest transition."""
    last_heartbeat: float = float("-inf")
    """When its state was last stored for other processes, our monotonic clock."""
    last_incident: str = ""
    """Id of its newest incident, ended or not: the next one follows it."""

    @property
    def id(self) -> str:
        return self.config.id

    @property
    def watched(self) -> Watched:
        """What is configured of every kind of watched thing."""
        return self.config

    @property
    def shown(self) -> Incident | None:
        """The incident that may be told of."""
        return self.held or self.incident

    def missing(self) -> Sequence[Order]:
        """Orders of ours that have not arrived; none where no order travels."""
        return ()
