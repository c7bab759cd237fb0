"""What one clinic does this minute: the answer of a routine for one urgency."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum

from watchdog.model.outage import Urgency, Workflow
from watchdog.model.routine import Audience, Cause, Form, Images, Statement
from watchdog.model.text import Text


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
class Moment:
    """Everything of a minute that a routine's answer hangs on; equal moments, equal answers."""

    manned: Mapping[str, bool | None]
    """By contact id; None: the routine gives no hours."""
    doubtful: frozenset[str]
    """Contacts within half an hour of a boundary that only the configuration states."""
    assumed: frozenset[str]
    """Contacts whose present answer rests on such a boundary."""
    opens_at: Mapping[str, datetime]
    """When a contact that is closed opens next."""
    in_hours: frozenset[str]
    """Spans of statements that hold now."""
    unverified: frozenset[str]
    """Flagged contacts and blocked routes that no person has vouched for in twelve months."""
    expired: bool
    expires_soon: bool
    """Within sixty days."""
    changes_at: datetime | None
    """When any of this next changes by the clock alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fax:
    unit: str | None
    unit_name: Text
    number: str
    e164: str | None
    manned_now: bool | None
    next_manned_at: datetime | None
    assumed: bool
    """That it is manned or not rests on hours that the routine does not state."""
    flags: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    purpose: Text
    number: str
    e164: str | None
    reason: Text
    assumed: bool
    dial: Text | None
    flags: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    purpose: Text
    address: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteNow:
    """A way for images, and whether it can be taken now."""

    id: str
    name: Text
    usable: bool
    checked: bool
    """Every system that it crosses was seen to work or fail; False: nobody looked."""
    reason: Text
    source: tuple[str, ...]


class Rank(IntEnum):
    """How much speaks for a cause."""

    RULED_OUT = 0
    POSSIBLE = 1
    LIKELY = 2
    SHOWN = 3


@dataclass(frozen=True, slots=True)
class Ranked:
    """A cause, how much speaks for it, and what that is."""

    cause: Cause
    rank: Rank
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    document_id: str | None
    version: str | None
    valid_from: date | None
    valid_to: date | None
    expired: bool
    banner: Text | None
    """That it expires soon, has expired, or never said how long it is valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """What one clinic does this minute, for one urgency."""

    site: str
    scenario: str
    unit: str
    urgency: Urgency
    audience: Audience
    workflow: Workflow
    workflow_ours: bool
    """The routine is silent on this urgency; the workflow is our cautious default."""
    headline: Text
    steps: tuple[Statement, ...]
    first_actions: tuple[Statement, ...]
    on_form: tuple[Statement, ...]
    fax: tuple[Fax, ...]
    phones: tuple[Phone, ...]
    mail: tuple[Mailbox, ...]
    images: Images
    report_channel: str
    report_ours: bool
    """The routine does not say how the report comes; that nothing changes is our assumption."""
    referrals_electronic: bool
    routes: tuple[RouteNow, ...]
    causes: tuple[Ranked, ...]
    forms: tuple[Form, ...]
    already_sent: tuple[Statement, ...]
    recovery: tuple[Statement, ...]
    unsaid: tuple[Statement, ...]
    warnings: tuple[Statement, ...]
    """Oddities of the document that a person must know of, its expiry first."""
    routine: Validity
    changes_at: datetime | None
    """When the answer next changes by the clock alone: a contact opens or closes."""
