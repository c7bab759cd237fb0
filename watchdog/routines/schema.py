"""The shape of a routine file, version 1. What is not named here is refused."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from watchdog.model.outage import Workflow
from watchdog.model.routine import Audience, ContactKind, Span

WHERE = Literal["ids7_web", "modality", "pacs", "media", "picsara", "bfr", "none"]
CHANNEL = Literal["electronic", "fax", "oral", "later"]
MOST_HEADLINE = 90
MOST_STEP = 140


def _clock(value: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise ValueError(f'{value!r} is not a time of day: write it as "15:30", in quotes')
    return value


ClockTime = Annotated[str, AfterValidator(_clock)]
FactId = Annotated[str, Field(pattern=r"^(S[0-9]+|X)-[0-9]{2}$")]
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


class DocumentFile(_Strict):
    id: str | None = None
    version: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: list[FactId]


class UnitFile(_Strict):
    name: TextFile


class HoursFile(_Strict):
    span: Span
    start: ClockTime | None = None
    until: ClockTime | None = None
    overrides: bool = False


class ContactFile(_Strict):
    id: Name
    kind: ContactKind
    number: str
    purpose: TextFile
    hours: HoursFile
    source: list[FactId]
    unit: Name | None = None
    audience: Audience = Audience.CLINIC
    dial: TextFile | None = None
    fixed: bool = True


class FormFile(_Strict):
    name: TextFile
    where: TextFile
    source: list[FactId]
    audience: Audience = Audience.CLINIC


class StatementFile(_Strict):
    text: StepText
    source: list[FactId]
    audience: Audience = Audience.CLINIC
    urgencies: list[Literal["very_urgent", "urgent", "non_urgent"]] | None = None
    ours: bool = False


class WorkflowFile(_Strict):
    very_urgent: Workflow
    urgent: Workflow
    non_urgent: Workflow


class ReferralsFile(_Strict):
    electronic: bool
    source: list[FactId]


class ImagesFile(_Strict):
    electronic: bool
    where: list[WHERE]
    source: list[FactId]


class ReportsFile(_Strict):
    channel: CHANNEL
    source: list[FactId]


class RouteFile(_Strict):
    id: Name
    name: TextFile
    usable: bool
    reason: TextFile
    source: list[FactId]


class ScenarioFile(_Strict):
    title: TextFile
    headline: Headline
    workflow: WorkflowFile
    referrals: ReferralsFile
    images: ImagesFile
    reports: ReportsFile
    steps: list[StatementFile]
    already_sent: list[StatementFile]
    recovery: list[StatementFile]
    forms: list[Name] = []
    routes: list[RouteFile] = []
    unsaid: list[StatementFile] = []


class RoutineFile(_Strict):
    schema_: Annotated[Literal[1], Field(alias="schema")]
    site: Name
    title: TextFile
    document: DocumentFile
    units: dict[Name, UnitFile]
    contacts: list[ContactFile]
    forms: dict[Name, FormFile] = {}
    scenarios: dict[Name, ScenarioFile]
    unsaid: list[StatementFile] = []
    flags: list[StatementFile] = []
