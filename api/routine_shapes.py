"""The JSON of a routine as a document, and of whom to reach at a minute. Additive only."""

from datetime import datetime

from api.instruction_shapes import (
    ImagesShape,
    ReferralsShape,
    RoutineShape,
    Said,
    Shape,
    StatementShape,
)
from watchdog.model.outage import Urgency, Workflow


class NamedShape(Shape):
    name: Said
    source: list[str]


class ChapterShape(Shape):
    """One scenario of a routine."""

    title: Said
    headline: Said
    workflow: dict[Urgency, Workflow]
    workflow_ours: list[Urgency]
    referrals: ReferralsShape
    images: ImagesShape
    reports: dict[Urgency, str]
    first_actions: list[StatementShape]
    steps: list[StatementShape]
    on_form: list[StatementShape]
    already_sent: list[StatementShape]
    recovery: list[StatementShape]
    unsaid: list[StatementShape]
    forms: list[str]
    routes: list[NamedShape]


class RoutineDocumentShape(Shape):
    """A whole routine, for one audience."""

    site: str
    title: Said
    routine: RoutineShape
    about: list[StatementShape]
    units: dict[str, Said]
    systems: dict[str, NamedShape]
    roles: list[NamedShape]
    links: list[NamedShape]
    causes: dict[str, list[NamedShape]]
    scenarios: dict[str, ChapterShape]
    unsaid: list[StatementShape]
    warnings: list[StatementShape]


class ContactShape(Shape):
    """One number or mailbox at one minute."""

    id: str
    kind: str
    unit: str | None
    purpose: Said
    number: str
    """Digit for digit as the routine has it."""
    e164: str | None
    manned_now: bool | None
    next_manned_at: datetime | None
    assumed: bool
    near_assumed_hour: bool
    """Within half an hour of an hour that the routine does not state."""
    dial: Said | None
    flags: list[str]
    flags_said: list[Said]
    source: list[str]


class ContactsShape(Shape):
    """Whom to reach at a site."""

    site: str
    at: datetime
    changes_at: datetime | None
    contacts: list[ContactShape]
