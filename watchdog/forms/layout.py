"""The shape of a form file, and the forms that there are."""

from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from watchdog import yamltext

Value = Literal["unit", "unit_fax", "clinic", "reply_fax", "incident"]
SHEETS: dict[str, tuple[str, ...]] = {
    "paper_referral": ("paper_referral",),
    "exam_record_form": ("exam_record_form",),
    "report_template": ("report_template",),
    "deidentified_sheets": ("deidentified_stays", "deidentified_faxed"),
    "media_label": ("media_label",),
}
"""Form to its sheets; sheets of one form share a serial number."""
CARD = "wall_card"
FORMS = (*SHEETS, CARD)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Cell(_Strict):
    """One field: a label over an empty place, a printed value, or a box to tick."""

    label: str
    value: Value | None = None
    width: Annotated[int, Field(ge=1, le=6)] = 1
    lines: Annotated[int, Field(ge=1, le=20)] = 1
    box: bool = False


class Section(_Strict):
    heading: str
    rows: list[list[Cell]]


class Sheet(_Strict):
    """One A4 page."""

    title: str
    note: str
    compact: bool = False
    sections: list[Section]


@cache
def sheet(name: str) -> Sheet:
    """The sheet of that name, from its data file."""
    file = resources.files("watchdog.forms") / "data" / f"{name}.yaml"
    data, lines = yamltext.load(file.read_text("utf-8"), file.name)
    return yamltext.parse(Sheet, data, lines, file.name)
