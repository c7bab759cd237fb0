"""What a transition, the clock or a person does to an incident. Pure; returns the events to store.

Detection is not advice: an outage is declared at once, paper begins after the site's hold-off.
Source: design decisions, sections 1 and 2; hazards R10, R14.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from watchdog.detection.explain import SHORT, chance
from watchdog.errors import Refused
from watchdog.incidents.acknowledge import asked, nobody, silence
from watchdog.incidents.setting import Setting, Step, event_of
from watchdog.incidents.window import earlier, good_until
from watchdog.model.incident import EventKind, Incident, IncidentEvent
from watchdog.model.outage import LOSSES, Phase, Reason, Transition
from watchdog.model.text import Text

TELL_ANYWAY = timedelta(minutes=5)
"""The duty officer is told of an outage that lasts this long, whatever the advice."""
BREAKER = "breaker"
"""Who says that sending has stopped by itself."""


def after(incident: Incident | None, transition: Transition, setting: Setting) -> Step:
    """The incident after a transition of its path's detector, and what happened to it."""
    if incident is not None and incident.is_over:
        incident = None
    match transition.after:
        case Phase.SUSPECTED:
            if incident is not None:
                return _slow_again(incident, transition, setting)
            opened = _open(transition, setting)
            return _record(opened, EventKind.SUSPECTED, transition, setting)
        case Phase.DECLARED:
            return _declared(incident or _open(transition, setting), transition, setting)
        case Phase.RECOVERING | Phase.CLEAR if _stands(incident, setting):
            return incident, []  # `peers.heard` goes on with it when nobody says otherwise
        case Phase.RECOVERING if incident is not None and not incident.by_hand:
            begun = nobody(replace(incident, recovering_at=setting.now))
            return _record(begun, EventKind.RECOVERING, transition, setting)
        case Phase.CLEAR if incident is not None and not incident.by_hand:
            return _ended(incident, transition, setting)
        case _:
            return incident, []


def _stands(incident: Incident | None, setting: Setting) -> bool:
    """True of an outage that another watchdog still sees: our own recovery is not told alone."""
    return incident is not None and incident.is_outage and setting.contradicted


def clock(incident: Incident, setting: Setting) -> Step:
    """What the passing of time alone does: paper begins, or the duty officer is told anyway.

    The hold-off counts from the sending of an order. A moment before that is a wall clock that was
    set back, by nobody knows how much: paper begins rather too early than hours too late.
    """
    if not incident.is_outage or incident.recovering_at is not None:
        return incident, []
    due = incident.advice_due_at
    if incident.advised_at is None and due is not None and _held_off(due, setting):
        advised = replace(incident, advised_at=setting.now, told_duty_officer=True)
        return _advice(advised, setting)
    declared = incident.declared_at
    if not incident.told_duty_officer and declared and setting.now >= declared + TELL_ANYWAY:
        told = replace(incident, told_duty_officer=True, number=incident.number + 1)
        because = Text(
            "Driftstoppet har varat i fem minuter.", "The outage has lasted five minutes."
        )
        return told, [event_of(told, EventKind.UPDATED, setting.now, because)]
    return silence(incident, setting)


def _held_off(due: datetime, setting: Setting) -> bool:
    """True from `due` on, and before the hold-off can have begun."""
    began = due - timedelta(seconds=setting.site.hold_off_s)
    return not began <= setting.now < due


def other_scenario(incident: Incident, setting: Setting) -> Step:
    """Another chapter of the routine applies than when it was declared: everybody told hears it."""
    if not incident.is_outage:
        return incident, []
    changed = replace(incident, scenario=setting.scenario)
    because = Text(
        f"Ett annat läge i rutinen gäller nu: {setting.scenario}.",
        f"Another chapter of the routine applies now: {setting.scenario}.",
    )
    numbered = replace(changed, number=changed.number + 1)
    return numbered, [event_of(numbered, EventKind.UPDATED, setting.now, because)]


def declare_by_hand(incident: Incident | None, setting: Setting, by: str, reason: str) -> Step:
    """A person declares; it wins at once, and paper begins at once."""
    if incident is not None and incident.is_outage and incident.by_hand:
        raise Refused(f"{setting.path.id} is already declared by {incident.declared_by}.")
    base = incident if incident is not None and not incident.is_over else None
    if base is None:
        base = Incident(
            id=setting.fresh_id,
            path=setting.path.id,
            site=setting.site.id,
            scenario=setting.scenario or setting.path.scenario,
            reason=Reason.DECLARED_BY_HAND,
            opened_at=setting.now,
        )
    declared = replace(
        base,
        by_hand=True,
        declared_by=by,
        declared_at=base.declared_at or setting.now,
        recovering_at=None,
        advice_due_at=setting.now,
        advised_at=setting.now,
        told_duty_officer=True,
        last_good_at=base.last_good_at or setting.last_good_at,
        number=base.number + 1,
    )
    because = Text(f"Utlyst för hand: {reason}", f"Declared by hand: {reason}")
    events = [event_of(declared, EventKind.DECLARED, setting.now, because, by=by)]
    advised, more = _advice(declared, setting)
    return advised, events + more


def clear_by_hand(incident: Incident, setting: Setting, by: str, reason: str, phase: Phase) -> Step:
    """A person clears an outage declared by hand; refused while the probes do not pass."""
    if not incident.is_outage:
        raise Refused(f"Incident {incident.id} is {incident.status}: there is nothing to clear.")
    if phase is not Phase.CLEAR:
        raise Refused(
            f"The probes of {incident.path} do not pass (phase {phase.value}): an all-clear now "
            "could hide referrals. Wait until orders arrive again; the clear then comes by itself, "
            "or repeat this command. Are the probes wrong: two persons may override them for 30 "
            "minutes (`remissvakt incident override`)."
        )
    cleared = replace(
        incident,
        cleared_at=setting.now,
        first_good_at=incident.first_good_at or setting.now,
        number=incident.number + 1,
    )
    cleared = nobody(cleared)
    because = Text(f"Avblåst för hand: {reason}", f"Cleared by hand: {reason}")
    return cleared, [event_of(cleared, EventKind.CLEARED, setting.now, because, by=by)]


def note(incident: Incident | None, setting: Setting, because: Text) -> Step:
    """Something that IT must know and that changes no state: sending has stopped by itself."""
    if incident is None or incident.is_over:
        incident = Incident(
            id=setting.fresh_id,
            path=setting.path.id,
            site=setting.site.id,
            scenario=setting.scenario or setting.path.scenario,
            reason=Reason.PROBE_REJECTED,
            opened_at=setting.now,
            unconfirmed=True,
        )
    noted = replace(incident, number=incident.number + 1)
    return noted, [event_of(noted, EventKind.UPDATED, setting.now, because, by=BREAKER)]


def goes_on(incident: Incident, setting: Setting, because: Text, by: str) -> Step:
    """An outage that may have seemed to end stands. Who heard of a recovery is told and asked anew."""
    relapsed = replace(
        incident,
        recovering_at=None,
        advised_at=_still_advised(incident),
        number=incident.number + 1,
    )
    event = event_of(relapsed, EventKind.UPDATED, setting.now, because, by=by)
    advised, more = clock(relapsed, setting)
    return advised, [event, *more]


def close(incident: Incident, now: datetime, by: str, reason: str, unfinished: int) -> Step:
    """A person's word that back-entry is done; refused while synthetic orders are not cleaned up."""
    if incident.closed_at is not None:
        raise Refused(f"Incident {incident.id} is closed already.")
    if not incident.is_over:
        raise Refused(
            f"Incident {incident.id} is {incident.status}: it ends with the all-clear first."
        )
    if unfinished:
        raise Refused(
            f"{unfinished} synthetic orders of incident {incident.id} are neither cancelled nor "
            "handed over: see `remissvakt orders debt`."
        )
    closed = replace(
        incident, closed_at=now, closed_by=by, close_reason=reason, number=incident.number + 1
    )
    because = Text(f"Efterregistrering klar: {reason}", f"Back-entry done: {reason}")
    return closed, [event_of(closed, EventKind.CLOSED, now, because, by=by)]


def serious(incident: Incident) -> Incident:
    """The incident itself. Refused if it is a drill: what is done to that must not touch its path."""
    if incident.drill:
        raise Refused(f"{incident.id} is a drill: `remissvakt drill end {incident.id}` ends it.")
    return incident


def _open(transition: Transition, setting: Setting) -> Incident:
    return Incident(
        id=setting.fresh_id,
        path=setting.path.id,
        site=setting.site.id,
        scenario=setting.scenario or setting.path.scenario,
        reason=transition.reason,
        opened_at=setting.now,
        last_good_at=good_until(transition, setting),
    )


def _still_advised(incident: Incident) -> datetime | None:
    """When clinics were put on paper; None after a recovery: who heard of it is asked anew."""
    return None if incident.recovering_at is not None else incident.advised_at


def _declared(incident: Incident, transition: Transition, setting: Setting) -> Step:
    oldest = setting.wall(transition.grounds.oldest_missing_mono) or setting.now
    due = oldest + timedelta(seconds=setting.site.hold_off_s)
    declared = replace(
        incident,
        reason=transition.reason,
        declared_at=incident.declared_at or setting.now,
        recovering_at=None,
        first_good_at=None,
        # a relapse does not put paper off again
        advice_due_at=min(due, incident.advice_due_at or due),
        advised_at=_still_advised(incident),
        last_good_at=earlier(incident.last_good_at, good_until(transition, setting)),
        possibly_caused_by_probe=incident.possibly_caused_by_probe
        or transition.grounds.probe_first,
        partial=incident.partial or transition.grounds.partial or transition.reason in LOSSES,
        sender=_lost_of(incident, transition),
    )
    recorded, events = _record(declared, EventKind.DECLARED, transition, setting)
    if recorded is None:
        return recorded, events
    advised, more = clock(recorded, setting)
    return advised, events + more


def _lost_of(incident: Incident, transition: Transition) -> str:
    """The sender that it was declared for; a relapse says no more of it."""
    if transition.before is Phase.RECOVERING:
        return incident.sender
    return transition.grounds.sender if transition.reason is Reason.SENDER_LOSS else ""


def _slow_again(incident: Incident, transition: Transition, setting: Setting) -> Step:
    """An outage is over but for being slow: clinics send again, so who was told of it hears that.

    Any other suspicion of ours begins no recovery, nor does one that another watchdog contradicts.
    """
    slow = transition.reason is Reason.SLOW and not setting.contradicted
    if not incident.is_outage or incident.by_hand or not slow:
        return incident, []
    kind = EventKind.RECOVERING if incident.recovering_at is None else EventKind.UPDATED
    begun = nobody(replace(incident, recovering_at=incident.recovering_at or setting.now))
    return _record(begun, kind, transition, setting)


def _ended(incident: Incident, transition: Transition, setting: Setting) -> Step:
    if incident.declared_at is None:
        ended = replace(incident, unconfirmed=True)
        return _record(ended, EventKind.UNCONFIRMED, transition, setting)
    first_good = setting.wall(transition.mono - transition.grounds.span_s)
    cleared = nobody(replace(incident, cleared_at=setting.now, first_good_at=first_good))
    return _record(cleared, EventKind.CLEARED, transition, setting)


def _record(incident: Incident, kind: EventKind, transition: Transition, setting: Setting) -> Step:
    numbered = replace(incident, number=incident.number + 1)
    event = IncidentEvent(
        incident=numbered.id,
        number=numbered.number,
        kind=kind,
        at=setting.now,
        because=transition.because,
        evidence=chance(transition.grounds),
    )
    return numbered, [event]


def _advice(incident: Incident, setting: Setting) -> Step:
    numbered = replace(asked(incident, setting), number=incident.number + 1)
    because = Text(
        "Kliniker går över till reservrutinen.", "Clinics change to the downtime routine."
    )
    because = Text(
        f"{because.sv} {SHORT[incident.reason].sv}", f"{because.en} {SHORT[incident.reason].en}"
    )
    return numbered, [event_of(numbered, EventKind.ADVICE_CHANGED, setting.now, because)]
