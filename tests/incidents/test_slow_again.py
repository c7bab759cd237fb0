"""An outage that ends in a path which is only slow: clinics send again, and who was told hears it."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from tests.support.incidents import an_outage
from watchdog.incidents import life
from watchdog.incidents.setting import Setting
from watchdog.model.incident import EventKind, Incident
from watchdog.model.outage import Grounds, Phase, Reason, Transition
from watchdog.model.routine import AssumedHours
from watchdog.model.site import SiteConfig
from watchdog.model.text import Text
from watchdog.service.recorder import may_be_told

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
HOURS = AssumedHours(day_start=time(7), day_end=time(16), office_start=time(8), office_end=time(16))
SITE = SiteConfig(id="sas", name=Text("SÄS", "SÄS"), hold_off_s=120, assumed=HOURS, call="")
SLOWLY = Text("Remisser kommer fram, men sent.", "Orders arrive, but late.")


def becomes_slow(
    incident: Incident, before: Phase, reason: Reason = Reason.SLOW, **more: Any
) -> life.Step:
    path: Any = type("P", (), {"id": "p", "scenario": "engine_down"})()
    transition = Transition(
        before=before,
        after=Phase.SUSPECTED,
        mono=0.0,
        t=0.0,
        reason=reason,
        because=SLOWLY,
        grounds=Grounds(),
    )
    setting = Setting(path=path, site=SITE, now=NOW, mono=0.0, fresh_id="inc_2", **more)
    return life.after(incident, transition, setting)


def test_who_was_told_of_the_outage_hears_that_referrals_arrive_late() -> None:
    told = an_outage(NOW - timedelta(minutes=9), told_duty_officer=True, awaiting="tib_sas")
    after, (event,) = becomes_slow(told, Phase.DECLARED)
    assert after is not None
    assert (event.kind, event.because) == (EventKind.RECOVERING, SLOWLY)
    assert (after.recovering_at, after.cleared_at, after.awaiting) == (NOW, None, "")


def test_who_knows_already_that_it_is_on_its_way_back_hears_the_rest() -> None:
    before = an_outage(NOW - timedelta(minutes=9), recovering_at=NOW - timedelta(minutes=1))
    after, (event,) = becomes_slow(before, Phase.RECOVERING)
    assert after is not None
    assert (event.kind, after.recovering_at) == (EventKind.UPDATED, before.recovering_at)


def test_another_watchdogs_outage_does_not_recover_because_we_begin_to_suspect_it_too() -> None:
    heard = an_outage(NOW - timedelta(minutes=9), declared_by="south")
    for reason in (Reason.SUSPECTED, Reason.PARTIAL_LOSS, Reason.PROBE_REJECTED):
        assert becomes_slow(heard, Phase.CLEAR, reason) == (heard, [])
    assert becomes_slow(heard, Phase.CLEAR, contradicted=True) == (heard, [])


def test_no_paper_begins_for_a_path_that_is_only_slow() -> None:
    due = NOW + timedelta(seconds=30)
    after, _ = becomes_slow(an_outage(NOW, advice_due_at=due), Phase.DECLARED)
    assert after is not None
    later = Setting(
        path=type("P", (), {"id": "p"})(),  # pyright: ignore[reportArgumentType]
        site=SITE,
        now=due,
        mono=0.0,
        fresh_id="inc_2",
    )
    assert life.clock(after, later) == (after, [])


def test_what_a_person_declared_and_what_was_only_suspected_stay_as_they_are() -> None:
    by_hand = an_outage(NOW, by_hand=True)
    assert becomes_slow(by_hand, Phase.DECLARED) == (by_hand, [])
    suspected = an_outage(NOW, declared_at=None)
    assert becomes_slow(suspected, Phase.SUSPECTED) == (suspected, [])


@pytest.mark.parametrize("before", list(Phase))
@pytest.mark.parametrize("after", list(Phase))
def test_what_could_not_be_stored_is_told_only_towards_caution(before: Phase, after: Phase) -> None:
    out = before in (Phase.DECLARED, Phase.RECOVERING)
    towards = {Phase.DECLARED} if out else {Phase.DECLARED, Phase.SUSPECTED, Phase.UNKNOWN}
    assert may_be_told(before, after) is (after in towards)
