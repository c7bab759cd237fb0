"""Attempt to the wait before the next one. Safety first: never given up, at most 60 s apart.

Every second at first, so that a receiver that restarts is told within a second of its return; why
not the doubling that is usual: docs/decisions/0011.
"""

STEPS = ((30.0, 1.0), (60.0, 4.0), (600.0, 15.0))
"""Until so long after the first attempt: so long between two, in seconds."""
AFTERWARDS_S = 60.0
NEXT_CHANNEL_AFTER, NEXT_CHANNEL_AFTER_S = 3, 30.0
MOST_ASKED_S = 15.0
"""A receiver that asks to be left alone for longer is not obeyed: an outage does not wait."""
JITTER = 0.2


def wait_s(since_first_s: float, chance: float) -> float:
    """Seconds until the next attempt, `since_first_s` after the first one.

    `chance` in [0, 1) spreads it by at most 20 %, downwards: the steps promise a longest gap.
    """
    base = next((gap for until, gap in STEPS if since_first_s < until), AFTERWARDS_S)
    return base * (1 - JITTER * chance)


def set_back(wait_s: float) -> bool:
    """True if no attempt is ever planned so far ahead: the wall clock was set back since, try now."""
    return wait_s > AFTERWARDS_S


def steps_aside(attempts: int, *, refused: bool) -> bool:
    """True for a notice that its receiver has refused so often: what is newer need not wait for it."""
    return refused and attempts >= NEXT_CHANNEL_AFTER


def next_channel_due(attempts: int, since_due_s: float) -> bool:
    """True when a channel has failed so often, or for so long, that the next one tells it too."""
    return attempts >= NEXT_CHANNEL_AFTER or since_due_s >= NEXT_CHANNEL_AFTER_S
