"""Who is told of an incident's event. Pure: event, endpoints and situation in, notices out."""

import uuid

from watchdog.model.ids import EVENT_NAMESPACE, IncidentId, event_id
from watchdog.model.incident import EventKind, IncidentEvent
from watchdog.model.notice import Notice
from watchdog.model.site import Endpoint
from watchdog.notify.render import Situation, body

K = EventKind
DEFAULTS: dict[str, frozenset[EventKind]] = {
    "it": frozenset({K.DECLARED, K.RECOVERING, K.CLEARED, K.UPDATED}),
    "duty_officer": frozenset({K.ADVICE_CHANGED, K.RECOVERING, K.CLEARED, K.UPDATED}),
    "receiving_unit": frozenset({K.ADVICE_CHANGED, K.RECOVERING, K.CLEARED}),
}
ONLY_IF_ADVISED = frozenset({K.RECOVERING, K.CLEARED})
"""Nobody is told of the end of what they were not told the beginning of."""


def plan(
    event: IncidentEvent, endpoints: tuple[Endpoint, ...], situation: Situation, first_order: int
) -> list[Notice]:
    """One notice per endpoint that wants this event, to be stored with it in one transaction."""
    ident = str(event_id(IncidentId(event.incident), event.number))
    return [
        Notice(
            id=str(uuid.uuid5(EVENT_NAMESPACE, f"{ident}/{endpoint.id}")),
            event_id=ident,
            endpoint=endpoint.id,
            incident=event.incident,
            kind=event.kind.value,
            body=body(event, situation, ident, role=endpoint.role),
            created_at=event.at,
            order=first_order + place,
            next_attempt_at=event.at,
        )
        for place, endpoint in enumerate(e for e in endpoints if wants(e, event, situation))
    ]


def wants(endpoint: Endpoint, event: IncidentEvent, situation: Situation) -> bool:
    """True if this endpoint is told of this event."""
    incident = situation.incident
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
    return event.kind not in ONLY_IF_ADVISED or incident.told_duty_officer
