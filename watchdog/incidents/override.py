"""When people may say "clear" while the probes say "out": the rule of hazard R10. Pure.

The incident stays open and its probes go on; for half an hour at most it is published as
recovering, never as normal, so that urgent referrals are rung about. A relapse into what the probes
say needs nobody: the time runs out.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from watchdog.detection.effective import Effective
from watchdog.errors import Refused
from watchdog.model.incident import Incident
from watchdog.model.outage import Phase, Reason, State
from watchdog.model.override import ASKED_FOR, LONGEST, Override

SHORTEST_REASON = 10


def ask(
    incident: Incident, phase: Phase, *, by: str, reason: str, now: datetime, ident: str
) -> Override:
    """The first person's request. Refused if there is nothing to override, or no real reason."""
    if not incident.is_outage:
        raise Refused(f"Incident {incident.id} is {incident.status}: there is nothing to override.")
    if phase is Phase.CLEAR:
        raise Refused("The probes pass: clear the incident the ordinary way.")
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refused("Say in a sentence why the probes are wrong: people will act on it.")
    return Override(
        id=ident,
        incident=incident.id,
        path=incident.path,
        reason=reason.strip(),
        asked_by=by,
        asked_at=now,
    )


def grant(asked: Override, *, by: str, now: datetime) -> Override:
    """The second person's word. Refused from the same person, or too late."""
    if by.strip().casefold() == asked.asked_by.strip().casefold():
        raise Refused(
            f"{by} asked for it: another person must confirm a clear against failing probes."
        )
    if asked.granted_at is not None:
        raise Refused(f"{asked.granted_by} has confirmed it already.")
    if now - asked.asked_at > ASKED_FOR:
        raise Refused("The request is older than 15 minutes: ask again.")
    return replace(asked, granted_by=by, granted_at=now, ends_at=now + LONGEST)


def waiting(overrides: Iterable[Override], incident: str, now: datetime) -> Override | None:
    """The newest request of this incident that waits for its second person."""
    mine = [
        o
        for o in overrides
        if o.incident == incident and o.granted_at is None and now - o.asked_at <= ASKED_FOR
    ]
    return max(mine, key=lambda o: o.asked_at, default=None)


def active(overrides: Iterable[Override], incident: str, now: datetime) -> Override | None:
    """The one in force; half-open, [granted, end)."""
    for found in overrides:
        if found.incident != incident or found.granted_at is None or found.ends_at is None:
            continue
        if found.granted_at <= now < found.ends_at:
            return found
    return None


def published(effective: Effective, override: Override | None, now: datetime) -> Effective:
    """The state with the override in mind: only an outage is softened, and never to normal."""
    if override is None or override.ends_at is None or effective.state is not State.OUTAGE:
        return effective
    left = (override.ends_at - now).total_seconds()
    return replace(
        effective,
        state=State.RECOVERING,
        reason=Reason.CLEARED_BY_HAND,
        valid_for_s=min(effective.valid_for_s, max(0.0, left)),
    )
