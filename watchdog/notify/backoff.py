"""Attempt number to the wait before the next one. Safety first: never given up, at most 60 s apart."""

FIRST_S = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0)
THEN_S, FOR_S = 15.0, 600.0
AFTERWARDS_S = 60.0
NEXT_CHANNEL_AFTER, NEXT_CHANNEL_AFTER_S = 3, 30.0
MOST_ASKED_S = 15.0
"""A receiver that asks to be left alone for longer is not obeyed: an outage does not wait."""
JITTER = 0.2


def wait_s(attempts: int, since_first_s: float, chance: float) -> float:
    """Seconds until the next attempt after `attempts` failed ones.

    0, 1, 2, 4, 8, 15, then every 15 s for ten minutes, then every 60 s. `chance` in [0, 1) spreads
    it by at most 20 %, downwards where the schedule promises a longest gap.
    """
    if attempts < len(FIRST_S):
        base = FIRST_S[attempts]
    else:
        base = THEN_S if since_first_s < FOR_S else AFTERWARDS_S
    return base * (1 - JITTER * chance)


def next_channel_due(attempts: int, since_due_s: float) -> bool:
    """True when a channel has failed so often, or for so long, that the next one tells it too."""
    return attempts >= NEXT_CHANNEL_AFTER or since_due_s >= NEXT_CHANNEL_AFTER_S
