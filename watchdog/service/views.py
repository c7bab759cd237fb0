"""What is shown of a path, and of how one clinic sends a referral now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from watchdog.detection.effective import Effective, Snapshot
from watchdog.model.incident import Incident, SuspectWindow
from watchdog.model.instruction import Clinic, Instruction, Validity
from watchdog.model.outage import Urgency, Workflow
from watchdog.model.routine import Routine
from watchdog.model.site import Watched
from watchdog.model.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PathView:
    """Everything that is shown of one path."""

    config: Watched
    snapshot: Snapshot
    since: datetime
    evaluated_at: datetime
    last_good_at: datetime | None
    last_arrival_at: datetime | None
    incident: Incident | None
    recent: tuple[Incident, ...]
    open_orders: int
    sending: str
    p99_s: float
    seen_scenario: str = ""
    """Which scenario the states of the site's systems are; empty: the path's own."""

    @property
    def scenario(self) -> str:
        """The scenario of the routine that applies if the path is out."""
        return self.seen_scenario or self.config.scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicView:
    """How one clinic sends a referral now."""

    clinic: Clinic
    unit: str
    path: PathView
    effective: Effective
    workflow: Mapping[Urgency, Workflow]
    instructions: Mapping[Urgency, Instruction]
    """What the routine says, per urgency; empty while the routine is not in force."""
    headline: Text
    severity: str
    changes_at: datetime | None
    suspect_windows: tuple[SuspectWindow, ...]
    routine: Routine
    validity: Validity
    also: "tuple[AlsoView, ...]" = ()
    """Other chapters of the routine that are in force at the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlsoView:
    """Another disturbance of the clinic's site, and what the routine says of it."""

    view: PathView
    instructions: Mapping[Urgency, Instruction]
