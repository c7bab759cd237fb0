"""(Routine, scenario, clinic, urgency, now) to the Instruction of this minute. Pure.

What the routine does not say is said to be unsaid, never invented; our own cautious defaults are
marked as ours.
"""

from collections.abc import Mapping
from datetime import datetime

from watchdog.model.instruction import Clinic, Fax, Instruction, Moment, Phone
from watchdog.model.outage import Urgency, Workflow
from watchdog.model.routine import Audience, Form, Routine, ScenarioRules, Statement
from watchdog.model.system import SystemStatus
from watchdog.model.text import Text
from watchdog.routines import causes, phrases, reach, transfer
from watchdog.routines.moment import key_of, moment_of, validity

CALL_FIRST = reach.CALL_FIRST
NOTHING_SEEN: Mapping[str, SystemStatus] = {}


def instruct(
    routine: Routine,
    scenario: str,
    clinic: Clinic,
    urgency: Urgency,
    now: datetime,
    *,
    unit: str | None = None,
    audience: Audience = Audience.CLINIC,
    systems: Mapping[str, SystemStatus] = NOTHING_SEEN,
) -> Instruction:
    """What `clinic` does this minute. KeyError for a scenario that the routine does not have.

    `unit` overrides the clinic's default receiving unit; `audience` decides which contacts and
    steps appear (staff-only numbers are not for open documents, X-10); `systems` is what the probes
    see, for the ways that images can take.
    """
    return answer(
        routine,
        scenario,
        clinic,
        urgency,
        moment_of(routine, now),
        unit=unit,
        audience=audience,
        systems=systems,
    )


def answer(
    routine: Routine,
    scenario: str,
    clinic: Clinic,
    urgency: Urgency,
    moment: Moment,
    *,
    unit: str | None,
    audience: Audience,
    systems: Mapping[str, SystemStatus],
) -> Instruction:
    """As `instruct`, with the minute already looked up: equal moments, equal answers."""
    rules = routine.scenarios[scenario]
    to = unit or clinic.unit

    def said(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return tuple(s for s in statements if _concerns(s, urgency, to, audience, moment))

    workflow = rules.workflow[urgency]
    paper = workflow is Workflow.PAPER_AND_FAX
    faxes = reach.faxes(routine, scenario, rules.fax_to or to, audience, moment) if paper else ()
    phones = reach.phones(routine, scenario, to, audience, moment)
    steps = said(rules.steps)
    if paper and (faxes or rules.fax_to is None):  # what radiology faxes, a clinic does not
        steps = (*_before_faxing(routine, rules.fax_to or to, faxes, phones), *steps)
    return Instruction(
        site=routine.site,
        scenario=scenario,
        unit=to,
        urgency=urgency,
        audience=audience,
        workflow=workflow,
        workflow_ours=urgency in rules.workflow_ours,
        headline=rules.headline,
        steps=steps,
        first_actions=said(rules.first_actions),
        on_form=said(rules.on_form) if paper else (),
        fax=faxes,
        phones=phones,
        mail=reach.mailboxes(routine, scenario, audience),
        images=rules.images,
        report_channel=rules.reports.channel[urgency],
        report_ours=rules.reports.ours,
        referrals_electronic=rules.referrals_electronic,
        routes=transfer.ranked(routine, rules.routes, to, moment, systems),
        causes=causes.rank(routine.causes.get(rules.causes, ()), systems),
        forms=_forms(routine, rules, audience),
        already_sent=said(rules.already_sent),
        recovery=said(rules.recovery),
        unsaid=said((*rules.unsaid, *routine.unsaid)),
        warnings=(*_expiry(routine, moment), *said(routine.flags)),
        routine=validity(routine, moment),
        changes_at=moment.changes_at,
    )


def anyone(routine: Routine, unit: str | None = None) -> Clinic:
    """A clinic of no name that refers to `unit`, for what-if questions. KeyError for no such unit."""
    if unit is not None and unit not in routine.units:
        raise KeyError(unit)
    return Clinic(
        id="anyone",
        name=Text("en klinik", "a clinic"),
        hsa_id="",
        site=routine.site,
        path="",
        unit=unit or next(iter(routine.units)),
        units=tuple(routine.units),
        record_system="",
    )


def _concerns(
    statement: Statement, urgency: Urgency, unit: str, audience: Audience, moment: Moment
) -> bool:
    return (
        _is_heard(statement.audience, audience)
        and urgency in statement.urgencies
        and (not statement.units or unit in statement.units)
        and (statement.hours is None or key_of(statement.hours) in moment.in_hours)
    )


def _is_heard(wanted: Audience, audience: Audience) -> bool:
    return Audience.ALL in (wanted, audience) or wanted is audience


def _before_faxing(
    routine: Routine, unit: str, faxes: tuple[Fax, ...], phones: tuple[Phone, ...]
) -> tuple[Statement, ...]:
    """Our own first steps: ring when nobody stands at the fax, check a number that looks wrong."""
    if not faxes:
        return (_ours(phrases.NO_FAX),)
    name = routine.units.get(unit, Text(unit, unit))
    first, steps = faxes[0], list[Statement]()
    if CALL_FIRST in first.flags or first.manned_now is False:
        steps.append(_ours(_ring_first(name, phones)))
    if set(first.flags) - {CALL_FIRST}:
        steps.append(_ours(phrases.VERIFY_NUMBER.filled(first.number, first.number)))
    if first.manned_now is None:
        steps.append(_ours(phrases.NO_HOURS))
    return tuple(steps)


def _ring_first(name: Text, phones: tuple[Phone, ...]) -> Text:
    if not phones:
        return phrases.NOBODY_TO_RING.filled(name.sv, name.en)
    asked = phrases.RING_FIRST.filled(name.sv, name.en)
    number = f" {phones[0].number}"
    return Text(asked.sv.format(number), asked.en.format(number))


def _ours(text: Text) -> Statement:
    return Statement(text=text, source=(), ours=True)


def _expiry(routine: Routine, moment: Moment) -> tuple[Statement, ...]:
    if not moment.expired or routine.valid_to is None:
        return ()
    day = routine.valid_to.isoformat()
    return (_ours(phrases.EXPIRED.filled(day, day)),)


def _forms(routine: Routine, rules: ScenarioRules, audience: Audience) -> tuple[Form, ...]:
    forms = (routine.forms[name] for name in rules.forms)
    return tuple(form for form in forms if _is_heard(form.audience, audience))
