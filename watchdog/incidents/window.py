"""The suspect window: which referrals may be missing in the RIS, and how long that concerns clinics. Pure.

Source: hazards R14.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from watchdog.incidents.setting import Setting
from watchdog.model.incident import Incident, SuspectWindow
from watchdog.model.outage import LOSSES, Transition

SHOWN_FOR = timedelta(hours=72)


def suspect_window(incident: Incident) -> SuspectWindow:
    """From the last good order to the first good one after it."""
    return SuspectWindow(
        incident=incident.id,
        path=incident.path,
        since=incident.last_good_at,
        until=incident.first_good_at if incident.cleared_at else None,
    )


def is_shown(incident: Incident, now: datetime) -> bool:
    """True while its suspect window concerns clinics: open, or ended within 72 hours."""
    if incident.declared_at is None:
        return False
    return incident.cleared_at is None or now - incident.cleared_at <= SHOWN_FOR


def good_until(transition: Transition, setting: Setting) -> datetime | None:
    """What was sent after this may be missing: where only some are lost, others have arrived since."""
    life, oldest = transition.grounds.life_mono, transition.grounds.oldest_missing_mono
    partly = transition.reason in LOSSES
    if partly and life is not None and oldest is not None:
        return setting.wall(min(life, oldest))
    return setting.wall(life)


def earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two moments; the one that is known, if the other is not."""
    known = [at for at in (one, other) if at is not None]
    return min(known, default=None)


def unfinished(incidents: Sequence[Incident]) -> Incident | None:
    """Of one path's, newest first: the outage that is not over, else what else is not over."""
    going_on = [incident for incident in incidents if not incident.is_over]
    return next((i for i in going_on if i.is_outage), next(iter(going_on), None))
