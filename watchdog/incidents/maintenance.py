"""What a planned window changes, and what it may not. Pure. Hazards H16 and H17.

A window renames a path that is well, and nothing else: a path that fails inside it, or is still out
when it ends, reads exactly as it would without one, and its clinics are told so.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from watchdog.detection.effective import Effective
from watchdog.errors import Refused
from watchdog.model.maintenance import LONGEST, Window
from watchdog.model.outage import Reason, State

SHORTEST_NAME = 2


def checked(window: Window, now: datetime) -> Window:
    """The window, or Refused with what is wrong with it."""
    if window.ends_at <= window.starts_at:
        raise Refused("The window ends before it begins.")
    if window.ends_at - window.starts_at > LONGEST:
        hours = LONGEST.total_seconds() / 3600
        raise Refused(
            f"A window may last {hours:g} hours at most: plan two, or tell the clinics another way."
        )
    if window.ends_at <= now:
        raise Refused("The window is over already.")
    if len(window.owner.strip()) < SHORTEST_NAME:
        raise Refused("A window needs a named owner: the person who answers for the work.")
    return window


def active(windows: Iterable[Window], path: str, now: datetime) -> Window | None:
    """The window in which the path is now, the one that ends last; half-open, [start, end)."""
    mine = [
        w
        for w in windows
        if w.path == path and w.cancelled_at is None and w.starts_at <= now < w.ends_at
    ]
    return max(mine, key=lambda w: w.ends_at, default=None)


def published(effective: Effective, window: Window | None) -> Effective:
    """The state with the window in mind: only `normal` becomes `maintenance`."""
    if window is None or effective.state is not State.NORMAL:
        return effective
    return replace(effective, state=State.MAINTENANCE, reason=Reason.MAINTENANCE)
