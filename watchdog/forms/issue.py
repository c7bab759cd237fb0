"""What is printed on a clinic's forms: its unit, the numbers of the routine, the incident. Pure."""

from datetime import datetime

from watchdog.forms import card, paper
from watchdog.forms.layout import CARD, SHEETS
from watchdog.forms.paper import Printed
from watchdog.model.calendar import STOCKHOLM
from watchdog.model.instruction import Clinic
from watchdog.model.routine import Audience, ContactKind, Routine
from watchdog.model.text import Text
from watchdog.routines.moment import moment_of

VERIFY = "KONTROLLERA"


def form_pdf(
    form: str,
    routine: Routine,
    clinic: Clinic,
    serials: list[str],
    now: datetime,
    *,
    unit: str | None = None,
    incident: str = "",
    fillable: bool = False,
    staff: bool = True,
) -> bytes:
    """A form as PDF, one copy per serial number; KeyError for a form that there is not.

    `staff`: it is for the hospital's own staff; an open document shows no staff-only number (X-10).
    """
    if form == CARD:
        return card.pdf(routine, clinic, now)
    sheets = SHEETS[form]
    values = _values(form, routine, clinic, unit or clinic.unit, now, staff=staff)
    if incident:
        values["incident"] = incident
    stamp = f"{now.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"
    identity = f"{routine.document_id or routine.site} {routine.version or ''}".strip()
    foot = f"{clinic.name.sv} · {identity} · utskriven {stamp} · Remissvakt"
    return paper.pdf(
        [
            (name, Printed(serial=serial, values=values, foot=foot, fillable=fillable))
            for serial in serials
            for name in sheets
        ]
    )


def _values(
    form: str, routine: Routine, clinic: Clinic, unit: str, now: datetime, *, staff: bool
) -> dict[str, str]:
    to = unit
    if form == "deidentified_sheets":
        to = next((r.fax_to for r in routine.scenarios.values() if r.fax_to), None) or unit
    found = {
        "unit": routine.units.get(to, Text(to, to)).sv,
        "clinic": clinic.name.sv,
        "reply_fax": clinic.reply_fax or "",
    }
    unverified = moment_of(routine, now).unverified
    for contact in routine.contacts:
        shown = staff or Audience.CLINIC in contact.audiences
        if contact.kind is ContactKind.FAX and contact.unit == to and shown:
            flagged = bool(contact.flags) and contact.id in unverified
            found["unit_fax"] = f"{contact.number} {VERIFY}" if flagged else contact.number
            break
    return found
