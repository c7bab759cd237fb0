"""`normal` has two ages; past either it reads `unknown`. Outage and recovery stay."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.detection.effective import Snapshot, effective_state
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
