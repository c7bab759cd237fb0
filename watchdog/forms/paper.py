"""A sheet drawn as PDF: A4, black and white, embedded font, legible after a standard fax (204 x 98 dpi).

Fillable sheets carry AcroForm fields; blank ones only lines. Nothing of a patient is ever filled in.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import reportlab
import segno
from reportlab.graphics.barcode import code128
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from watchdog.forms.layout import Cell, Section, Sheet, sheet
from watchdog.forms.serial import printed

FONT, BOLD = "Vera", "VeraBd"
"""Bitstream Vera, which ships in reportlab's wheel and has every Swedish letter."""
WIDTH, HEIGHT = A4
MARGIN = 15 * mm
LINE, LABEL, TEXT, HEADING, TITLE, NUMBER = 7 * mm, 9, 11, 12, 15, 15
QR_MM, BAR_MM = 24, 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What stands on a sheet before anybody writes on it."""

    serial: str
    values: Mapping[str, str]
    """unit, unit_fax, clinic, reply_fax, incident; what is missing is an empty place."""
    foot: str
    """Site, routine and when it was printed."""
    fillable: bool = False


def canvas(buffer: io.BytesIO, title: str) -> Canvas:
    """A new document with our fonts embedded; the same input gives the same bytes."""
    folder = Path(reportlab.__file__).parent / "fonts"
    metrics: Any = pdfmetrics
    for name in (FONT, BOLD):
        if name not in pdfmetrics.getRegisteredFontNames():
            metrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    made = Canvas(buffer, pagesize=A4, invariant=True)
    made.setTitle(title)
    made.setAuthor("Remissvakt")
    return made


def pdf(pages: list[tuple[str, Printed]]) -> bytes:
    """Sheets by name, each on its page."""
    buffer = io.BytesIO()
    made = canvas(buffer, sheet(pages[0][0]).title)
    for number, (name, told) in enumerate(pages):
        _Page(made, sheet(name), told, number).draw()
        made.showPage()
    made.save()
    return buffer.getvalue()


class _Page:
    def __init__(self, made: Canvas, found: Sheet, told: Printed, number: int) -> None:
        self._made, self._sheet, self._told, self._number = made, found, told, number
        self._y = HEIGHT - MARGIN
        self._fields = 0

    def draw(self) -> None:
        self._head()
        for section in self._sheet.sections:
            self._section(section)
        self._made.setFont(FONT, LABEL)
        if self._sheet.compact:
            self._made.setDash(3, 3)
            self._made.line(MARGIN, self._y, WIDTH - MARGIN, self._y)
            self._made.setDash()
        self._made.drawString(MARGIN, MARGIN - 6 * mm, self._told.foot)

    def _head(self) -> None:
        made, told = self._made, self._told
        top = self._y
        self._code(WIDTH - MARGIN - QR_MM * mm, top - QR_MM * mm)
        made.setFont(BOLD, TITLE)
        for line in _wrapped(self._sheet.title, BOLD, TITLE, WIDTH - 2 * MARGIN - QR_MM * mm - 6):
            self._y -= TITLE + 3
            made.drawString(MARGIN, self._y, line)
        made.setFont(FONT, LABEL + 1)
        for line in _wrapped(
            self._sheet.note, FONT, LABEL + 1, WIDTH - 2 * MARGIN - QR_MM * mm - 6
        ):
            self._y -= LABEL + 4
            made.drawString(MARGIN, self._y, line)
        self._y = min(self._y - 2 * mm, top - QR_MM * mm) - BAR_MM * mm
        bar: Any = code128.Code128(
            told.serial, barHeight=BAR_MM * mm, barWidth=0.5 * mm, quiet=False
        )
        bar.drawOn(made, MARGIN, self._y)
        made.setFont(BOLD, NUMBER)
        made.drawRightString(WIDTH - MARGIN, self._y + 3 * mm, printed(told.serial))
        made.setFont(FONT, LABEL)
        made.drawRightString(
            WIDTH - MARGIN, self._y + 3 * mm + NUMBER, "Serienummer / matchningskod"
        )
        self._y -= 3 * mm

    def _code(self, x: float, y: float) -> None:
        """The serial number as QR code, error correction H: it survives a bad fax."""
        matrix = [list(row) for row in segno.make_qr(self._told.serial, error="h").matrix]
        size = QR_MM * mm / len(matrix)
        self._made.setFillGray(0)
        for row, cells in enumerate(matrix):
            for column, dark in enumerate(cells):
                if dark:
                    top = y + QR_MM * mm - (row + 1) * size
                    self._made.rect(x + column * size, top, size, size, stroke=0, fill=1)

    def _section(self, section: Section) -> None:
        made = self._made
        self._y -= HEADING + 2
        made.setFont(BOLD, HEADING)
        made.drawString(MARGIN, self._y, section.heading)
        self._y -= 1.5 * mm
        for row in section.rows:
            self._row(row)

    def _row(self, row: list[Cell]) -> None:
        tall = max(cell.lines for cell in row) * LINE + LABEL + 2
        if all(cell.box for cell in row):
            tall = LINE + 2
        parts = sum(cell.width for cell in row)
        x, unit = MARGIN, (WIDTH - 2 * MARGIN) / parts
        for cell in row:
            self._cell(cell, x, self._y - tall, unit * cell.width, tall)
            x += unit * cell.width
        self._y -= tall

    def _cell(self, cell: Cell, x: float, y: float, wide: float, tall: float) -> None:
        made = self._made
        made.setLineWidth(0.8)
        made.rect(x, y, wide, tall)
        if cell.box:
            made.setLineWidth(1.2)
            made.rect(x + 2 * mm, y + (tall - 4.5 * mm) / 2, 4.5 * mm, 4.5 * mm)
            made.setFont(FONT, TEXT - 1)
            made.drawString(x + 8.5 * mm, y + tall / 2 - 4, cell.label)
            self._tick(cell, x + 2 * mm, y + (tall - 4.5 * mm) / 2)
            return
        made.setFont(FONT, LABEL)
        made.drawString(x + 1.2 * mm, y + tall - LABEL - 0.5, cell.label)
        value = self._told.values.get(cell.value or "", "")
        if value:
            size = TEXT
            while size > LABEL and pdfmetrics.stringWidth(value, BOLD, size) > wide - 3 * mm:
                size -= 0.5
            made.setFont(BOLD, size)
            made.drawString(x + 1.5 * mm, y + 2 * mm, value)
        elif self._told.fillable:
            self._field(cell, x, y, wide, tall)

    def _field(self, cell: Cell, x: float, y: float, wide: float, tall: float) -> None:
        self._fields += 1
        form: Any = self._made.acroForm
        form.textfield(
            name=f"f{self._number}_{self._fields}",
            tooltip=cell.label,
            x=x + 1,
            y=y + 1,
            width=wide - 2,
            height=tall - LABEL - 4,
            fontName="Helvetica",
            fontSize=TEXT,
            borderWidth=0,
            fillColor=None,
            forceBorder=False,
            fieldFlags="multiline" if cell.lines > 1 else "",
            maxlen=2000,
        )

    def _tick(self, cell: Cell, x: float, y: float) -> None:
        if self._told.fillable:
            self._fields += 1
            form: Any = self._made.acroForm
            form.checkbox(
                name=f"f{self._number}_{self._fields}",
                tooltip=cell.label,
                x=x,
                y=y,
                size=4.5 * mm,
                borderWidth=0,
                buttonStyle="cross",
                fillColor=None,
            )


def _wrapped(text: str, font: str, size: float, wide: float) -> list[str]:
    lines, line = list[str](), ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and pdfmetrics.stringWidth(longer, font, size) > wide:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]
