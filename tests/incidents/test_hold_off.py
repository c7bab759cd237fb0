"""When paper begins, on a wall clock that may be set back."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from tests.support.incidents import an_outage
from watchdog.incidents import life
from watchdog.incidents.setting import Setting
from watchdog.model.incident import EventKind
from watchdog.model.routine import AssumedHours
from watchdog.model.site import SiteConfig
from watchdog.model.text import Text

NOW = datetime(2026, 10, 25, 3, tzinfo=UTC)
HOURS = AssumedHours(day_start=time(7), day_end=time(16), office_start=time(8), office_end=time(16))
SITE = SiteConfig(id="sas", name=Text("SÄS", "SÄS"), hold_off_s=120, assumed=HOURS, call="")
DECLARED = an_outage(
    NOW,
    advice_due_at=NOW + timedelta(seconds=40),  # its oldest order is 80 s old
    number=2,
)


def setting(after_s: float) -> Setting:
    path: Any = type("P", (), {"id": "p", "scenario": "engine_down"})()
    now = NOW + timedelta(seconds=after_s)
    return Setting(path=path, site=SITE, now=now, mono=0.0, fresh_id="inc_2")


@pytest.mark.parametrize(
    ("after_s", "advised"),
    [(0, False), (39, False), (40, True), (-30, False), (-3600, True), (-7200, True)],
)
def test_paper_does_not_wait_for_hours_because_the_clock_was_set_back(
    after_s: float, advised: bool
) -> None:
    incident, events = life.clock(DECLARED, setting(after_s))
    assert incident is not None
    assert (incident.advised_at is not None) is advised
    assert [event.kind for event in events] == [EventKind.ADVICE_CHANGED] * advised
