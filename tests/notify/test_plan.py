"""Who is told of what, and what lies ready if nobody answers."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from tests.support.incidents import an_outage
from watchdog.model.calendar import OpenHours
from watchdog.model.endpoint import Endpoint, Rung
from watchdog.model.incident import EventKind, IncidentEvent
from watchdog.model.notice import Notice
from watchdog.model.routine import AssumedHours
from watchdog.model.site import SiteConfig
from watchdog.model.text import Text
from watchdog.notify.plan import plan
from watchdog.notify.render import Situation, fitting, sms

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
HOURS = AssumedHours(day_start=time(7), day_end=time(16), office_start=time(8), office_end=time(16))
SITE = SiteConfig(id="sas", name=Text("SÄS", "SÄS"), hold_off_s=120, assumed=HOURS, call="Ring")
TIB = Endpoint(
    id="tib",
    role="duty_officer",
    sites=("sas",),
    escalation=(Rung(after_s=120, to="mail"), Rung(after_s=300, to="it")),
    remind_every_s=60,
    remind_times=3,
)
MAIL = Endpoint(id="mail", role="it", sites=("sas",), events=("test",), to="tib@example.se")
IT = Endpoint(id="it", role="it", sites=("sas",))
ELSEWHERE = Endpoint(id="tib_nal", role="duty_officer", sites=("nal",))
EVERYONE = (TIB, MAIL, IT, ELSEWHERE)


def _situation(
    *,
    awaiting: str = "tib",
    advised: bool = True,
    told_officer: bool = False,
    same_cause: str = "",
    units: dict[str, Situation] | None = None,
) -> Situation:
    incident = an_outage(
        NOW,
        scenario="om_or_ris_down",
        told_duty_officer=advised or told_officer,
        advised_at=NOW if advised else None,
        number=3,
        awaiting=awaiting,
    )
    path: Any = type("P", (), {"id": "p", "name": Text("Vägen", "The path")})()
    return Situation(
        units=units or {},
        incident=incident,
        path=path,
        site=SITE,
        epoch=1,
        revision=2,
        instance="wd-a",
        public_url="https://w",
        previous="normal",
        workflow={},
        headline=Text("Faxa de akuta", "Fax the urgent ones"),
        scenario="om_or_ris_down",
        steps=(),
        fax="033-616 00 00",
        acknowledge={"tib": "https://w/acknowledge/inc_1/tib/x"},
        same_cause_as="inc_0" if same_cause else "",
        same_cause_name=same_cause,
    )


def told(
    kind: EventKind,
    *,
    awaiting: str = "tib",
    advised: bool = True,
    told_officer: bool = False,
    endpoints: tuple[Endpoint, ...] = EVERYONE,
    same_cause: str = "",
    units: dict[str, Situation] | None = None,
    audience: str = "",
) -> list[Notice]:
    situation = _situation(
        awaiting=awaiting,
        advised=advised,
        told_officer=told_officer,
        same_cause=same_cause,
        units=units,
    )
    incident = replace(situation.incident, audience=audience)
    situation = replace(situation, incident=incident)
    event = IncidentEvent(
        incident="inc_1", number=3, kind=kind, at=NOW, because=Text("Därför.", "Because.")
    )
    return plan(event, endpoints, situation, 10)


def test_advice_lies_ready_with_its_rungs_and_reminders() -> None:
    notices = told(EventKind.ADVICE_CHANGED)
    first, *later = notices
    assert (first.endpoint, first.not_before, first.order) == ("tib", None, 10)
    due = [(n.endpoint, (n.not_before or NOW) - NOW) for n in later]
    assert due == [
        ("tib", timedelta(seconds=60)),
        ("mail", timedelta(seconds=120)),
        ("tib", timedelta(seconds=120)),
        ("tib", timedelta(seconds=180)),
        ("it", timedelta(seconds=300)),
    ]
    assert {(n.unless, n.of) for n in later} == {("tib", first.id)}
    assert len({n.event_id for n in notices}) == len(notices)


def test_who_has_acknowledged_is_not_followed_up() -> None:
    assert [n.endpoint for n in told(EventKind.ADVICE_CHANGED, awaiting="")] == ["tib"]


def test_who_was_told_in_anothers_place_hears_the_end() -> None:
    assert {n.endpoint for n in told(EventKind.CLEARED)} == {"tib", "mail", "it"}
    assert {n.endpoint for n in told(EventKind.RECOVERING)} == {"tib", "mail", "it"}


def test_nobody_hears_the_end_of_what_nobody_was_told() -> None:
    assert {n.endpoint for n in told(EventKind.CLEARED, advised=False)} == {"it"}


def test_a_receiving_unit_hears_no_end_of_an_outage_that_put_nobody_on_paper() -> None:
    unit = Endpoint(id="fax_room", role="receiving_unit", unit="u", sites=("sas",))
    for kind in (EventKind.RECOVERING, EventKind.CLEARED):
        heard = told(kind, advised=False, told_officer=True, endpoints=(*EVERYONE, unit))
        assert {n.endpoint for n in heard} == {"tib", "it"}
        heard = told(kind, endpoints=(*EVERYONE, unit))
        assert {n.endpoint for n in heard} == {"tib", "it", "mail", "fax_room"}


def test_an_incident_with_an_audience_of_its_own_is_told_to_nobody_else() -> None:
    for kind in (EventKind.ADVICE_CHANGED, EventKind.CLEARED):
        heard = told(kind, awaiting="", audience="mail it")
        assert [n.endpoint for n in heard] == ["mail", "it"]
    for kind in (EventKind.DECLARED, EventKind.RECOVERING, EventKind.UPDATED):
        assert told(kind, awaiting="", audience="mail it") == []


def test_the_ids_of_two_kinds_are_never_the_same() -> None:
    (update, *_), (cleared, *_) = told(EventKind.UPDATED), told(EventKind.CLEARED)
    assert update.event_id != cleared.event_id


def test_a_text_message_of_an_update_says_what_is_new() -> None:
    assert '"sms":"REMISSVAKT SÄS: Därför."' in told(EventKind.UPDATED)[0].body


def test_only_what_tells_of_the_outage_itself_says_that_it_is_nothing_new() -> None:
    assert (
        "Samma fel som OM till RIS." in told(EventKind.DECLARED, same_cause="OM till RIS")[0].body
    )
    assert "Samma fel" not in told(EventKind.UPDATED, same_cause="OM till RIS")[0].body


def test_a_text_message_that_is_too_long_ends_with_a_whole_word_and_says_that_there_is_more() -> (
    None
):
    whole = "REMISSVAKT SÄS: " + "Därför att. " * 12
    assert fitting(whole.strip()) == whole.strip()
    long = fitting("REMISSVAKT SÄS: " + "sändningen " * 20)
    assert len(long) <= 160
    assert long.endswith(" sändningen...")
    assert len(fitting("x" * 500)) == 160  # one word that no message holds


def test_what_happens_outside_their_hours_waits_for_them_in_its_order() -> None:
    day = OpenHours(days="working", start=time(7), end=time(16))  # NOW is a Saturday
    others = (replace(IT, hours=day), TIB)
    notices = [
        *told(EventKind.DECLARED, endpoints=others),
        *told(EventKind.CLEARED, endpoints=others),
    ]
    monday = datetime(2026, 11, 23, 6, tzinfo=UTC)  # seven o'clock in Sweden
    assert [(n.kind, n.not_before) for n in notices if n.endpoint == "it"] == [
        ("declared", monday),
        ("cleared", monday),
    ]
    assert all(n.not_before is None for n in notices if n.endpoint == "tib")


def test_a_receiving_unit_is_told_its_own_fax_and_steps() -> None:
    skene = Endpoint(id="skene", role="receiving_unit", sites=("sas",), unit="radiology_skene")
    boras = replace(skene, id="boras", unit="radiology_boras")
    endpoints = (IT, boras, skene)
    body = told(EventKind.ADVICE_CHANGED, endpoints=endpoints)
    assert all("033-616 00 00" in n.body for n in body)

    plain = _situation()
    own = replace(plain, fax="0320- 77 90 71", steps=(Text("Bemanna.", "Man it."),))
    notices = told(EventKind.ADVICE_CHANGED, endpoints=endpoints, units={"radiology_skene": own})
    said = {n.endpoint: n.body for n in notices}
    assert "0320- 77 90 71" in said["skene"]
    assert "Bemanna." in said["skene"]
    assert "033-616 00 00" in said["boras"]


def test_where_the_clinics_have_several_faxes_the_text_message_names_none() -> None:
    plain = _situation(awaiting="", advised=True, told_officer=False)
    several = replace(plain, fax="", faxes_differ=True)
    event = IncidentEvent(
        incident="inc_1",
        number=3,
        kind=EventKind.ADVICE_CHANGED,
        at=NOW,
        because=Text("Därför.", "Because."),
    )
    assert sms(event, plain).endswith(" Fax 033-616 00 00.")
    assert sms(event, several).endswith("Reservrutin gäller. Varje klinik har sitt faxnummer.")
