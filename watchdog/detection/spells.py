"""Slow spells: the healthy common cause that makes many orders late at once.

Orders that are late together are no independent witnesses. Every evidence is therefore a mixture
over how slow the path may be just now, each factor with the share of time that it takes. The shares
begin as the profile's and are learned per path. Source: docs/detection.md, section 3.
"""

import math
from collections.abc import Callable

PRIOR_S = 60 * 86400.0
"""The profile's shares weigh as much as two months of watching."""
LEAST_SHARE_OF_PRIOR = 0.2
MOST_WATCHED_S = (1 / LEAST_SHARE_OF_PRIOR - 1) * PRIOR_S
"""All that a path which is never slow can use: the least share is reached then."""
MEMORY = 6.0
"""Arrivals over which the present slowness is averaged."""
LONGEST_STEP_S = 600.0
USUAL_SPREAD, MOST_PATIENCE = 2.0, 8.0
"""Six arrivals of a healthy path average less than twice the median; beyond it the path is slow."""
SEEN_SHARE = 1e-2
"""Weight of the slowness that arrivals show just now: seen, not only possible."""

WATCHED = "watched"


class Spells:
    """Factors of slowness and the share of time that each takes."""

    def __init__(self, shares: tuple[tuple[float, float], ...]) -> None:
        self._prior = dict(shares)
        self._seconds = dict.fromkeys(self._prior, 0.0)
        self._watched = 0.0
        self._slowness = 0.0
        self._at: float | None = None
        self._logs: list[tuple[float, float]] = []
        self._weigh_anew()

    def weigh(self, evidence: Callable[[float], float]) -> float:
        """Nats that remain when slowness may explain them; `evidence` is asked for each factor."""
        at_once = evidence(1.0)
        if at_once <= 0.0:
            return 0.0
        logs = [-at_once, *(log - evidence(factor) for factor, log in self._logs)]
        if self._slowness > math.log(USUAL_SPREAD):
            logs.append(math.log(SEEN_SHARE) - evidence(1.3 * math.exp(self._slowness)))
        top = max(logs)
        return max(0.0, -(top + math.log(sum(math.exp(value - top) for value in logs))))

    def patience(self) -> float:
        """How many times longer than usual to wait before an order counts as lost."""
        factor = math.exp(self._slowness)
        return min(MOST_PATIENCE, factor) if factor > USUAL_SPREAD else 1.0

    def arrived(self, now: float, age_s: float, median_s: float, *, well: bool) -> None:
        """An order arrived: how slow is the path just now, and, if it is well, for how long?"""
        self._slowness += (math.log(max(age_s, 1e-6) / median_s) - self._slowness) / MEMORY
        if self._at is not None and well:
            step = min(now - self._at, LONGEST_STEP_S)
            self._watched += step
            factor = math.exp(self._slowness)
            known = [c for c in self._seconds if c <= factor * 1.25]
            if known and factor >= min(self._seconds) * 0.8:
                self._seconds[max(known)] += step
            if self._watched > MOST_WATCHED_S:  # what was long ago fades
                fade = MOST_WATCHED_S / self._watched
                self._watched = MOST_WATCHED_S
                self._seconds = {c: fade * seconds for c, seconds in self._seconds.items()}
            self._weigh_anew()
        self._at = now

    def shares(self) -> dict[float, float]:
        """Share of time per factor, as it is used now."""
        whole = PRIOR_S + self._watched
        return {
            c: max(
                (share * PRIOR_S + self._seconds[c]) / whole,
                LEAST_SHARE_OF_PRIOR * share,
            )
            for c, share in self._prior.items()
        }

    def snapshot(self) -> dict[str, float]:
        """Seconds watched, and those that each factor took; for storing between two runs."""
        spent = {str(c): round(seconds, 1) for c, seconds in self._seconds.items()}
        return {WATCHED: round(self._watched, 1), **spent}

    def restore(self, stored: dict[str, float]) -> None:
        """Take what `snapshot` gave; that of other factors is ignored."""
        if set(stored) != {WATCHED, *map(str, self._seconds)}:
            return
        self._watched = stored[WATCHED]
        self._seconds = {c: stored[str(c)] for c in self._seconds}
        self._weigh_anew()

    def _weigh_anew(self) -> None:
        self._logs = [(c, math.log(share)) for c, share in self.shares().items()]
