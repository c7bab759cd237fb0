"""Who is told of an incident's event. Pure: event, endpoints and situation in, notices out."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from watchdog.model.endpoint import Endpoint
from watchdog.model.ids import EVENT_NAMESPACE, IncidentId, event_id
from watchdog.model.incident import EventKind, IncidentEvent
from watchdog.model.notice import Notice
from watchdog.notify.render import Situation, Unanswered, body

K = EventKind
DEFAULTS: dict[str, frozenset[EventKind]] = {
    "it": frozenset({K.DECLARED, K.RECOVERING, K.CLEARED, K.UPDATED}),
    "duty_officer": frozenset({K.ADVICE_CHANGED, K.RECOVERING, K.CLEARED, K.UPDATED}),
    "receiving_unit": frozenset({K.ADVICE_CHANGED, K.RECOVERING, K.CLEARED}),
    "administrators": frozenset(),
}
ONLY_IF_ADVISED = frozenset({K.RECOVERING, K.CLEARED})
"""Nobody is told of the end of what they were not told the beginning of."""
BEGINNING_AND_END = frozenset({K.ADVICE_CHANGED, K.CLEARED})
"""What is told of an incident that has an audience of its own."""


def plan(
    event: IncidentEvent, endpoints: tuple[Endpoint, ...], situation: Situation, first_order: int
) -> list[Notice]:
    """One notice per endpoint that wants this event, to be stored with it in one transaction.

    Where a person must acknowledge, what follows if nobody does is stored too, with its time.
    """
    ident = str(event_id(IncidentId(event.incident), event.number, event.kind.value))
    endpoints = tuple(each for each in endpoints if situation.incident.concerns(each.id))
    known = {endpoint.id: endpoint for endpoint in endpoints}
    out: list[Notice] = []
    for endpoint in endpoints:
        ends = event.kind in ONLY_IF_ADVISED and endpoint.id in _rungs(endpoints, situation)
        if not wants(endpoint, event, situation) and not ends:
            continue
        notice = Notice(
            id=str(uuid.uuid5(EVENT_NAMESPACE, f"{ident}/{endpoint.id}")),
            event_id=ident,
            endpoint=endpoint.id,
            incident=event.incident,
            kind=event.kind.value,
            body=body(event, situation, ident, endpoint),
            created_at=event.at,
            order=0,
            next_attempt_at=event.at,
        )
        if endpoint.hours is not None and (opens := endpoint.hours.next_open(event.at)) > event.at:
            notice = replace(notice, next_attempt_at=opens, not_before=opens)
        out.append(notice)
        if event.kind is K.ADVICE_CHANGED and endpoint.id in situation.incident.awaited:
            out += _follow_up(event, endpoint, notice, situation, known)
    return [replace(notice, order=first_order + place) for place, notice in enumerate(out)]


def _follow_up(
    event: IncidentEvent,
    endpoint: Endpoint,
    notice: Notice,
    situation: Situation,
    known: dict[str, Endpoint],
) -> Iterator[Notice]:
    """Rungs of the escalation, and reminders: due unless the endpoint's person acknowledges."""
    rungs = [(rung.after_s, known[rung.to]) for rung in endpoint.escalation if rung.to in known]
    rungs += [(endpoint.remind_every_s * n, endpoint) for n in _times(endpoint)]
    for after_s, to in sorted(rungs, key=lambda rung: rung[0]):
        ident = str(uuid.uuid5(EVENT_NAMESPACE, f"{notice.id}/{after_s:g}/{to.id}"))
        due = event.at + timedelta(seconds=after_s)
        unanswered = Unanswered(endpoint=endpoint.id, after_s=after_s)
        yield Notice(
            id=ident,
            event_id=ident,
            endpoint=to.id,
            incident=event.incident,
            kind=event.kind.value,
            body=body(event, situation, ident, to, unanswered),
            created_at=event.at,
            order=0,
            next_attempt_at=due,
            not_before=due,
            unless=endpoint.id,
            of=notice.id,
        )


def _rungs(endpoints: tuple[Endpoint, ...], situation: Situation) -> set[str]:
    """Who may have been told in another's place, and so must hear the end."""
    incident = situation.incident
    if incident.advised_at is None:
        return set()
    asked = [each for each in endpoints if each.asked and incident.site in each.sites]
    return {rung.to for each in asked for rung in each.escalation}


def _times(endpoint: Endpoint) -> range:
    return range(1, endpoint.remind_times + 1) if endpoint.remind_every_s > 0 else range(0)


def wants(endpoint: Endpoint, event: IncidentEvent, situation: Situation) -> bool:
    """True if this endpoint is told of this event."""
    incident = situation.incident
    if incident.audience:  # of which `plan` has left nobody else
        return event.kind in BEGINNING_AND_END
    if incident.site not in endpoint.sites:
        return False
    if endpoint.events:
        return event.kind.value in endpoint.events
    if event.kind not in DEFAULTS[endpoint.role]:
        return False
    if endpoint.role == "it":
        return True
    if event.kind is K.UPDATED:
        return incident.told_duty_officer and endpoint.role == "duty_officer"
    if event.kind not in ONLY_IF_ADVISED:
        return True
    unit = endpoint.role == "receiving_unit"  # it hears of nothing before clinics change to paper
    return incident.advised_at is not None if unit else incident.told_duty_officer
