"""What may be published of a path at this moment: one pure function of what is stored and the time.

No code path stores or serves `normal` without the age of its evaluation and of its evidence.
Source: design decisions, sections 1 and 6; hazards R1, R2.
"""

from dataclasses import dataclass

from watchdog.model.outage import Phase, Reason, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the evaluation of a path left in memory. Ages are on the reader's own monotonic clock."""

    phase: Phase
    reason: Reason
    evaluated_mono: float
    life_mono: float | None
    """When the newest order known to have arrived was sent."""
    evaluation_limit_s: float
    evidence_limit_s: float
    valid_for_s: float
    verified: bool = True
    """A reader of level E5 or E6 is configured."""
    text_damaged: bool = False
    declared_by_hand: bool = False
    probe_rejected: bool = False
    """The breaker is open: at best degraded, until a person resumes sending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """The published state, why, and how long it may be believed."""

    state: State
    reason: Reason
    stale: bool
    """An outage or recovery that has not been evaluated in time: kept, and marked."""
    valid_for_s: float
    expires_mono: float
    """After this moment the answer must be formed anew."""


def effective_state(stored: Snapshot, now: float) -> Effective:
    """The state that may be served at monotonic `now`."""
    age = now - stored.evaluated_mono
    stale = age > stored.evaluation_limit_s
    left = stored.valid_for_s - age
    expires = stored.evaluated_mono + stored.valid_for_s
    if stored.declared_by_hand:
        return _latched(State.OUTAGE, Reason.DECLARED_BY_HAND, stored, now, stale=stale)
    if stored.phase is Phase.DECLARED:
        return _latched(State.OUTAGE, stored.reason, stored, now, stale=stale)
    if stored.phase is Phase.RECOVERING:
        return _latched(State.RECOVERING, stored.reason, stored, now, stale=stale)
    doubt = _doubt(stored, now, stale=stale)
    if doubt is Reason.NOT_PROBED and stored.probe_rejected:
        doubt = Reason.PROBE_REJECTED  # why nothing is known
    if doubt is not None:
        return _unknown(doubt, max(left, 0.0), expires)
    systems = stored.reason is Reason.SYSTEM_WORKS  # a group of systems, in which nothing arrives
    state, reason = State.NORMAL, stored.reason if systems else Reason.ARRIVING
    if stored.phase is Phase.SUSPECTED:
        state, reason = State.DEGRADED, stored.reason
    elif stored.probe_rejected:
        state, reason = State.DEGRADED, Reason.PROBE_REJECTED
    elif stored.text_damaged:
        state, reason = State.DEGRADED, Reason.TEXT_DAMAGE
    life = stored.life_mono if stored.life_mono is not None else now
    evidence_ends = life + stored.evidence_limit_s
    return Effective(
        state=state,
        reason=reason,
        stale=False,
        # a client polls each 15 s and may believe us for 45 s, but not past our evidence; we
        # ourselves say `unknown` as soon as the evaluation is late
        valid_for_s=max(0.0, min(left, evidence_ends - now)),
        expires_mono=min(stored.evaluated_mono + stored.evaluation_limit_s, evidence_ends),
    )


def _doubt(stored: Snapshot, now: float, *, stale: bool) -> Reason | None:
    if not stored.verified:
        return Reason.UNVERIFIED
    if stale:
        return Reason.NOT_EVALUATED
    if stored.phase is Phase.UNKNOWN:
        return stored.reason
    if stored.life_mono is None or now - stored.life_mono > stored.evidence_limit_s:
        return Reason.NOT_PROBED
    return None


def _latched(
    state: State, reason: Reason, stored: Snapshot, now: float, *, stale: bool
) -> Effective:
    """Outage and recovery never expire to anything better."""
    left = stored.valid_for_s - (now - stored.evaluated_mono)
    return Effective(
        state=state,
        reason=reason,
        stale=stale,
        valid_for_s=max(left, 0.0),
        expires_mono=stored.evaluated_mono + stored.evaluation_limit_s,
    )


def _unknown(reason: Reason, left: float, expires: float) -> Effective:
    return Effective(
        state=State.UNKNOWN, reason=reason, stale=False, valid_for_s=left, expires_mono=expires
    )
