"""A site's downtime routine as data, and the instruction that follows from it for one minute."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from watchdog.model.outage import Urgency, Workflow
from watchdog.model.text import Text


class Audience(StrEnum):
    """For whom a statement is; `all` is a question, not a label."""

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
    CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When a contact is manned. Half-open: at `until` sharp nobody is there any more."""

    span: Span
    start: time | None = None
    until: time | None = None
    overrides: bool = False
    """In these hours this contact replaces the others of its purpose."""


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
    """A number exactly as the routine has it, with what may be said about it."""

    id: str
    kind: ContactKind
    number: str
    e164: str | None
    purpose: Text
    hours: Hours
    source: tuple[str, ...]
    unit: str | None = None
    audience: Audience = Audience.CLINIC
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
    ours: bool = False
    """Not from the routine: our own cautious default where it is silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    electronic: bool
    where: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    channel: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A way for images when the usual one is closed."""

    id: str
    name: Text
    usable: bool
    reason: Text
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    id: str
    name: Text
    where: Text
    source: tuple[str, ...]
    audience: Audience = Audience.CLINIC


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRules:
    """One chapter of a routine."""

    id: str
    title: Text
    headline: Text
    workflow: dict[Urgency, Workflow]
    referrals_electronic: bool
    referrals_source: tuple[str, ...]
    images: Images
    reports: Reports
    steps: tuple[Statement, ...]
    already_sent: tuple[Statement, ...]
    recovery: tuple[Statement, ...]
    forms: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    unsaid: tuple[Statement, ...] = ()


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
    units: dict[str, Text]
    contacts: tuple[Contact, ...]
    forms: dict[str, Form]
    scenarios: dict[str, ScenarioRules]
    unsaid: tuple[Statement, ...] = ()
    flags: tuple[Statement, ...] = ()
    assumed: AssumedHours = field(default_factory=AssumedHours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinic:
    """A referring unit that asks how to send a referral now."""

    id: str
    name: Text
    hsa_id: str
    site: str
    path: str
    unit: str
    units: tuple[str, ...]
    record_system: str
    reply_fax: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fax:
    unit: str | None
    number: str
    e164: str | None
    manned_now: bool | None
    next_manned_at: datetime | None
    flags: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    purpose: Text
    number: str
    e164: str | None
    reason: Text
    dial: Text | None
    flags: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    document_id: str | None
    version: str | None
    valid_from: date | None
    valid_to: date | None
    expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """What one clinic does this minute, for one urgency."""

    site: str
    scenario: str
    unit: str
    urgency: Urgency
    workflow: Workflow
    headline: Text
    steps: tuple[Statement, ...]
    fax: tuple[Fax, ...]
    phones: tuple[Phone, ...]
    images: Images
    reports: Reports
    referrals_electronic: bool
    routes: tuple[Route, ...]
    forms: tuple[Form, ...]
    already_sent: tuple[Statement, ...]
    recovery: tuple[Statement, ...]
    unsaid: tuple[Statement, ...]
    routine: Validity
    changes_at: datetime | None
    """When the answer next changes by the clock alone: a contact opens or closes."""
