"""Watchdogs that watch each other: any may declare, all fresh ones must agree to clear. Pure.

A peer that does not answer has no say: it is lost redundancy, neither a veto nor a vote. Hazards R8, R9.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from watchdog.detection.effective import Effective
from watchdog.incidents.acknowledge import nobody
from watchdog.incidents.life import goes_on
from watchdog.incidents.setting import Setting, Step, event_of, told
from watchdog.model.incident import EventKind, Incident
from watchdog.model.outage import Phase, Reason, State
from watchdog.model.peer import PeerWord
from watchdog.model.text import Text

BETTER = frozenset({State.NORMAL, State.MAINTENANCE})
"""What nobody is told while an outage has not ended."""
ARRIVES = frozenset({Reason.ARRIVING, Reason.ARRIVING_AGAIN, Reason.SLOW, Reason.TEXT_DAMAGE})
"""Why a path is at most disturbed, of which nothing is missing."""


def fresh(words: Iterable[PeerWord], mono: float) -> PeerWord | None:
    """What weighs most of what may be believed now: an outage first, then what has stood longest."""
    believed = (word for word in words if mono < word.until_mono)
    return min(believed, key=lambda word: (not word.outage, word.since_mono), default=None)


def published(
    effective: Effective, word: PeerWord | None, incident: Incident | None, mono: float
) -> Effective:
    """The state with the peers in mind: it moves towards caution only, and no longer than they say.

    Our own evidence may be whole before the outage has ended: until then it reads `recovering`. While
    we have a suspicion of our own, and nobody was told that orders arrive again, it is still out.
    Only a path that is slow, and of which everybody told of the outage has heard that orders arrive
    again, reads `degraded`.
    """
    if word is None or not word.outage:
        if incident is None or not incident.is_outage:
            return effective
        if effective.state in BETTER:
            return replace(effective, state=State.RECOVERING, reason=Reason.ARRIVING_AGAIN)
        if effective.state is not State.DEGRADED:
            return effective
        if incident.recovering_at is None and effective.reason not in ARRIVES:
            return replace(effective, state=State.OUTAGE, reason=incident.reason)
        slow = effective.reason is Reason.SLOW and incident.recovering_at is not None
        return effective if slow else replace(effective, state=State.RECOVERING)
    if effective.state is State.OUTAGE:
        return effective
    left = word.until_mono - mono
    return replace(
        effective,
        state=State.OUTAGE,
        reason=Reason.DISAGREEMENT,
        valid_for_s=min(effective.valid_for_s or left, left),
        expires_mono=min(effective.expires_mono, word.until_mono),
    )


def heard(
    incident: Incident | None,
    setting: Setting,
    word: PeerWord | None,
    phase: Phase,
    reason: Reason,
) -> Step:
    """What a peer's word, or its end, does to the path's incident.

    `phase` and `reason` are our own detector's. Where orders arrive here again, if slowly, the end of
    the peer's word begins the recovery; only where they arrive as usual is it the all-clear.
    """
    present = incident if incident is not None and not incident.is_over else None
    out = present is not None and present.is_outage
    if word is not None and word.outage and not out:
        waited = setting.mono - word.since_mono
        alone = setting.path.cadence.disagreement_s
        return _declared(present, setting, word) if waited >= alone else (incident, [])
    if present is None or not out or present.by_hand or phase is Phase.DECLARED:
        return incident, []  # our own evidence, or a person, decides
    if word is not None and word.outage:
        recovers = present.recovering_at is not None
        return _again(present, setting, word) if recovers else (incident, [])
    if word is None and phase is Phase.CLEAR:
        return _cleared(present, setting)
    slow = phase is Phase.SUSPECTED and reason is Reason.SLOW
    arrives = slow or phase in (Phase.CLEAR, Phase.RECOVERING)
    if present.recovering_at is not None or not arrives:
        return incident, []
    return _recovering(present, setting, word)


def _declared(present: Incident | None, setting: Setting, word: PeerWord) -> Step:
    """IT and the duty officer hear it now; paper begins when the site's hold-off has passed."""
    since = setting.wall(word.since_mono) or setting.now
    opened = present or Incident(
        id=setting.fresh_id,
        path=setting.path.id,
        site=setting.site.id,
        scenario=setting.scenario or setting.path.scenario,
        reason=Reason.DISAGREEMENT,
        opened_at=since,
    )
    declared = replace(
        opened,
        reason=Reason.DISAGREEMENT,
        declared_at=setting.now,
        declared_by=word.peer,
        advice_due_at=since + timedelta(seconds=setting.site.hold_off_s),
        told_duty_officer=True,
        last_good_at=opened.last_good_at or setting.last_good_at,
        number=opened.number + 1,
    )
    because = Text(
        f"Övervakaren {word.peer} ser att remisser inte kommer fram; den här ser det inte.",
        f"The watchdog {word.peer} sees that orders do not arrive; this one does not.",
    )
    event = event_of(declared, EventKind.DECLARED, setting.now, because, by=word.peer)
    stated, more = told(declared, setting, because, by=word.peer)
    return stated, [event, *more]


def _recovering(incident: Incident, setting: Setting, word: PeerWord | None) -> Step:
    """Orders arrive again, and it is not sure yet: no paper begins now, and no all-clear.

    With a word, the peer is not sure; without one, nobody says otherwise and we are not.
    """
    begun = nobody(replace(incident, recovering_at=setting.now, number=incident.number + 1))
    because = Text(
        "Remisser kommer fram igen; ingen annan övervakare säger emot.",
        "Orders arrive again; no other watchdog says otherwise.",
    )
    if word is not None:
        because = Text(
            f"Övervakaren {word.peer} ser remisser komma fram igen.",
            f"The watchdog {word.peer} sees orders arrive again.",
        )
    by = word.peer if word is not None else ""
    return begun, [event_of(begun, EventKind.RECOVERING, setting.now, because, by=by)]


def _again(incident: Incident, setting: Setting, word: PeerWord) -> Step:
    """We were about to clear, and the peer says that it is out: paper begins, or goes on, by its time."""
    because = Text(
        f"Övervakaren {word.peer} ser att remisser inte kommer fram: driftstoppet pågår.",
        f"The watchdog {word.peer} sees that orders do not arrive: the outage goes on.",
    )
    return goes_on(incident, setting, because, word.peer)


def _cleared(incident: Incident, setting: Setting) -> Step:
    cleared = nobody(
        replace(
            incident,
            cleared_at=setting.now,
            first_good_at=incident.first_good_at or setting.now,
            number=incident.number + 1,
        )
    )
    because = Text(
        "Remisser kommer fram, och ingen annan övervakare säger emot.",
        "Orders arrive, and no other watchdog says otherwise.",
    )
    return cleared, [event_of(cleared, EventKind.CLEARED, setting.now, because)]
