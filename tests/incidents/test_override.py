"""A clear against failing probes: two persons, a reason, half an hour (R10)."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.incidents import an_outage
from watchdog.detection.effective import Effective
from watchdog.errors import Refused
from watchdog.incidents import override
from watchdog.model.incident import Incident
from watchdog.model.outage import Phase, Reason, State
from watchdog.model.override import Override

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OUT = an_outage(NOW, scenario="om_or_ris_down")
WHY = "The RIS list is readable by hand and complete."


def asked(by: str = "Anna", phase: Phase = Phase.DECLARED, reason: str = WHY) -> Override:
    return override.ask(OUT, phase, by=by, reason=reason, now=NOW, ident="ovr_1")


def effective(state: State) -> Effective:
    return Effective(
        state=state, reason=Reason.NOT_ARRIVING, stale=False, valid_for_s=45, expires_mono=45
    )


def test_one_person_alone_changes_nothing() -> None:
    waiting = asked()
    assert override.waiting([waiting], "inc_1", NOW) is waiting
    assert override.active([waiting], "inc_1", NOW) is None
    out = effective(State.OUTAGE)
    assert override.published(out, override.active([waiting], "inc_1", NOW), NOW) is out


@pytest.mark.parametrize("by", ["Anna", " anna ", "ANNA"])
def test_the_same_person_cannot_confirm(by: str) -> None:
    with pytest.raises(Refused, match="another person must confirm"):
        override.grant(asked(), by=by, now=NOW)


def test_two_persons_make_it_recovering_and_never_normal_for_half_an_hour() -> None:
    granted = override.grant(asked(), by="Bo", now=NOW + timedelta(minutes=5))
    begins, ends = NOW + timedelta(minutes=5), NOW + timedelta(minutes=35)
    assert override.active([granted], "inc_1", begins - timedelta(seconds=1)) is None
    assert override.active([granted], "inc_1", begins) is granted
    assert override.active([granted], "inc_1", ends - timedelta(seconds=1)) is granted
    assert override.active([granted], "inc_1", ends) is None
    assert override.active([granted], "inc_other", begins) is None
    shown = override.published(effective(State.OUTAGE), granted, ends - timedelta(seconds=10))
    assert (shown.state, shown.reason) == (State.RECOVERING, Reason.CLEARED_BY_HAND)
    assert shown.valid_for_s == 10  # nobody may believe it past its end


@pytest.mark.parametrize("state", [s for s in State if s is not State.OUTAGE])
def test_only_an_outage_is_softened(state: State) -> None:
    granted = override.grant(asked(), by="Bo", now=NOW)
    found = effective(state)
    assert override.published(found, granted, NOW) is found


def test_a_request_waits_a_quarter_of_an_hour() -> None:
    late = NOW + timedelta(minutes=15, seconds=1)
    assert override.waiting([asked()], "inc_1", late) is None
    with pytest.raises(Refused, match="older than 15 minutes"):
        override.grant(asked(), by="Bo", now=late)
    assert override.grant(asked(), by="Bo", now=NOW + timedelta(minutes=15)).granted_by == "Bo"


def test_it_needs_an_outage_failing_probes_and_a_real_reason() -> None:
    with pytest.raises(Refused, match="clear the incident the ordinary way"):
        asked(phase=Phase.CLEAR)
    with pytest.raises(Refused, match="Say in a sentence"):
        asked(reason="because   ")
    over = Incident(
        id="inc_2", path="p", site="sas", scenario="x", reason=Reason.SLOW, opened_at=NOW
    )
    with pytest.raises(Refused, match="nothing to override"):
        override.ask(over, Phase.DECLARED, by="Anna", reason=WHY, now=NOW, ident="o")


def test_it_is_confirmed_once() -> None:
    granted = override.grant(asked(), by="Bo", now=NOW)
    with pytest.raises(Refused, match="Bo has confirmed it already"):
        override.grant(granted, by="Cia", now=NOW)
    assert override.waiting([granted], "inc_1", NOW) is None
