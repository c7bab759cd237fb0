"""The JSON that we promise: additive only, unknown values must be read as `unknown` by clients."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.instruction_shapes import InstructionShape, RoutineShape, Shape, TextShape
from watchdog.model.outage import Reason, State, Urgency, Workflow


class WindowShape(Shape):
    incident: str
    path: str
    since: Annotated[datetime | None, Field(serialization_alias="from")]
    until: Annotated[datetime | None, Field(serialization_alias="to")]


class BannerShape(Shape):
    severity: str
    headline: TextShape


class AlsoShape(Shape):
    """Another disturbance of the clinic's site."""

    watched: str
    scenario: str
    incident: str | None
    headline: TextShape
    instruction: dict[Urgency, InstructionShape]


class ClinicShape(Shape):
    """How one clinic sends a referral now."""

    schema_: Annotated[str, Field(serialization_alias="schema")] = "se.remissvakt.clinic/1"
    instance: str
    epoch: int
    revision: int
    evaluated_at: datetime
    valid_for_s: float
    valid_until: datetime
    clinic: str
    hsa_id: str
    site: str
    unit: str
    path: str
    state: State
    reason: Reason
    because: TextShape
    stale: bool
    incident: str | None
    workflow: dict[Urgency, Workflow]
    instruction: dict[Urgency, InstructionShape] | None
    """Per urgency while the downtime routine is in force, else null."""
    banner: BannerShape
    changes_at: datetime | None
    suspect_windows: list[WindowShape]
    also: list[AlsoShape]
    """Other chapters of the routine in force at the site, as PACS down beside well referrals."""
    routine: RoutineShape


class CoverageShape(Shape):
    entry_port: str
    sending_party: str
    message_type: str
    not_exercised: list[str]


class PathShape(Shape):
    """One path."""

    id: str
    name: TextShape
    site: str
    hops: list[str]
    state: State
    reason: Reason
    because: TextShape
    stale: bool
    since: datetime
    evaluated_at: datetime
    last_good_at: datetime | None
    """When the newest order known to have arrived was sent."""
    last_arrival_at: datetime | None
    declared_at: datetime | None
    incident: str | None
    workflow: dict[Urgency, Workflow]
    suspect_window: WindowShape | None
    sending: str
    """on, stopped, rejected or uncommissioned; none: nothing is sent here."""
    own_state: State
    """What this watchdog's own evidence says; what other watchdogs ask for."""
    own_valid_for_s: float
    disagreement: bool
    """Another watchdog says `outage`, and our own evidence does not."""
    open_orders: int
    normal_s: float | None
    """The time in which 99 of 100 orders arrive, as learned; null in a process that only answers."""
    readers: list[str]
    coverage: CoverageShape | None
    """null where no synthetic order is sent: watched by its systems' probes."""


class PeerShape(Shape):
    """Another watchdog of the same paths."""

    id: str
    heard: bool
    """Its newest answer may still be believed."""


class WatchdogShape(Shape):
    """The watchdog itself; never a state of what it watches."""

    fitness: Literal["pass", "warn", "fail", "unknown"]
    """The worst of its newest look at itself; unknown: none lately, or this process only answers."""
    wanting: list[str]
    """Checks that did not pass, as `/healthz` names them: `outbox:oldestAge` is notices that wait."""
    peers: list[PeerShape]


class StatusShape(Shape):
    """Every path."""

    schema_: Annotated[str, Field(serialization_alias="schema")] = "se.remissvakt.status/1"
    instance: str
    epoch: int
    revision: int
    evaluated_at: datetime
    valid_for_s: float
    valid_until: datetime
    state: State
    paths: list[PathShape]
    watchdog: WatchdogShape


class SiteWatchedShape(Shape):
    """One path or group of a site, and what the routine says while it is out."""

    id: str
    name: TextShape
    state: State
    reason: Reason
    because: TextShape
    stale: bool
    since: datetime
    incident: str | None
    scenario: str
    workflow: dict[Urgency, Workflow]
    instruction: dict[Urgency, InstructionShape] | None
    """Per urgency while the downtime routine is in force, else null."""
    suspect_window: WindowShape | None


class SiteShape(Shape):
    """A whole site, or one of its receiving units."""

    schema_: Annotated[str, Field(serialization_alias="schema")] = "se.remissvakt.site/1"
    instance: str
    epoch: int
    revision: int
    evaluated_at: datetime
    valid_for_s: float
    valid_until: datetime
    site: str
    unit: str
    audience: str
    state: State
    watched: list[SiteWatchedShape]
    routine: RoutineShape


class EventShape(Shape):
    number: int
    kind: str
    at: datetime
    because: TextShape
    evidence: TextShape | None
    by: str


class IncidentShape(Shape):
    """One outage with its beginning, cause and end."""

    id: str
    path: str
    site: str
    scenario: str
    status: str
    reason: Reason
    opened_at: datetime
    declared_at: datetime | None
    advised_at: datetime | None
    recovering_at: datetime | None
    cleared_at: datetime | None
    closed_at: datetime | None
    suspect_window: WindowShape
    by_hand: bool
    possibly_caused_by_probe: bool
    drill: bool
    """Nothing has happened: the chain of notices is exercised."""
    orders: int
    awaiting: list[str]
    """Endpoints whose person has been told and has not acknowledged."""
    timeline: list[EventShape] | None = None


class IncidentsShape(Shape):
    incidents: list[IncidentShape]


class Problem(Shape):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str


class SubscriptionShape(Shape):
    """Somebody who is told."""

    id: str
    role: str
    sites: list[str]
    unit: str | None
    url: str
    mail: str
    events: list[str]
    """Empty: what the role is told."""
    days: str | None
    opens: Annotated[str | None, Field(serialization_alias="from")]
    closes: Annotated[str | None, Field(serialization_alias="to")]
    configured: bool
    """In the configuration file; it cannot be ended here."""


class SubscriptionsShape(Shape):
    subscriptions: list[SubscriptionShape]


class Done(Shape):
    outcome: str
    detail: str
