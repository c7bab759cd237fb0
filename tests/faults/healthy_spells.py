"""Spells in the life of a healthy path: when each kind begins and how long it lasts."""

import random
from bisect import bisect_right

DAY_S = 86400.0
PER_DAY = {"slow": 0.5, "restart": 1.0, "unread": 0.5, "cut": 0.3, "pause": 0.1}
"""How often, on the average: a slow spell, a restart of the engine, readers that cannot look, our
own network cut, our own process standing still."""
LASTS_S = {
    "slow": (60.0, 600.0),
    "restart": (2.0, 8.0),
    "unread": (5.0, 600.0),
    "cut": (5.0, 300.0),
    "pause": (3.0, 60.0),
}


class Windows:
    """Stretches of time of one kind; whether a moment lies in one."""

    def __init__(self, chance: random.Random, kind: str, until: float) -> None:
        self.starts, self.ends = list[float](), list[float]()
        low, high = LASTS_S[kind]
        at = chance.expovariate(PER_DAY[kind] / DAY_S)
        while at < until:
            self.starts.append(at)
            self.ends.append(at + low * (high / low) ** chance.random())
            at = self.ends[-1] + chance.expovariate(PER_DAY[kind] / DAY_S)

    def end(self, moment: float) -> float | None:
        """When the stretch ends in which `moment` lies; None: in none."""
        place = bisect_right(self.starts, moment) - 1
        return self.ends[place] if place >= 0 and moment < self.ends[place] else None

    def start(self, moment: float) -> float:
        """When the stretch began in which `moment` lies."""
        return self.starts[bisect_right(self.starts, moment) - 1]

    def keep_off(self, low: float, high: float) -> None:
        """Forget those that meet [low, high]."""
        pairs = zip(self.starts, self.ends, strict=True)
        kept = [pair for pair in pairs if pair[1] < low or pair[0] > high]
        self.starts, self.ends = [start for start, _ in kept], [end for _, end in kept]
