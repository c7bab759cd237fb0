"""Whom to reach this minute: the faxes with who stands at them, and the telephones with why. Pure.

Paper only goes to a unit that is manned now; otherwise the telephone comes first. Another
department's fax is never offered without a call before it. Numbers are shown as the routine has
them; one that looks wrong carries its flag until a person has verified it.
"""

from watchdog.model.instruction import Fax, Mailbox, Moment, Phone
from watchdog.model.routine import Audience, Contact, ContactKind, Routine, Span
from watchdog.model.text import Text
from watchdog.routines import phrases

CALL_FIRST = "other_unit_call_first"


def faxes(
    routine: Routine, scenario: str, unit: str, audience: Audience, moment: Moment
) -> tuple[Fax, ...]:
    """Where paper goes, the one to use first in front; empty if the routine gives none."""
    own: list[Fax] = []
    others: list[Fax] = []
    for contact in _heard(routine, ContactKind.FAX, scenario, audience):
        if contact.unit == unit:
            own.append(_fax(routine, contact, moment))
        elif _is_manned(contact, moment):
            others.append(_fax(routine, contact, moment, CALL_FIRST))
    if any(fax.manned_now is not False for fax in own):
        return tuple(own)
    return (*others, *own) if own else ()


def phones(
    routine: Routine, scenario: str, unit: str, audience: Audience, moment: Moment
) -> tuple[Phone, ...]:
    """Whom to ring, the one to ring first in front.

    Close to an hour that only the configuration states, both sides of it are given.
    """
    known = [
        contact
        for contact in _heard(routine, ContactKind.PHONE, scenario, audience)
        if contact.unit in (None, unit)
    ]
    here = [c for c in known if moment.manned[c.id] is not False]
    near = [c for c in known if moment.manned[c.id] is False and c.id in moment.doubtful]
    overriding = {c.topic for c in here if c.hours.overrides and c.topic}
    kept = [c for c in here if c.hours.overrides or c.topic not in overriding]
    near = [c for c in near if c.topic not in overriding]
    kept.sort(key=lambda contact: (not contact.hours.overrides, contact.topic == ""))
    return tuple(_phone(contact, moment) for contact in (*kept, *near))


def mailboxes(routine: Routine, scenario: str, audience: Audience) -> tuple[Mailbox, ...]:
    """Mailboxes for this audience."""
    return tuple(
        Mailbox(purpose=contact.purpose, address=contact.number, source=contact.source)
        for contact in _heard(routine, ContactKind.EMAIL, scenario, audience)
    )


def _heard(routine: Routine, kind: ContactKind, scenario: str, audience: Audience) -> list[Contact]:
    """Contacts that this audience may see in this chapter."""
    return [
        contact
        for contact in routine.contacts
        if contact.kind is kind
        and (audience is Audience.ALL or audience in contact.audiences)
        and (not contact.scenarios or scenario in contact.scenarios)
    ]


def _flags(contact: Contact, moment: Moment) -> tuple[str, ...]:
    return contact.flags if contact.id in moment.unverified else ()


def _fax(routine: Routine, contact: Contact, moment: Moment, *more: str) -> Fax:
    return Fax(
        unit=contact.unit,
        unit_name=routine.units[contact.unit] if contact.unit else contact.purpose,
        number=contact.number,
        e164=contact.e164,
        manned_now=_is_manned(contact, moment),
        next_manned_at=moment.opens_at.get(contact.id),
        assumed=contact.id in moment.assumed,
        flags=(*_flags(contact, moment), *more),
        source=contact.source,
    )


def _is_manned(contact: Contact, moment: Moment) -> bool | None:
    """None where nobody can be sure: no hours, or close to an hour that the routine does not state."""
    manned = moment.manned[contact.id]
    return None if manned and contact.id in moment.doubtful else manned


def _phone(contact: Contact, moment: Moment) -> Phone:
    reason = _why(contact)
    if contact.id in moment.doubtful:
        reason = phrases.join(reason, phrases.NEAR_BOUNDARY)
    return Phone(
        purpose=contact.purpose,
        number=contact.number,
        e164=contact.e164,
        reason=reason,
        assumed=contact.id in moment.assumed,
        dial=contact.dial,
        flags=_flags(contact, moment),
        source=contact.source,
    )


def _why(contact: Contact) -> Text:
    hours = contact.hours
    match hours.span:
        case Span.CLOCK:
            clock = f"{hours.start:%H:%M}-{hours.until:%H:%M}"
            return phrases.WHY_CLOCK.filled(clock, clock)
        case Span.DAYTIME:
            return phrases.WHY_DAYTIME
        case Span.ON_CALL:
            return phrases.WHY_ON_CALL
        case Span.OFFICE_HOURS:
            return phrases.WHY_OFFICE
        case Span.OUT_OF_OFFICE:
            return phrases.WHY_OUT_OF_OFFICE
        case Span.ALWAYS:
            return phrases.WHY_ALWAYS
        case Span.UNSTATED:
            return phrases.WHY_UNSTATED
