"""Who must acknowledge, who has, and what follows when nobody does."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.incidents import an_outage
from watchdog.errors import Refused
from watchdog.incidents import life
from watchdog.incidents.acknowledge import acknowledge, asked, silence
from watchdog.incidents.address import address, code, is_code
from watchdog.incidents.setting import Setting
from watchdog.model.endpoint import Endpoint
from watchdog.model.incident import EventKind, Incident
from watchdog.model.outage import Phase
from watchdog.model.routine import AssumedHours
from watchdog.model.site import SiteConfig
from watchdog.model.text import Text

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
HOURS = AssumedHours(day_start=time(7), day_end=time(16), office_start=time(8), office_end=time(16))
SITE = SiteConfig(id="sas", name=Text("SÄS", "SÄS"), hold_off_s=120, assumed=HOURS, call="")
TIB = Endpoint(id="tib", role="duty_officer", sites=("sas",))
FAX = Endpoint(id="fax_room", role="receiving_unit", unit="u", sites=("sas",))


def setting(after_s: float = 0.0) -> Setting:
    path: Any = type("P", (), {"id": "p", "scenario": "engine_down"})()
    return Setting(
        path=path,
        site=SITE,
        now=NOW + timedelta(seconds=after_s),
        mono=after_s,
        fresh_id="inc_1",
        asked=(TIB, FAX),
    )


def advised() -> Incident:
    incident = an_outage(NOW, advised_at=NOW, told_duty_officer=True, number=3)
    return asked(incident, setting())


def test_both_are_asked_when_clinics_change_to_paper() -> None:
    assert advised().awaited == {"tib", "fax_room"}


def test_an_acknowledgement_stands_in_the_timeline_with_its_name() -> None:
    seen, events = acknowledge(advised(), setting(10), "tib", "Eva Ek", "")
    assert seen is not None
    assert seen.awaited == {"fax_room"}
    assert [(e.kind, e.by, e.number) for e in events] == [(EventKind.ACKNOWLEDGED, "Eva Ek", 4)]
    assert events[0].because.sv == "tib har kvitterat: Eva Ek."


def test_it_may_say_so_on_behalf_of_the_duty_officer_and_is_named() -> None:
    _, events = acknowledge(advised(), setting(10), "tib", "Eva Ek", "it-drift")
    assert events[0].because.sv == "tib har kvitterat: Eva Ek, infört av it-drift."
    assert events[0].by == "Eva Ek"


@pytest.mark.parametrize(
    ("change", "endpoint", "why"),
    [
        ({}, "somebody", "not asked"),
        ({"awaiting": "fax_room"}, "tib", "already"),
        ({"cleared_at": NOW}, "tib", "nothing is to acknowledge"),
        ({"recovering_at": NOW, "awaiting": ""}, "tib", "is recovering: nothing is to acknowledge"),
        ({"advised_at": None}, "tib", "nobody was asked"),
    ],
)
def test_what_cannot_be_acknowledged_is_refused(
    change: dict[str, Any], endpoint: str, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        acknowledge(replace(advised(), **change), setting(1), endpoint, "Eva", "")


@pytest.mark.parametrize(
    "name", ["", "  ", "E", "12", "Eva\u202e", "\u200b\u200b", "Eva\ud800", "x" * 81]
)
def test_a_name_that_nobody_can_read_acknowledges_nothing(name: str) -> None:
    with pytest.raises(Refused, match="two letters"):
        acknowledge(advised(), setting(1), "tib", name, "")


def test_a_unit_that_is_silent_for_two_minutes_is_told_of_once() -> None:
    incident = advised()
    assert silence(incident, setting(119))[1] == []
    silent, events = silence(incident, setting(120))
    assert silent is not None
    assert silent.unit_silent_at == NOW + timedelta(seconds=120)
    assert [e.kind for e in events] == [EventKind.UPDATED]
    assert "fax_room har inte kvitterat på 2 min" in events[0].because.sv
    assert silence(silent, setting(500))[1] == []


@pytest.mark.parametrize(("after_s", "silent"), [(-30, False), (-90, True), (-7200, True)])
def test_ringing_does_not_wait_for_hours_because_the_clock_was_set_back(
    after_s: float, silent: bool
) -> None:
    incident, _ = silence(advised(), setting(after_s))
    assert incident is not None
    assert (incident.unit_silent_at is not None) is silent


def test_a_unit_that_acknowledges_late_takes_the_warning_back() -> None:
    silent, _ = silence(advised(), setting(120))
    assert silent is not None
    seen, _ = acknowledge(silent, setting(130), "fax_room", "Bo", "")
    assert seen is not None
    assert seen.unit_silent_at is None


def test_the_duty_officer_alone_does_not_make_the_unit_heard() -> None:
    seen, _ = acknowledge(advised(), setting(10), "tib", "Eva", "")
    assert seen is not None
    assert silence(seen, setting(121))[1] != []


def test_the_end_leaves_nothing_to_acknowledge() -> None:
    by_hand = replace(advised(), by_hand=True)
    cleared, _ = life.clear_by_hand(by_hand, setting(60), "eva", "over", Phase.CLEAR)
    assert cleared is not None
    assert cleared.awaited == frozenset()


def test_an_address_belongs_to_one_incident_and_one_endpoint() -> None:
    key, other = b"k" * 32, b"o" * 32
    found = address("https://w", key, "inc_1", "tib")
    assert found == f"https://w/acknowledge/inc_1/tib/{code(key, 'inc_1', 'tib')}"
    assert is_code(key, "inc_1", "tib", code(key, "inc_1", "tib"))
    for given in (code(other, "inc_1", "tib"), code(key, "inc_2", "tib"), "", "å"):
        assert not is_code(key, "inc_1", "tib", given)
    assert len(code(key, "inc_1", "tib")) == 22
    assert Path(found).name == code(key, "inc_1", "tib")
