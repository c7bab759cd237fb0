"""`normal` has two ages; past either it reads `unknown`. Outage and recovery stay."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.detection.effective import Effective, Snapshot, effective_state
from watchdog.model.outage import Phase, Reason, State

FRESH = Snapshot(
    phase=Phase.CLEAR,
    reason=Reason.ARRIVING,
    evaluated_mono=100.0,
    life_mono=90.0,
    evaluation_limit_s=15,
    evidence_limit_s=90,
    valid_for_s=45,
)


def test_a_fresh_path_is_normal_for_what_remains() -> None:
    at_once, later = effective_state(FRESH, 100), effective_state(FRESH, 110)
    assert at_once.state is later.state is State.NORMAL
    assert (at_once.valid_for_s, later.valid_for_s) == (45, 35)


def test_nobody_may_believe_normal_past_its_evidence() -> None:
    stored = replace(FRESH, evaluated_mono=170.0)
    assert effective_state(stored, 170).valid_for_s == 10


@pytest.mark.parametrize(
    ("now", "reason"), [(115.1, Reason.NOT_EVALUATED), (1000.0, Reason.NOT_EVALUATED)]
)
def test_past_the_age_of_its_evaluation_normal_is_unknown(now: float, reason: Reason) -> None:
    told = effective_state(FRESH, now)
    assert (told.state, told.reason, told.valid_for_s >= 0) == (State.UNKNOWN, reason, True)


def test_past_the_age_of_its_evidence_normal_is_unknown() -> None:
    stored = replace(FRESH, evaluated_mono=181.0)
    assert effective_state(stored, 181.0).reason is Reason.NOT_PROBED


def test_without_a_reader_a_path_is_unverified() -> None:
    told = effective_state(replace(FRESH, verified=False), 100)
    assert (told.state, told.reason) == (State.UNKNOWN, Reason.UNVERIFIED)


@pytest.mark.parametrize(
    ("phase", "state"),
    [(Phase.DECLARED, State.OUTAGE), (Phase.RECOVERING, State.RECOVERING)],
)
def test_an_outage_never_expires_to_anything_better(phase: Phase, state: State) -> None:
    told = effective_state(replace(FRESH, phase=phase), 1e6)
    assert (told.state, told.stale) == (state, True)


def test_a_suspicion_is_degraded_only_while_evidence_is_fresh() -> None:
    suspected = replace(FRESH, phase=Phase.SUSPECTED, reason=Reason.PROBE_REJECTED)
    assert effective_state(suspected, 101).state is State.DEGRADED
    late = replace(suspected, evaluated_mono=200.0)
    assert effective_state(late, 200).state is State.UNKNOWN


def test_a_declaration_by_hand_wins_over_a_clear_detector() -> None:
    told = effective_state(replace(FRESH, declared_by_hand=True), 100)
    assert (told.state, told.reason) == (State.OUTAGE, Reason.DECLARED_BY_HAND)


@given(
    st.sampled_from(list(Phase)),
    st.floats(0, 1e4),
    st.none() | st.floats(-1e4, 1e4),
    st.floats(0, 1e4),
)
def test_normal_is_never_said_past_either_age(
    phase: Phase, evaluated: float, life: float | None, later: float
) -> None:
    stored = replace(FRESH, phase=phase, evaluated_mono=evaluated, life_mono=life)
    now = evaluated + later
    told = effective_state(stored, now)
    if told.state is State.NORMAL:
        assert now - evaluated <= 15
        assert life is not None
        assert now - life <= 90
        assert told.expires_mono >= now
        assert effective_state(stored, told.expires_mono + 0.001).state is State.UNKNOWN


def answer(state: State, reason: Reason, **more: float) -> Effective:
    """What is told of `FRESH` at 105: evaluated 5 s ago, to be believed for 40 more."""
    values = {"valid_for_s": 40.0, "expires_mono": 115.0} | more
    return Effective(state=state, reason=reason, stale=False, **values)


UNTIL_BELIEVED = {"expires_mono": 145.0}
EVERY_ANSWER = {
    "well": ({}, answer(State.NORMAL, Reason.ARRIVING)),
    "well, for the detector still names its last trouble": (
        {"reason": Reason.ARRIVING_AGAIN},
        answer(State.NORMAL, Reason.ARRIVING),
    ),
    "a group of systems, which no order can test": (
        {"reason": Reason.SYSTEM_WORKS},
        answer(State.NORMAL, Reason.SYSTEM_WORKS),
    ),
    "suspected": (
        {"phase": Phase.SUSPECTED, "reason": Reason.SLOW},
        answer(State.DEGRADED, Reason.SLOW),
    ),
    "an order of ours was rejected": (
        {"probe_rejected": True, "text_damaged": True},
        answer(State.DEGRADED, Reason.PROBE_REJECTED),
    ),
    "text comes out damaged": (
        {"text_damaged": True},
        answer(State.DEGRADED, Reason.TEXT_DAMAGE),
    ),
    "evidence that ends before the evaluation does": (
        {"life_mono": 20.0},
        answer(State.NORMAL, Reason.ARRIVING, valid_for_s=5.0, expires_mono=110.0),
    ),
    "evidence at its very end": (
        {"life_mono": 15.0},
        answer(State.NORMAL, Reason.ARRIVING, valid_for_s=0.0, expires_mono=105.0),
    ),
    "evidence past its end": (
        {"life_mono": 14.9},
        answer(State.UNKNOWN, Reason.NOT_PROBED, **UNTIL_BELIEVED),
    ),
    "no order ever arrived": (
        {"life_mono": None},
        answer(State.UNKNOWN, Reason.NOT_PROBED, **UNTIL_BELIEVED),
    ),
    "nothing is known, because an order of ours was rejected": (
        {"life_mono": 14.9, "probe_rejected": True},
        answer(State.UNKNOWN, Reason.PROBE_REJECTED, **UNTIL_BELIEVED),
    ),
    "an order was rejected, and the watchdog is blind besides": (
        {"phase": Phase.UNKNOWN, "reason": Reason.BLIND, "probe_rejected": True},
        answer(State.UNKNOWN, Reason.BLIND, **UNTIL_BELIEVED),
    ),
    "declared": (
        {"phase": Phase.DECLARED, "reason": Reason.REFUSED},
        answer(State.OUTAGE, Reason.REFUSED),
    ),
    "recovering": (
        {"phase": Phase.RECOVERING, "reason": Reason.ARRIVING_AGAIN},
        answer(State.RECOVERING, Reason.ARRIVING_AGAIN),
    ),
    "declared by hand, whatever the detector says": (
        {"phase": Phase.RECOVERING, "declared_by_hand": True},
        answer(State.OUTAGE, Reason.DECLARED_BY_HAND),
    ),
}


@pytest.mark.parametrize("case", EVERY_ANSWER)
def test_every_answer_has_its_reason_and_its_end(case: str) -> None:
    change, told = EVERY_ANSWER[case]
    assert effective_state(replace(FRESH, **change), 105.0) == told


@pytest.mark.parametrize(
    ("now", "stale", "valid_for_s"), [(115.0, False, 30.0), (115.5, True, 29.5), (146.0, True, 0.0)]
)
def test_an_outage_that_is_not_evaluated_in_time_is_marked_and_kept(
    now: float, valid_for_s: float, *, stale: bool
) -> None:
    told = effective_state(replace(FRESH, phase=Phase.DECLARED), now)
    assert (told.stale, told.valid_for_s, told.expires_mono) == (stale, valid_for_s, 115.0)
    by_hand = effective_state(replace(FRESH, declared_by_hand=True), now)
    assert (by_hand.stale, by_hand.valid_for_s) == (stale, valid_for_s)


def test_at_the_very_end_of_its_evaluation_normal_still_holds() -> None:
    assert effective_state(FRESH, 115.0).state is State.NORMAL


def test_what_nobody_evaluates_is_unknown_for_no_time_at_all() -> None:
    told = effective_state(FRESH, 500.0)
    assert told == answer(State.UNKNOWN, Reason.NOT_EVALUATED, valid_for_s=0.0, expires_mono=145.0)
