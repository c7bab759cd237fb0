"""Watchdogs that watch each other: towards caution at once, towards an all-clear only together."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.incidents import an_outage
from watchdog.detection.effective import Effective
from watchdog.incidents import life, peers
from watchdog.incidents.setting import Setting
from watchdog.model.cadence import STANDARD
from watchdog.model.endpoint import Endpoint
from watchdog.model.incident import EventKind, Incident
from watchdog.model.outage import Grounds, Phase, Reason, State, Transition
from watchdog.model.peer import PeerWord
from watchdog.model.text import Text

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
MONO = 1000.0


def setting(mono: float = MONO, **more: Any) -> Setting:
    path: Any = SimpleNamespace(id="p", scenario="engine_down", cadence=STANDARD)
    site: Any = SimpleNamespace(id="s", hold_off_s=120.0, acknowledge_within_s=120.0)
    now = NOW + timedelta(seconds=mono - MONO)
    return Setting(path=path, site=site, now=now, mono=mono, fresh_id="inc_1", **more)


def word(since: float = MONO, until: float = MONO + 45, *, outage: bool = True) -> PeerWord:
    return PeerWord(peer="b", outage=outage, since_mono=since, until_mono=until)


def outage() -> Incident:
    return an_outage(NOW, site="s", number=3)


def effective(state: State, valid_for_s: float = 30.0) -> Effective:
    return Effective(
        state=state,
        reason=Reason.ARRIVING,
        stale=False,
        valid_for_s=valid_for_s,
        expires_mono=MONO + 15,
    )


@pytest.mark.parametrize("state", State)
def test_a_peers_outage_is_told_at_once_whatever_we_see(state: State) -> None:
    told = peers.published(effective(state), word(until=MONO + 5), None, MONO)
    assert told.state is State.OUTAGE
    if state is not State.OUTAGE:
        assert (told.reason, told.valid_for_s) == (Reason.DISAGREEMENT, 5.0)
        assert told.expires_mono == MONO + 5


def test_a_peer_that_is_not_fresh_has_no_say() -> None:
    assert peers.fresh([word(until=MONO)], MONO) is None
    assert peers.fresh([word(until=MONO + 1)], MONO) is not None
    told = effective(State.NORMAL)
    assert peers.published(told, None, None, MONO) is told


@pytest.mark.parametrize("said", [None, word(outage=False)])
def test_nobody_is_told_normal_before_the_outage_has_ended(said: PeerWord | None) -> None:
    for state in (State.NORMAL, State.MAINTENANCE):
        told = peers.published(effective(state), said, outage(), MONO)
        assert told.state is State.RECOVERING
    for state in (State.OUTAGE, State.UNKNOWN, State.RECOVERING):
        assert peers.published(effective(state), said, outage(), MONO).state is state


def test_only_a_slow_path_of_which_everybody_has_heard_is_degraded_before_the_end() -> None:
    slow = replace(effective(State.DEGRADED), reason=Reason.SLOW)
    begun = replace(outage(), recovering_at=NOW)
    assert peers.published(slow, None, begun, MONO) is slow
    assert peers.published(slow, None, outage(), MONO).state is State.RECOVERING
    for reason in (Reason.SUSPECTED, Reason.PARTIAL_LOSS, Reason.PROBE_REJECTED):
        told = peers.published(replace(slow, reason=reason), None, begun, MONO)
        assert (told.state, told.reason) == (State.RECOVERING, reason)


@pytest.mark.parametrize("reason", [Reason.SUSPECTED, Reason.PARTIAL_LOSS, Reason.PROBE_REJECTED])
def test_while_we_suspect_the_path_too_nobody_reads_that_orders_arrive_again(
    reason: Reason,
) -> None:
    suspected = replace(effective(State.DEGRADED), reason=reason)
    told = peers.published(suspected, None, outage(), MONO)
    assert (told.state, told.reason) == (State.OUTAGE, outage().reason)


def test_where_orders_arrive_slowly_the_end_of_the_word_begins_the_recovery_and_is_told() -> None:
    for said in (None, word(outage=False)):
        begun, events = peers.heard(outage(), setting(), said, Phase.SUSPECTED, Reason.SLOW)
        assert begun is not None
        assert [event.kind for event in events] == [EventKind.RECOVERING]
        assert begun.is_outage
        told_once = peers.heard(begun, setting(), said, Phase.SUSPECTED, Reason.SLOW)
        assert told_once == (begun, [])
        back, events = peers.heard(begun, setting(), word(), Phase.SUSPECTED, Reason.SLOW)
        assert back is not None
        assert back.recovering_at is None
        assert [event.kind for event in events] == [EventKind.UPDATED]


@pytest.mark.parametrize("reason", [Reason.SUSPECTED, Reason.PARTIAL_LOSS, Reason.PROBE_REJECTED])
def test_a_suspicion_of_our_own_keeps_the_outage_when_the_word_ends(reason: Reason) -> None:
    assert peers.heard(outage(), setting(), None, Phase.SUSPECTED, reason) == (outage(), [])


def test_a_peer_that_recovers_declares_nothing_and_holds_the_all_clear() -> None:
    told = effective(State.NORMAL)
    recovers = word(outage=False)
    assert peers.published(told, recovers, None, MONO) is told
    assert peers.heard(None, setting(MONO + 99), recovers, Phase.CLEAR, Reason.ARRIVING) == (
        None,
        [],
    )
    begun, events = peers.heard(outage(), setting(), recovers, Phase.CLEAR, Reason.ARRIVING)
    assert begun is not None
    assert [event.kind for event in events] == [EventKind.RECOVERING]
    assert begun.is_outage
    assert peers.heard(begun, setting(), recovers, Phase.CLEAR, Reason.ARRIVING) == (begun, [])
    assert peers.fresh([recovers, word(since=MONO + 9)], MONO) == word(since=MONO + 9)


def test_it_becomes_an_incident_after_a_minute_and_paper_after_the_hold_off() -> None:
    early = peers.heard(
        None, setting(MONO + 59), word(until=MONO + 99), Phase.CLEAR, Reason.ARRIVING
    )
    assert early == (None, [])
    incident, events = peers.heard(
        None, setting(MONO + 60), word(until=MONO + 99), Phase.CLEAR, Reason.ARRIVING
    )
    assert incident is not None
    assert [event.kind for event in events] == [EventKind.DECLARED, EventKind.UPDATED]
    assert (incident.reason, incident.declared_by) == (Reason.DISAGREEMENT, "b")
    assert (incident.is_outage, incident.by_hand, incident.told_duty_officer) == (True, False, True)
    assert life.clock(incident, setting(MONO + 119))[1] == []
    advised, events = life.clock(incident, setting(MONO + 120))
    assert advised is not None
    assert [event.kind for event in events] == [EventKind.ADVICE_CHANGED]


def test_paper_begins_by_what_the_peer_sees_when_ours_alone_would_have_ended_it() -> None:
    due = NOW + timedelta(seconds=120)
    ours = replace(outage(), advice_due_at=due, told_duty_officer=True, recovering_at=NOW)
    again, events = peers.heard(ours, setting(), word(), Phase.CLEAR, Reason.ARRIVING)
    assert again is not None
    assert [event.kind for event in events] == [EventKind.UPDATED]
    assert peers.heard(again, setting(), word(), Phase.CLEAR, Reason.ARRIVING) == (
        again,
        [],
    )  # said once
    assert life.clock(again, setting(MONO + 120))[1][0].kind is EventKind.ADVICE_CHANGED
    # and while it is on its way back no paper begins
    begun, _ = peers.heard(again, setting(), word(outage=False), Phase.CLEAR, Reason.ARRIVING)
    assert begun is not None
    assert life.clock(begun, setting(MONO + 120)) == (begun, [])


def test_the_all_clear_waits_until_no_peer_says_otherwise() -> None:
    ours = outage()
    clear = Transition(
        before=Phase.RECOVERING,
        after=Phase.CLEAR,
        mono=MONO,
        t=0.0,
        reason=Reason.ARRIVING_AGAIN,
        because=Text("", ""),
        grounds=Grounds(),
    )
    held, events = life.after(ours, clear, setting(contradicted=True))
    assert (held, events) == (ours, [])
    assert peers.heard(ours, setting(), word(), Phase.CLEAR, Reason.ARRIVING) == (ours, [])
    ended, events = peers.heard(ours, setting(), None, Phase.CLEAR, Reason.ARRIVING)
    assert ended is not None
    assert ended.cleared_at is not None
    assert [event.kind for event in events] == [EventKind.CLEARED]
    # agreeing is the usual case: then the detector's own all-clear ends it
    assert life.after(ours, clear, setting())[1][0].kind is EventKind.CLEARED


def test_our_own_recovery_is_not_told_while_another_watchdog_sees_the_outage() -> None:
    recovers = Transition(
        before=Phase.DECLARED,
        after=Phase.RECOVERING,
        mono=MONO,
        t=0.0,
        reason=Reason.ARRIVING_AGAIN,
        because=Text("", ""),
        grounds=Grounds(),
    )
    ours, why = replace(outage(), advised_at=NOW, awaiting="tib"), Reason.ARRIVING_AGAIN
    assert life.after(ours, recovers, setting(contradicted=True)) == (ours, [])
    assert peers.heard(ours, setting(), word(), Phase.RECOVERING, why) == (ours, [])
    for said in (None, word(outage=False)):  # as soon as nobody says that it is out
        begun, events = peers.heard(ours, setting(), said, Phase.RECOVERING, why)
        assert begun is not None
        assert [event.kind for event in events] == [EventKind.RECOVERING]
        assert begun.is_outage
    assert life.after(ours, recovers, setting())[1][0].kind is EventKind.RECOVERING


@pytest.mark.parametrize("phase", [Phase.CLEAR, Phase.RECOVERING])
def test_who_heard_of_a_recovery_is_asked_anew_when_another_watchdog_sees_the_outage_go_on(
    phase: Phase,
) -> None:
    recovering = replace(
        outage(), advised_at=NOW, advice_due_at=NOW, told_duty_officer=True, recovering_at=NOW
    )
    tib = Endpoint(id="tib", role="duty_officer", sites=("s",))
    now = setting(MONO + 5, asked=(tib,))
    again, events = peers.heard(recovering, now, word(), phase, Reason.ARRIVING_AGAIN)
    assert again is not None
    assert [event.kind for event in events] == [EventKind.UPDATED, EventKind.ADVICE_CHANGED]
    assert [event.number for event in events] == [4, 5]
    assert (again.awaited, again.recovering_at) == ({"tib"}, None)


def test_what_only_a_peer_sees_is_suspected_from_the_newest_order_that_arrived_here() -> None:
    good = NOW - timedelta(seconds=7)
    now = setting(MONO + 60, last_good_at=good)
    incident, _ = peers.heard(None, now, word(until=MONO + 99), Phase.CLEAR, Reason.ARRIVING)
    assert incident is not None
    assert incident.last_good_at == good


NOT_ARRIVING = (Phase.SUSPECTED, Phase.DECLARED, Phase.UNKNOWN)


@pytest.mark.parametrize("phase", NOT_ARRIVING)
def test_a_silent_peer_never_ends_what_our_own_evidence_does_not(phase: Phase) -> None:
    incident, _ = peers.heard(
        None, setting(MONO + 60), word(until=MONO + 99), Phase.CLEAR, Reason.ARRIVING
    )
    ours = peers.heard(incident, setting(MONO + 100), None, phase, Reason.ARRIVING)
    assert ours == (incident, [])


def test_what_a_person_declared_is_a_persons_to_clear() -> None:
    declared, _ = life.declare_by_hand(None, setting(), "eva", "RIS står")
    assert peers.heard(declared, setting(), None, Phase.CLEAR, Reason.ARRIVING) == (declared, [])
