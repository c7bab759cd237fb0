"""Who is asked to acknowledge again, and who is not: only a recovery in between makes it new."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from tests.support.incidents import an_outage
from watchdog.incidents import life
from watchdog.incidents.acknowledge import acknowledge
from watchdog.incidents.setting import Setting
from watchdog.model.endpoint import Endpoint
from watchdog.model.incident import EventKind
from watchdog.model.outage import Grounds, Phase, Reason, Transition
from watchdog.model.routine import AssumedHours
from watchdog.model.site import SiteConfig
from watchdog.model.text import Text

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
MONO = 1000.0
HOURS = AssumedHours(day_start=time(7), day_end=time(16), office_start=time(8), office_end=time(16))
SITE = SiteConfig(id="sas", name=Text("SÄS", "SÄS"), hold_off_s=120, assumed=HOURS, call="")
TIB = Endpoint(id="tib", role="duty_officer", sites=("sas",))
ADVISED = an_outage(
    NOW, advised_at=NOW, advice_due_at=NOW, told_duty_officer=True, awaiting="tib", number=3
)
BECAUSE = Text("Remissvakt har startat om.", "Remissvakt has restarted.")


def setting(after_s: float = 10.0, **more: Any) -> Setting:
    path: Any = type("P", (), {"id": "p", "scenario": "engine_down"})()
    now = NOW + timedelta(seconds=after_s)
    return Setting(
        path=path,
        site=SITE,
        now=now,
        mono=MONO + after_s,
        fresh_id="inc_2",
        asked=(TIB,),
        **more,
    )


def declared(reason: Reason = Reason.NOT_ARRIVING, **grounds: Any) -> Transition:
    return Transition(
        before=Phase.SUSPECTED,
        after=Phase.DECLARED,
        mono=MONO + 10,
        t=0.0,
        reason=reason,
        because=BECAUSE,
        grounds=Grounds(**grounds),
    )


def test_what_a_person_declared_and_people_acknowledged_is_not_asked_again_when_we_see_it_too() -> (
    None
):
    by_hand, _ = life.declare_by_hand(None, setting(0), "eva", "RIS står")
    assert by_hand is not None
    seen, _ = acknowledge(by_hand, setting(1), "tib", "Eva Ek", "")
    ours, events = life.after(seen, declared(), setting())
    assert ours is not None
    assert [event.kind for event in events] == [EventKind.DECLARED]
    assert (ours.advised_at, ours.awaiting) == (NOW, "")


def test_a_relapse_after_a_recovery_asks_everybody_anew() -> None:
    begun = replace(ADVISED, recovering_at=NOW, awaiting="")
    ours, events = life.after(begun, declared(), setting())
    assert ours is not None
    assert [event.kind for event in events] == [EventKind.DECLARED, EventKind.ADVICE_CHANGED]
    assert ours.awaiting == "tib"


@pytest.mark.parametrize(
    ("recovering", "kinds"),
    [(None, [EventKind.UPDATED]), (NOW, [EventKind.UPDATED, EventKind.ADVICE_CHANGED])],
)
def test_an_outage_that_goes_on_asks_anew_only_who_heard_of_its_recovery(
    recovering: datetime | None, kinds: list[EventKind]
) -> None:
    before = replace(ADVISED, recovering_at=recovering, awaiting="" if recovering else "tib")
    after, events = life.goes_on(before, setting(), BECAUSE, "remissvakt")
    assert after is not None
    assert [event.kind for event in events] == kinds
    assert [event.number for event in events] == list(range(4, 4 + len(kinds)))
    assert (after.recovering_at, after.awaiting) == (None, "tib")


def test_an_outage_declared_by_hand_is_suspected_from_the_newest_order_that_arrived() -> None:
    good = NOW - timedelta(seconds=30)
    fresh, _ = life.declare_by_hand(None, setting(0, last_good_at=good), "eva", "RIS står")
    assert fresh is not None
    assert fresh.last_good_at == good
    earlier = replace(ADVISED, declared_at=None, last_good_at=NOW - timedelta(hours=1))
    kept, _ = life.declare_by_hand(earlier, setting(0, last_good_at=good), "eva", "RIS står")
    assert kept is not None
    assert kept.last_good_at == earlier.last_good_at


@pytest.mark.parametrize("reason", [Reason.PARTIAL_LOSS, Reason.SENDER_LOSS])
def test_where_only_some_are_lost_the_oldest_lost_one_is_within_the_suspect_window(
    reason: Reason,
) -> None:
    late = declared(reason, life_mono=MONO + 8, oldest_missing_mono=MONO - 3600)
    fresh, _ = life.after(None, late, setting())
    assert fresh is not None
    assert fresh.last_good_at == NOW - timedelta(hours=1)
    # it was suspected when less was known
    suspected = replace(ADVISED, declared_at=None, advised_at=None, last_good_at=NOW)
    moved, _ = life.after(suspected, late, setting())
    assert moved is not None
    assert moved.last_good_at == NOW - timedelta(hours=1)


def test_where_nothing_arrives_the_newest_that_did_begins_the_suspect_window() -> None:
    total = declared(life_mono=MONO - 5, oldest_missing_mono=MONO - 3600)
    fresh, _ = life.after(None, total, setting())
    assert fresh is not None
    assert fresh.last_good_at == NOW - timedelta(seconds=5)
