"""A site's downtime routine as data: what the document says, before anyone asks it anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from watchdog.model.outage import Urgency, Workflow
from watchdog.model.text import Text


class Audience(StrEnum):
    """For whom a statement is; `all`: for everybody, or everything that there is."""

    CLINIC = "clinic"
    RADIOLOGY = "radiology"
    EXTERNAL_READER = "external_reader"
    IT = "it"
    ARCHIVE = "archive"
    ALL = "all"


class Span(StrEnum):
    """Named hours of a routine; the clock times of some come from the site's configuration."""

    ALWAYS = "always"
    UNSTATED = "unstated"
    """The routine gives no hours: whether somebody is there is not known."""
    DAYTIME = "daytime"
    ON_CALL = "on_call"
    OFFICE_HOURS = "office_hours"
    OUT_OF_OFFICE = "out_of_office"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When a contact is manned. Half-open: at `until` sharp nobody is there any more."""

    span: Span
    start: time | None = None
    until: time | None = None
    overrides: bool = False
    """In these hours this contact replaces the others of its topic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumedHours:
    """Clock times that no routine states; from the site's configuration, shown as assumed."""

    day_start: time = time(7, 30)
    day_end: time = time(16, 30)
    office_start: time = time(8, 0)
    office_end: time = time(16, 30)


class ContactKind(StrEnum):
    FAX = "fax"
    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A number or mailbox exactly as the routine has it, with what may be said about it."""

    id: str
    kind: ContactKind
    number: str
    e164: str | None
    purpose: Text
    hours: Hours
    source: tuple[str, ...]
    unit: str | None = None
    topic: str = ""
    """Contacts of one topic stand in for each other by the hour; empty: this one stands alone."""
    audiences: tuple[Audience, ...] = (Audience.CLINIC,)
    scenarios: tuple[str, ...] = ()
    """The chapters in which it is used; empty: all."""
    dial: Text | None = None
    """Menu choices and words to say."""
    flags: tuple[str, ...] = ()
    """Oddities that a person must see before using it; never repaired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing that the routine says, with the seed facts that it expresses."""

    text: Text
    source: tuple[str, ...]
    audience: Audience = Audience.CLINIC
    urgencies: tuple[Urgency, ...] = tuple(Urgency)
    units: tuple[str, ...] = ()
    """Only for these units; empty: for all."""
    hours: Hours | None = None
    """Only in these hours; None: always."""
    ours: bool = False
    """Not from the routine: our own cautious default where it is silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    electronic: bool
    """Images can be seen or sent the ordinary electronic way."""
    where: tuple[str, ...]
    """Where they are to be had meanwhile; `none`: those that exist cannot be seen anywhere."""
    source: tuple[str, ...]
    note: Text | None = None
    """What these words cover, where a reader could take them for more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """How the report comes back, per urgency."""

    channel: Mapping[Urgency, str]
    source: tuple[str, ...]
    ours: bool = False
    """The routine does not say how; that nothing changes is our assumption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """The routine itself says that a route does not work; so it is until a person clears it."""

    since: date
    reason: Text
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A way for images when the usual one is closed: an edge list through systems, in order."""

    id: str
    name: Text
    via: tuple[str, ...]
    """Systems that it crosses, nearest first; all of them must work. Empty: none that we watch."""
    reason: Text
    source: tuple[str, ...]
    units: tuple[str, ...] = ()
    """Units that the routine gives it to; empty: all."""
    blocked: Blocked | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One line of a routine's cause list."""

    source: tuple[str, ...]
    text: Text
    systems: tuple[str, ...] = ()
    """Whose failure it is; empty: nothing that we look at can show it."""
    by_rejection: bool = False
    """Shown when the far node answers and rejects us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    id: str
    name: Text
    where: Text
    source: tuple[str, ...]
    audience: Audience = Audience.CLINIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A system, role or linked document that the routine names."""

    name: Text
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRules:
    """One chapter of a routine."""

    id: str
    title: Text
    headline: Text
    workflow: Mapping[Urgency, Workflow]
    workflow_ours: tuple[Urgency, ...] = ()
    """Urgencies whose workflow is our cautious default, for the routine is silent."""
    referrals_electronic: bool
    referrals_source: tuple[str, ...]
    images: Images
    reports: Reports
    steps: tuple[Statement, ...]
    already_sent: tuple[Statement, ...]
    recovery: tuple[Statement, ...]
    on_form: tuple[Statement, ...] = ()
    """What to write on the paper."""
    first_actions: tuple[Statement, ...] = ()
    """What is tried before anything else, in this order."""
    forms: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    causes: str = ""
    """The cause list that belongs to it."""
    fax_to: str | None = None
    """The unit whose fax is used, whatever unit the clinic refers to."""
    unsaid: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A person's word that a flagged number is right, or that a blocked route works again."""

    what: str
    """The id of a contact or a route."""
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine:
    """A site's whole document."""

    site: str
    title: Text
    document_id: str | None
    version: str | None
    valid_from: date | None
    valid_to: date | None
    """Inclusive; None: the document does not say."""
    document_source: tuple[str, ...]
    units: dict[str, Text]
    contacts: tuple[Contact, ...]
    forms: dict[str, Form]
    scenarios: dict[str, ScenarioRules]
    systems: dict[str, Named] = field(default_factory=dict[str, Named])
    roles: tuple[Named, ...] = ()
    links: tuple[Named, ...] = ()
    """Documents, pages and places that it refers to."""
    about: tuple[Statement, ...] = ()
    """What it says of itself: purpose, scope, history."""
    causes: dict[str, tuple[Cause, ...]] = field(default_factory=dict[str, tuple[Cause, ...]])
    unsaid: tuple[Statement, ...] = ()
    flags: tuple[Statement, ...] = ()
    assumed: AssumedHours = field(default_factory=AssumedHours)
    verified: tuple[Verification, ...] = ()
