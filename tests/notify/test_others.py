"""Notices without an incident: the test of an endpoint, and the morning report."""

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from tests.support.incidents import an_outage
from watchdog.model.endpoint import Endpoint
from watchdog.model.incident import Incident
from watchdog.model.notice import Notice
from watchdog.model.routine import AssumedHours
from watchdog.model.site import SiteConfig
from watchdog.model.text import Text
from watchdog.notify.others import morning_report, trial_notice

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)  # 07:00 in Sweden
ADMINS = Endpoint(id="admins", role="administrators", sites=("nal",), to="a@example.se")
HOURS = AssumedHours(day_start=time(7), day_end=time(16), office_start=time(8), office_end=time(16))
SITES = {
    "nal": SiteConfig(
        id="nal", name=Text("NÄL", "NÄL"), hold_off_s=120, call="IT 010-1", assumed=HOURS
    )
}
NIGHT = an_outage(NOW - timedelta(hours=4), path="nal_ris", site="nal", scenario="ris_down")


def report(*night: Incident, now: datetime = NOW) -> tuple[Notice, dict[str, Any]]:
    since = NOW - timedelta(days=1)
    made = morning_report(
        ADMINS, night, since=since, now=now, instance="wd-a", sites=SITES, order=7
    )
    return made, json.loads(made.body)["data"]


def test_a_disturbance_that_persists_is_said_to_persist() -> None:
    over = replace(NIGHT, id="inc_2", path="nal_om", cleared_at=NOW - timedelta(hours=3))
    _, data = report(NIGHT, over)
    assert data["sms"] == (
        "REMISSVAKT Rapport 2026-11-21: 2 driftstopp, 1 pågår sedan 2026-11-20 07:00."
    )
    assert [(i["id"], i["persists"]) for i in data["incidents"]] == [
        ("inc_1", True),
        ("inc_2", False),
    ]
    assert "03:00 nal_ris: referrals_not_arriving, PÅGÅR (inc_1)" in data["text"]
    assert "slut 04:00" in data["text"]


def test_a_quiet_night_is_reported_too() -> None:
    assert "inga driftstopp" in report()[1]["sms"]
    assert report()[1]["call"] == "IT 010-1"


def test_the_report_of_a_day_has_one_id_whoever_writes_it_and_when() -> None:
    assert report(NIGHT)[0].id == report(now=NOW + timedelta(hours=5))[0].id
    assert report(NIGHT)[0].id != report(NIGHT, now=NOW + timedelta(days=1))[0].id


def test_a_test_says_that_nothing_has_happened() -> None:
    made = trial_notice(ADMINS, ident="i", now=NOW, instance="wd-a", sites=SITES, by="eva", order=1)
    body = json.loads(made.body)
    assert body["type"] == "se.remissvakt.incident.test.v1"
    assert "Inget har hänt" in body["data"]["sms"]
    assert len(body["data"]["sms"]) <= 160
    assert body["data"]["call"] == "IT 010-1"
