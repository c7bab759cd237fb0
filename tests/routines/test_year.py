"""Every five minutes of a year: holidays, eves, both DST nights; an instruction for everybody.

An answer hangs on the clock only through its Moment (`answer` takes no time), so each different
Moment of the year is answered once for every scenario, unit, urgency and audience.
"""

from datetime import UTC, datetime, timedelta

import pytest

from watchdog.model.instruction import Instruction, Moment
from watchdog.model.outage import Urgency, Workflow
from watchdog.model.routine import Audience, Routine
from watchdog.routines import hours, library
from watchdog.routines.moment import moment_of
from watchdog.routines.reach import CALL_FIRST
from watchdog.routines.select import NOTHING_SEEN, answer, anyone

ROUTINES = library.read(None, {})
FIVE = timedelta(minutes=5)
BEGIN, END = datetime(2025, 12, 31, 23, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)
MOST_HEADLINE, MOST_STEPS, MOST_STEP = 90, 7, 140


def _key(moment: Moment) -> object:
    return (
        tuple(moment.manned.items()),
        moment.doubtful,
        moment.in_hours,
        moment.unverified,
        moment.expired,
    )


@pytest.mark.parametrize("site", sorted(ROUTINES))
def test_every_five_minutes_of_a_year_have_an_instruction(site: str) -> None:
    routine = ROUTINES[site]
    answered: set[object] = set()
    at, before = BEGIN, moment_of(routine, BEGIN)
    while at < END:
        moment = moment_of(routine, at)
        key = _key(moment)
        if key not in answered:
            answered.add(key)
            _everything(routine, moment)
        if before.changes_at is None or at < before.changes_at:
            assert key == _key(before), f"{site} changed at {at} and had not said so"
        assert moment.changes_at is None or moment.changes_at > at
        before, at = moment, at + FIVE
    assert len(answered) >= (6 if site == "sas" else 1)


@pytest.mark.parametrize("site", sorted(ROUTINES))
def test_every_second_of_a_minute_has_what_holds_at_its_beginning(site: str) -> None:
    routine = ROUTINES[site]
    day = datetime(2026, 11, 20, tzinfo=UTC)  # a Friday, before a weekend
    for minute in range(0, 24 * 60, 5):
        at = day + timedelta(minutes=minute)
        last = at + timedelta(seconds=59, microseconds=999_999)
        assert moment_of(routine, last) == moment_of(routine, at)
        for contact in routine.contacts:
            assert hours.manned(contact.hours, routine.assumed, last) is moment_of(
                routine, last
            ).manned.get(contact.id)


def _everything(routine: Routine, moment: Moment) -> None:
    for scenario in routine.scenarios:
        for unit in routine.units:
            clinic = anyone(routine, unit)
            for urgency in Urgency:
                for audience in Audience:
                    told = answer(
                        routine,
                        scenario,
                        clinic,
                        urgency,
                        moment,
                        unit=None,
                        audience=audience,
                        systems=NOTHING_SEEN,
                    )
                    _holds(routine, told)


def _holds(routine: Routine, told: Instruction) -> None:
    where = f"{told.site} {told.scenario} {told.unit} {told.urgency} {told.audience}"
    for language in ("sv", "en"):
        assert 0 < len(told.headline.in_(language)) <= MOST_HEADLINE, where
        for step in (*told.steps, *told.first_actions):
            assert 0 < len(step.text.in_(language)) <= MOST_STEP, (where, step.text)
    if told.audience is not Audience.ALL:
        assert len(told.steps) <= MOST_STEPS, where
    if told.audience in (Audience.CLINIC, Audience.ALL):
        assert told.steps, where
        assert told.recovery, where
        assert told.already_sent, where
    _contacts(routine, told, where)


def _contacts(routine: Routine, told: Instruction, where: str) -> None:
    known = {contact.number for contact in routine.contacts}
    open_to_clinics = {c.number for c in routine.contacts if Audience.CLINIC in c.audiences}
    shown = [fax.number for fax in told.fax] + [phone.number for phone in told.phones]
    assert set(shown) <= known, where
    if told.audience is Audience.CLINIC:
        assert set(shown) <= open_to_clinics, where
        said = " ".join(s.text.sv for s in (*told.steps, *told.unsaid, *told.warnings))
        hidden = known - open_to_clinics
        assert not [number for number in hidden if number in said], where
    if told.fax:
        first = told.fax[0]
        assert told.workflow is Workflow.PAPER_AND_FAX, where
        if first.manned_now is False or CALL_FIRST in first.flags:
            assert told.steps[0].text.sv.startswith("Faxen hos"), where
            assert "Ring" in told.steps[0].text.sv or "inget nummer" in told.steps[0].text.sv
        if set(first.flags) - {CALL_FIRST}:
            assert "kontrollera" in told.steps[0].text.sv, where
        assert first.unit == told.unit or CALL_FIRST in first.flags or told.site == "nal", where
