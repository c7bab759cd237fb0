"""What two routines say for a minute, worked by hand from the seed facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watchdog.model.calendar import STOCKHOLM
from watchdog.model.instruction import Clinic, Instruction
from watchdog.model.outage import Urgency, Workflow
from watchdog.model.routine import AssumedHours, Audience, Verification
from watchdog.model.text import Text
from watchdog.routines import library
from watchdog.routines.select import CALL_FIRST, anyone, instruct

ROUTINES = library.read(None, {"sas": AssumedHours(), "halland": AssumedHours()})
SAS = ROUTINES["sas"]
BORAS, SKENE, ULRICEHAMN = "radiology_boras", "radiology_skene", "radiology_ulricehamn"
DAY, ON_CALL, NIGHT = "033-616 11 98", "033-616 12 10", "033-616 12 29"


def told(
    site: str, scenario: str, unit: str, at: str, urgency: Urgency = Urgency.URGENT
) -> Instruction:
    clinic = Clinic(
        id="c",
        name=Text("k", "c"),
        hsa_id="SE1",
        site=site,
        path="p",
        unit=unit,
        units=(),
        record_system="om",
    )
    now = datetime.fromisoformat(at).replace(tzinfo=STOCKHOLM)
    return instruct(ROUTINES[site], scenario, clinic, urgency, now)


CASES = [
    # unit, time, first fax, its unit is ours, first telephone                    seed facts
    (BORAS, "2026-06-18T15:31", "033-616 19 57", True, DAY),  # S0-26, S0-32
    (BORAS, "2026-06-19T12:00", "033-616 19 57", True, ON_CALL),  # Midsummer's Eve, S0-33
    (BORAS, "2026-11-21T03:00", "033-616 19 57", True, NIGHT),  # S0-35
    (BORAS, "2026-11-21T07:00", "033-616 19 57", True, ON_CALL),  # half-open
    (BORAS, "2026-11-21T01:59", "033-616 19 57", True, ON_CALL),
    (SKENE, "2026-06-18T15:29", "0320- 77 90 71", True, DAY),  # S0-27
    (SKENE, "2026-06-18T15:30", "033-616 19 57", False, DAY),  # closed: another unit's, ring first
    (SKENE, "2026-06-20T10:00", "033-616 19 57", False, ON_CALL),  # Saturday
    (SKENE, "2026-12-24T10:00", "033-616 19 57", False, ON_CALL),  # Christmas Eve
    (ULRICEHAMN, "2026-06-18T10:00", "0321- 100 42", True, DAY),  # S0-28
    ("nuclear_medicine", "2026-06-18T10:00", "033-616 15 00", True, DAY),  # S0-29
    (SKENE, "2026-03-29T02:30", "033-616 19 57", False, NIGHT),  # the hour that does not exist
    (SKENE, "2026-10-25T02:30", "033-616 19 57", False, NIGHT),  # the hour that comes twice
]


@pytest.mark.parametrize(("unit", "at", "fax", "own", "phone"), CASES)
def test_the_right_fax_and_telephone_for_the_minute(
    unit: str, at: str, fax: str, own: bool, phone: str
) -> None:
    for scenario in ("om_or_ris_down", "total_outage"):
        said = told("sas", scenario, unit, at)
        assert said.workflow is Workflow.PAPER_AND_FAX
        assert said.fax[0].number == fax
        assert said.fax[0].manned_now is True
        assert (CALL_FIRST in said.fax[0].flags) is not own
        assert said.phones[0].number == phone
        assert ("Ring" in said.steps[0].text.sv) is not own


def test_with_pacs_down_referrals_go_as_usual() -> None:
    said = told("sas", "pacs_down", BORAS, "2026-06-18T10:00")
    assert (said.workflow, said.fax, said.images.where) == (Workflow.ELECTRONIC, (), ("modality",))


def test_images_are_seen_in_ids7_web_when_only_om_or_the_ris_is_down() -> None:
    assert told("sas", "om_or_ris_down", BORAS, "2026-06-18T10:00").images.where == ("ids7_web",)
    assert told("sas", "total_outage", BORAS, "2026-06-18T10:00").images.where == ("modality",)


def test_halmstad_faxes_urgent_referrals_only() -> None:
    urgent = told("halland", "engine_down", "halmstad_plan_2", "2026-06-18T10:00")
    other = told(
        "halland", "engine_down", "halmstad_plan_2", "2026-06-18T10:00", Urgency.NON_URGENT
    )
    assert (urgent.workflow, urgent.fax[0].number) == (Workflow.PAPER_AND_FAX, "035-44 72 1")
    assert (other.workflow, other.fax) == (Workflow.HOLD, ())
    assert urgent.fax[0].flags == ("too_few_digits",)
    assert "035-44 72 1" in urgent.steps[0].text.sv  # the warning comes first
    assert urgent.fax[0].manned_now is None  # the routine gives no hours


def test_staff_numbers_are_for_staff() -> None:
    clinic = told("halland", "engine_down", "halmstad_plan_2", "2026-06-18T10:00")
    assert [phone.number for phone in clinic.phones] == []
    assert Audience.CLINIC is Audience("clinic")


def test_an_expired_routine_says_so_the_day_after() -> None:
    assert not told("sas", "pacs_down", BORAS, "2027-09-18T23:59").routine.expired
    assert told("sas", "pacs_down", BORAS, "2027-09-19T00:00").routine.expired
    assert not told("halland", "engine_down", "movement", "2040-01-01T00:00").routine.expired


@pytest.mark.parametrize("site", ["sas", "halland"])
def test_every_hour_of_a_year_has_an_instruction_that_starts_at_a_manned_place(site: str) -> None:
    routine = ROUTINES[site]
    numbers = {contact.number for contact in routine.contacts}
    at = datetime(2026, 1, 1, tzinfo=STOCKHOLM)
    while at.year == 2026:
        for scenario in routine.scenarios:
            for unit in routine.units:
                said = told(site, scenario, unit, at.replace(tzinfo=None).isoformat())
                assert all(fax.number in numbers for fax in said.fax)
                if said.fax and said.fax[0].manned_now is False:
                    assert "Ring" in said.steps[0].text.sv
                assert len(said.headline.sv) <= 90
                assert said.changes_at is None or said.changes_at > at - timedelta(hours=1)
        at += timedelta(hours=7)


def test_a_person_lifts_a_flag_or_opens_a_route_for_twelve_months() -> None:
    seen = datetime(2026, 3, 1, tzinfo=STOCKHOLM)
    vouched = (
        Verification(what="fax_halmstad", by="a nurse", at=seen),
        Verification(what="syngo_via", by="a nurse", at=seen),
    )

    def fax_flags(at: datetime) -> tuple[str, ...]:
        routine = replace(ROUTINES["halland"], verified=vouched)
        told = instruct(routine, "engine_down", anyone(routine), Urgency.URGENT, at)
        return told.fax[0].flags

    def syngo(at: datetime) -> bool:
        routine = replace(ROUTINES["nal"], verified=vouched)
        told = instruct(routine, "image_transfer_down", anyone(routine), Urgency.URGENT, at)
        return next(route.usable for route in told.routes if route.id == "syngo_via")

    before, after = seen - timedelta(minutes=1), seen + timedelta(days=365)
    assert (fax_flags(before), syngo(before)) == (("too_few_digits",), False)
    assert (fax_flags(seen), syngo(seen)) == ((), True)
    assert (fax_flags(after), syngo(after)) == (("too_few_digits",), False)


def test_the_same_moment_in_two_zones_gives_the_same_answer_in_utc() -> None:
    noon = datetime(2026, 6, 20, 12, tzinfo=STOCKHOLM)
    for now in (noon, noon.astimezone(UTC), noon.astimezone(STOCKHOLM)):
        told = instruct(SAS, "om_or_ris_down", anyone(SAS, SKENE), Urgency.URGENT, now)
        assert {fax.next_manned_at.isoformat() for fax in told.fax if fax.next_manned_at} == {
            "2026-06-22T05:30:00+00:00"
        }


@pytest.mark.parametrize(
    ("at", "manned"),
    [("07:20", False), ("07:35", None), ("07:59", None), ("08:00", True), ("15:29", True)],
)
def test_close_to_an_hour_that_the_routine_does_not_state_no_fax_is_called_manned(
    at: str, manned: bool | None
) -> None:
    # Skene is manned in the daytime until 15:30; that it begins at 07:30 is only assumed (S0-32)
    first = told("sas", "om_or_ris_down", SKENE, f"2026-06-18T{at}")
    skene = next(fax for fax in first.fax if fax.unit == SKENE)
    assert skene.manned_now is manned
    warned = any("Rutinen säger inte när faxen är bemannad" in s.text.sv for s in first.steps)
    assert warned is (manned is None)
