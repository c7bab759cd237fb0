"""(Routine, scenario, clinic, urgency, now) to the Instruction of this minute. Pure.

Paper only goes to a unit that is manned now; otherwise the telephone comes first. Another
department's fax is never offered without a call before it. What the routine does not say is said to
be unsaid, never invented.
"""

from datetime import datetime

from watchdog.model.calendar import STOCKHOLM
from watchdog.model.outage import Urgency, Workflow
from watchdog.model.routine import (
    Audience,
    Clinic,
    Contact,
    ContactKind,
    Fax,
    Form,
    Instruction,
    Phone,
    Routine,
    ScenarioRules,
    Span,
    Statement,
    Validity,
)
from watchdog.model.text import Text
from watchdog.routines.hours import manned, next_change

CALL_FIRST = "other_unit_call_first"
OPEN_AUDIENCES = frozenset({Audience.CLINIC})


def instruct(
    routine: Routine,
    scenario: str,
    clinic: Clinic,
    urgency: Urgency,
    now: datetime,
    *,
    unit: str | None = None,
    audience: Audience = Audience.CLINIC,
) -> Instruction:
    """What `clinic` does this minute. KeyError for a scenario that the routine does not have.

    `unit` overrides the clinic's default receiving unit; `audience` decides which contacts and
    steps appear (staff-only numbers are not for open documents).
    """
    rules = routine.scenarios[scenario]
    to = unit or clinic.unit
    workflow = rules.workflow[urgency]
    faxes = _faxes(routine, to, now) if workflow is Workflow.PAPER_AND_FAX else ()
    phones = _phones(routine, to, now, audience)
    steps = [s for s in rules.steps if _concerns(s, urgency, audience)]
    if workflow is Workflow.PAPER_AND_FAX:
        steps = [*_before_faxing(routine, to, faxes, phones), *steps]
    return Instruction(
        site=routine.site,
        scenario=scenario,
        unit=to,
        urgency=urgency,
        workflow=workflow,
        headline=rules.headline,
        steps=tuple(steps),
        fax=faxes,
        phones=phones,
        images=rules.images,
        reports=rules.reports,
        referrals_electronic=rules.referrals_electronic,
        routes=rules.routes,
        forms=_forms(routine, rules, audience),
        already_sent=tuple(s for s in rules.already_sent if _concerns(s, urgency, audience)),
        recovery=tuple(s for s in rules.recovery if _concerns(s, urgency, audience)),
        unsaid=(*rules.unsaid, *routine.unsaid),
        routine=validity(routine, now),
        changes_at=_changes(routine, to, now),
    )


def validity(routine: Routine, now: datetime) -> Validity:
    """The document's identity; expired the day after `valid_to`, Swedish time."""
    today = now.astimezone(STOCKHOLM).date()
    return Validity(
        document_id=routine.document_id,
        version=routine.version,
        valid_from=routine.valid_from,
        valid_to=routine.valid_to,
        expired=routine.valid_to is not None and today > routine.valid_to,
    )


def _concerns(statement: Statement, urgency: Urgency, audience: Audience) -> bool:
    heard = audience is Audience.ALL or statement.audience is audience
    return heard and urgency in statement.urgencies


def _is_heard(wanted: Audience, audience: Audience) -> bool:
    return audience is Audience.ALL or wanted is audience


def _faxes(routine: Routine, unit: str, now: datetime) -> tuple[Fax, ...]:
    own: list[Fax] = []
    others: list[Fax] = []
    for contact in routine.contacts:
        if contact.kind is not ContactKind.FAX or contact.audience not in OPEN_AUDIENCES:
            continue
        is_manned = manned(contact.hours, routine.assumed, now)
        if contact.unit == unit:
            own.append(_fax(routine, contact, now, is_manned, contact.flags))
        elif is_manned:
            others.append(_fax(routine, contact, now, is_manned, (*contact.flags, CALL_FIRST)))
    if any(fax.manned_now is not False for fax in own):
        return tuple(own)
    return (*others, *own)


def _fax(
    routine: Routine,
    contact: Contact,
    now: datetime,
    is_manned: bool | None,
    flags: tuple[str, ...],
) -> Fax:
    change = next_change(contact.hours, routine.assumed, now) if is_manned is False else None
    return Fax(
        unit=contact.unit,
        number=contact.number,
        e164=contact.e164,
        manned_now=is_manned,
        next_manned_at=change,
        flags=flags,
        source=contact.source,
    )


def _phones(routine: Routine, unit: str, now: datetime, audience: Audience) -> tuple[Phone, ...]:
    open_now = [
        contact
        for contact in routine.contacts
        if contact.kind is ContactKind.PHONE
        and _is_heard(contact.audience, audience)
        and contact.unit in (None, unit)
        and manned(contact.hours, routine.assumed, now) is not False
    ]
    overriding = {_topic(c) for c in open_now if c.hours.overrides}
    kept = [c for c in open_now if c.hours.overrides or _topic(c) not in overriding]
    kept.sort(key=lambda contact: not contact.hours.overrides)
    return tuple(
        Phone(
            purpose=contact.purpose,
            number=contact.number,
            e164=contact.e164,
            reason=_why(contact),
            dial=contact.dial,
            flags=contact.flags,
            source=contact.source,
        )
        for contact in kept
    )


def _topic(contact: Contact) -> str:
    """What a telephone is for: `referrals_day` and `referrals_night` share the topic `referrals`."""
    return contact.id.split("_", maxsplit=1)[0]


def _why(contact: Contact) -> Text:
    hours = contact.hours
    match hours.span:
        case Span.CLOCK:
            clock = f"{hours.start:%H:%M}-{hours.until:%H:%M}"
            return Text(f"Gäller klockan {clock}.", f"In force {clock}.")
        case Span.DAYTIME:
            return Text("Gäller dagtid på vardagar.", "In force in the daytime on weekdays.")
        case Span.ON_CALL:
            return Text("Gäller jourtid.", "In force in on-call hours.")
        case Span.OFFICE_HOURS:
            return Text("Gäller kontorstid.", "In force in office hours.")
        case Span.ALWAYS:
            return Text("Gäller dygnet runt.", "In force day and night.")
        case Span.UNSTATED:
            return Text("Rutinen anger ingen tid.", "The routine states no hours.")


def _before_faxing(
    routine: Routine, unit: str, faxes: tuple[Fax, ...], phones: tuple[Phone, ...]
) -> list[Statement]:
    """Our own first steps: ring when nobody stands at the fax, check a number that looks wrong."""
    if not faxes:
        return [_ours("Rutinen anger ingen fax hit. Ring.", "The routine gives no fax. Ring.")]
    name = routine.units.get(unit, Text(unit, unit))
    first, steps = faxes[0], list[Statement]()
    if CALL_FIRST in first.flags or first.manned_now is False:
        ring = phones[0].number if phones else ""
        to_sv, to_en = (f" {ring}", f" {ring}") if ring else (" växeln", " the switchboard")
        steps.append(
            _ours(
                f"Faxen hos {name.sv} är obemannad nu. Ring{to_sv} först och fråga vart du faxar.",
                f"The fax of {name.en} is unmanned now. Ring{to_en} first; ask where to fax.",
            )
        )
    if set(first.flags) - {CALL_FIRST}:
        steps.append(
            _ours(
                f"Numret {first.number} ser felskrivet ut. Kontrollera det innan du faxar.",
                f"The number {first.number} looks misprinted. Verify it before you fax.",
            )
        )
    return steps


def _ours(sv: str, en: str) -> Statement:
    return Statement(text=Text(sv, en), source=(), ours=True)


def _forms(routine: Routine, rules: ScenarioRules, audience: Audience) -> tuple[Form, ...]:
    forms = (routine.forms[name] for name in rules.forms)
    return tuple(form for form in forms if _is_heard(form.audience, audience))


def _changes(routine: Routine, unit: str, now: datetime) -> datetime | None:
    moments = [
        moment
        for contact in routine.contacts
        if contact.unit in (None, unit) and contact.audience in OPEN_AUDIENCES
        if (moment := next_change(contact.hours, routine.assumed, now)) is not None
    ]
    return min(moments, default=None)
