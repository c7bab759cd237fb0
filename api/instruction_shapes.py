"""The JSON of an instruction: what a site's routine says for one urgency, this minute. Additive only."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from watchdog.model.outage import Urgency, Workflow


class Shape(BaseModel):
    """Base of every document."""

    model_config = ConfigDict(extra="forbid")


class TextShape(Shape):
    sv: str
    en: str


Said = TextShape | str
"""Both languages in status documents; one, where the language was asked for."""


class StatementShape(Shape):
    text: Said
    source: list[str]
    """Ids of the seed facts that it expresses; empty where the statement is our own."""
    ours: bool
    audience: str


class FaxShape(Shape):
    unit: str | None
    number: str
    """Digit for digit as the routine has it."""
    e164: str | None
    manned_now: bool | None
    """null: the routine gives no hours."""
    next_manned_at: datetime | None
    assumed: bool
    """Manned or not rests on hours that the routine does not state."""
    flags: list[str]
    source: list[str]


class PhoneShape(Shape):
    purpose: Said
    number: str
    e164: str | None
    reason: Said
    assumed: bool
    dial: Said | None
    flags: list[str]
    source: list[str]


class MailboxShape(Shape):
    purpose: Said
    address: str
    source: list[str]


class ImagesShape(Shape):
    electronic: bool
    where: list[str]
    """`none`: images that exist cannot be seen anywhere; `media`: new ones are kept on media."""
    source: list[str]
    note: Said | None


class ReportsShape(Shape):
    channel: str
    ours: bool
    """The routine does not say; that nothing changes is our assumption."""


class ReferralsShape(Shape):
    electronic: bool


class RouteShape(Shape):
    id: str
    name: Said
    usable: bool
    checked: bool
    reason: Said
    source: list[str]


class CauseShape(Shape):
    text: Said
    rank: str
    """shown, likely, possible or ruled_out."""
    evidence: list[str]
    source: list[str]


class FormShape(Shape):
    id: str
    name: Said
    where: Said
    url: str | None
    """Where it is to be had as PDF; null if it is the hospital's own only."""


class RoutineShape(Shape):
    document_id: str | None
    version: str | None
    valid_from: date | None
    valid_to: date | None
    expired: bool
    banner: Said | None
    """Shown above everything from sixty days before the document expires (H20)."""


class InstructionShape(Shape):
    """What the site's routine says for one urgency, this minute."""

    site: str
    scenario: str
    unit: str
    urgency: Urgency
    audience: str
    workflow: Workflow
    workflow_ours: bool
    """The routine is silent on this urgency; the workflow is our cautious default."""
    headline: Said
    steps: list[StatementShape]
    first_actions: list[StatementShape]
    on_form: list[StatementShape]
    fax: list[FaxShape]
    """The one to use first comes first."""
    phones: list[PhoneShape]
    """The one to ring first comes first."""
    mail: list[MailboxShape]
    images: ImagesShape
    reports: ReportsShape
    referrals: ReferralsShape
    routes: list[RouteShape]
    causes: list[CauseShape]
    forms: list[FormShape]
    already_sent: list[StatementShape]
    recovery: list[StatementShape]
    unsaid: list[StatementShape]
    warnings: list[StatementShape]
    routine: RoutineShape
    changes_at: datetime | None


class InstructionAtShape(InstructionShape):
    """The same for a minute that was asked for."""

    at: datetime
