"""The wall card of a clinic: every chapter of its routine on paper, for when no network works (H32)."""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)
from reportlab.platypus.flowables import Flowable

from watchdog.forms.paper import BOLD, FONT, canvas
from watchdog.model.calendar import STOCKHOLM
from watchdog.model.instruction import Clinic
from watchdog.model.outage import Urgency
from watchdog.model.routine import Audience, Contact, ContactKind, Routine, ScenarioRules, Statement
from watchdog.routines import labels, phrases

MARGIN = 14 * mm
BODY = ParagraphStyle("body", fontName=FONT, fontSize=9.5, leading=12.5)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=8, leading=10.5)
STEP = ParagraphStyle("step", parent=BODY, leftIndent=12, bulletIndent=0)
CHAPTER = ParagraphStyle(
    "chapter", parent=BODY, fontName=BOLD, fontSize=12, leading=15, spaceBefore=7
)
LEAD = ParagraphStyle("lead", parent=BODY, fontName=BOLD, fontSize=10, leading=13)
TOP = ParagraphStyle("top", parent=BODY, fontName=BOLD, fontSize=16, leading=20)


def pdf(routine: Routine, clinic: Clinic, now: datetime) -> bytes:
    """One A4 card, as many pages as the routine needs; each says when it was made."""
    buffer = io.BytesIO()
    canvas(io.BytesIO(), "")  # registers the fonts
    title = f"Reservrutin – {clinic.name.sv}"
    made = f"{now.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"
    foot = f"{_identity(routine)} · utskrivet {made} · byts varje vecka"

    def footer(page: Any, document: Any) -> None:
        page.setFont(FONT, 8)
        page.drawString(MARGIN, 8 * mm, f"{foot} · sida {document.page}")

    document = BaseDocTemplate(
        buffer, pagesize=A4, title=title, author="Remissvakt", invariant=True,
        leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
    )  # fmt: skip
    frame = Frame(MARGIN, MARGIN, A4[0] - 2 * MARGIN, A4[1] - 2 * MARGIN, 0, 0, 0, 0)
    document.addPageTemplates([PageTemplate(frames=[frame], onPage=footer)])
    document.build([*_story(routine, clinic, title)])
    return buffer.getvalue()


def _story(routine: Routine, clinic: Clinic, title: str) -> Iterator[Flowable]:
    yield Paragraph(_safe(title), TOP)
    yield Paragraph(_safe(routine.title.sv), BODY)
    yield Paragraph(
        "Använd kortet när inget nätverk fungerar. Annars: fråga Remissvakt vad som gäller nu.",
        BODY,
    )
    for rules in routine.scenarios.values():
        yield KeepTogether([*_chapter(rules, clinic)])
    contacts = [*_contacts(routine)]
    if contacts:
        yield KeepTogether([Paragraph("Nummer", CHAPTER), _table(contacts)])
    for heading, statements in (
        ("Det här säger rutinen inte", routine.unsaid),
        ("Att känna till om rutinen", routine.flags),
    ):
        mine = [s for s in statements if s.audience in (Audience.CLINIC, Audience.ALL)]
        if mine:
            yield Paragraph(heading, CHAPTER)
            yield from (Paragraph(_safe(s.text.sv), SMALL, bulletText="–") for s in mine)


def _chapter(rules: ScenarioRules, clinic: Clinic) -> Iterator[Flowable]:
    yield Paragraph(_safe(rules.title.sv), CHAPTER)
    yield Paragraph(_safe(rules.headline.sv), LEAD)
    ways = "; ".join(
        f"{labels.URGENCIES[u].sv}: {labels.WORKFLOWS[rules.workflow[u]].sv}" for u in Urgency
    )
    yield Paragraph(_safe(f"{ways[0].upper()}{ways[1:]}."), BODY)
    steps = [s for s in rules.steps if _mine(s, clinic)]
    for number, step in enumerate(steps, 1):
        only = f" ({_whom(step)})" if len(step.urgencies) < len(Urgency) else ""
        yield Paragraph(_safe(f"{step.text.sv}{only}"), STEP, bulletText=f"{number}.")
    for statement in (s for s in rules.on_form if _mine(s, clinic)):
        yield Paragraph(_safe(f"På blanketten: {statement.text.sv}"), STEP, bulletText="*")
    where = ", ".join(labels.PLACES[place].sv for place in rules.images.where)
    channel = labels.CHANNELS[rules.reports.channel[Urgency.URGENT]].sv
    note = f" ({rules.images.note.sv})" if rules.images.note else ""
    assumed = " (rutinen säger inget; antaget)" if rules.reports.ours else ""
    yield Paragraph(_safe(f"Bilder: {where}{note}. Svaret kommer {channel}{assumed}."), BODY)
    after = [s.text.sv for s in rules.recovery if _mine(s, clinic)]
    if after:
        yield Paragraph(_safe("När det fungerar igen: " + " ".join(after)), SMALL)
    yield Spacer(1, 1.5 * mm)


def _mine(statement: Statement, clinic: Clinic) -> bool:
    units = not statement.units or clinic.unit in statement.units
    return statement.audience in (Audience.CLINIC, Audience.ALL) and units


def _whom(statement: Statement) -> str:
    return ", ".join(labels.URGENCIES[urgency].sv for urgency in statement.urgencies)


def _contacts(routine: Routine) -> Iterator[list[Paragraph]]:
    for contact in routine.contacts:
        if Audience.CLINIC in contact.audiences:
            kind = {ContactKind.FAX: "Fax", ContactKind.PHONE: "Telefon"}.get(
                contact.kind, "E-post"
            )
            odd = " ".join(phrases.FLAGS[flag].sv for flag in contact.flags)
            said = [
                f"{kind}: {contact.purpose.sv}",
                contact.number,
                " ".join(part for part in (_when(routine, contact), odd) if part),
            ]
            styles = (BODY, LEAD, SMALL)
            yield [Paragraph(_safe(text), style) for text, style in zip(said, styles, strict=True)]


def _when(routine: Routine, contact: Contact) -> str:
    return labels.hours(contact.hours, routine.assumed).sv


def _table(rows: list[list[Paragraph]]) -> Table:
    made = Table(rows, colWidths=[78 * mm, 40 * mm, None])
    made.setStyle(
        [("GRID", (0, 0), (-1, -1), 0.6, colors.black), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    )
    return made


def _identity(routine: Routine) -> str:
    if routine.document_id is None:
        return f"{routine.site}: utan dokument-id, giltighet okänd"
    return f"{routine.document_id} {routine.version}, giltig till {routine.valid_to}"


def _safe(text: str) -> str:
    """For reportlab's paragraphs, which read XML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
