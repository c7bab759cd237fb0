"""The shape of a routine file, version 1. What is not named here is refused."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from watchdog.model.outage import Workflow
from watchdog.model.routine import ContactKind, Span

WHERE = Literal["ids7_web", "modality", "pacs", "media", "picsara", "bfr", "none"]
CHANNEL = Literal["electronic", "fax", "oral", "later"]
MOST_HEADLINE = 90
MOST_STEP = 140
MOST_NOTE = 300


def _clock(value: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise ValueError(f'{value!r} is not a time of day: write it as "15:30", in quotes')
    return value


ClockTime = Annotated[str, AfterValidator(_clock)]
FactId = Annotated[str, Field(pattern=r"^[A-Z][0-9]*-[0-9]{2}$")]
"""A row of the seed facts; another hospital's own list may use another letter."""
UrgencyName = Literal["very_urgent", "urgent", "non_urgent"]
AudienceName = Literal["clinic", "radiology", "external_reader", "it", "archive", "all"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TextFile(_Strict):
    """A sentence in both languages."""

    sv: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class Headline(TextFile):
    sv: Annotated[str, Field(min_length=1, max_length=MOST_HEADLINE)]
    en: Annotated[str, Field(min_length=1, max_length=MOST_HEADLINE)]


class StepText(TextFile):
    sv: Annotated[str, Field(min_length=1, max_length=MOST_STEP)]
    en: Annotated[str, Field(min_length=1, max_length=MOST_STEP)]


class NoteText(TextFile):
    sv: Annotated[str, Field(min_length=1, max_length=MOST_NOTE)]
    en: Annotated[str, Field(min_length=1, max_length=MOST_NOTE)]


class DocumentFile(_Strict):
    id: str | None = None
    version: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: list[FactId]


class UnitFile(_Strict):
    name: TextFile


class NamedFile(_Strict):
    name: TextFile
    source: list[FactId]


class HoursFile(_Strict):
    span: Span
    start: ClockTime | None = None
    until: ClockTime | None = None
    overrides: bool = False


class ContactFile(_Strict):
    id: Name
    kind: ContactKind
    number: Annotated[str, Field(min_length=3)]
    purpose: TextFile
    hours: HoursFile
    source: Annotated[list[FactId], Field(min_length=1)]
    unit: Name | None = None
    topic: str = ""
    audiences: Annotated[list[AudienceName], Field(min_length=1)] = ["clinic"]
    scenarios: list[Name] = []
    dial: StepText | None = None
    fixed: bool = True


class FormFile(_Strict):
    name: TextFile
    where: TextFile
    source: list[FactId]
    audience: AudienceName = "clinic"


class StatementFile(_Strict):
    text: StepText
    source: list[FactId]
    audience: AudienceName = "clinic"
    urgencies: Annotated[list[UrgencyName], Field(min_length=1)] | None = None
    units: list[Name] = []
    hours: HoursFile | None = None
    ours: bool = False


class NoteFile(_Strict):
    """Something about the document, which no minute depends on."""

    text: NoteText
    source: Annotated[list[FactId], Field(min_length=1)]
    audience: AudienceName = "clinic"


class WorkflowFile(_Strict):
    very_urgent: Workflow
    urgent: Workflow
    non_urgent: Workflow
    ours: list[UrgencyName] = []


class ReferralsFile(_Strict):
    electronic: bool
    source: list[FactId]


class ImagesFile(_Strict):
    electronic: bool
    where: Annotated[list[WHERE], Field(min_length=1)]
    source: list[FactId]
    note: TextFile | None = None


class ReportsFile(_Strict):
    channel: CHANNEL
    very_urgent: CHANNEL | None = None
    urgent: CHANNEL | None = None
    non_urgent: CHANNEL | None = None
    source: list[FactId]
    ours: bool = False


class BlockedFile(_Strict):
    since: date
    reason: TextFile
    source: list[FactId]


class RouteFile(_Strict):
    id: Name
    name: TextFile
    via: list[Name] = []
    units: list[Name] = []
    reason: TextFile
    source: Annotated[list[FactId], Field(min_length=1)]
    blocked: BlockedFile | None = None


class CauseFile(_Strict):
    text: TextFile
    source: Annotated[list[FactId], Field(min_length=1)]
    systems: list[Name] = []
    by_rejection: bool = False


class ScenarioFile(_Strict):
    title: TextFile
    headline: Headline
    workflow: WorkflowFile
    referrals: ReferralsFile
    images: ImagesFile
    reports: ReportsFile
    steps: Annotated[list[StatementFile], Field(min_length=1)]
    already_sent: list[StatementFile]
    recovery: Annotated[list[StatementFile], Field(min_length=1)]
    on_form: list[StatementFile] = []
    first_actions: list[StatementFile] = []
    forms: list[Name] = []
    routes: list[RouteFile] = []
    causes: Name | None = None
    fax_to: Name | None = None
    unsaid: list[StatementFile] = []


class RoutineFile(_Strict):
    schema_: Annotated[Literal[1], Field(alias="schema")]
    site: Name
    title: TextFile
    document: DocumentFile
    units: Annotated[dict[Name, UnitFile], Field(min_length=1)]
    contacts: list[ContactFile]
    systems: dict[Name, NamedFile] = {}
    roles: list[NamedFile] = []
    links: list[NamedFile] = []
    about: list[NoteFile] = []
    forms: dict[Name, FormFile] = {}
    causes: dict[Name, list[CauseFile]] = {}
    scenarios: Annotated[dict[Name, ScenarioFile], Field(min_length=1)]
    unsaid: list[NoteFile] = []
    flags: list[NoteFile] = []
