"""Have real referrals stopped? Expected counts by hour of the week against what was seen.

The rate itself drifts and is learned, so silence is judged by the Gamma-Poisson predictive
k ln(1 + expected / k): with k = 8 the rate may be off by a third. Public holidays and eves count as
Sundays. Silence of a sender is a flag of its own, never an outage of the path.
Source: docs/detection.md, section 6.
"""

import math

from watchdog.detection.week import like_hour

DRIFT_K = 8.0
"""1 / variance of the rate's drift."""
HOUR_S = 3600.0
SHARE_MEMORY = 200.0
MOST_SENDERS = 100
"""As many as have a chart of their own (`partial.py`)."""
LEAST_SHARE = 1e-4
"""What is left of a sender heard once when others have sent some 800 orders."""
SAYS_LITTLE = 3.0
"""Orders that should have come of a sender: about one, however long, of one that was heard once."""
PRIOR_H = 4.0
"""A learned hour of the week weighs as much as the profile's after four weeks."""
LEAST_PER_MIN = 0.01
SUDDEN = 3.0
"""An hour with more than this many times the expected count teaches no more than that."""


class Traffic:
    """Real orders per second by hour of the week, learned while the path is well."""

    def __init__(self, rates_per_min: tuple[float, ...]) -> None:
        self._per_min = [max(rate, LEAST_PER_MIN) for rate in rates_per_min]
        self._hour: int | None = None
        self._count, self._clean_s = 0, 0.0

    def __bool__(self) -> bool:
        return bool(self._per_min)

    def per_s(self, t: float) -> float:
        """The expected rate at wall time `t`."""
        return self._per_min[like_hour(t)] / 60 if self._per_min else 0.0

    def mean_per_s(self) -> float:
        """The expected rate over the whole week."""
        return sum(self._per_min) / len(self._per_min) / 60 if self._per_min else 0.0

    def watched(self, t: float, seconds: float, *, well: bool) -> None:
        """`seconds` ended at wall time `t`; only those of a healthy path teach."""
        if not self._per_min:
            return
        slot = like_hour(t)
        if slot != self._hour:
            self._learn()
            self._hour, self._count, self._clean_s = slot, 0, 0.0
        if well:
            self._clean_s += seconds

    def saw(self) -> None:
        """A real order left its sender."""
        self._count += 1

    def rates(self) -> list[float]:
        """Per minute, Monday 00 first; for storing between two runs."""
        return [round(rate, 4) for rate in self._per_min]

    def restore(self, rates: list[float]) -> None:
        """Take what `rates` gave; a list of another length is ignored."""
        if len(rates) == len(self._per_min):
            self._per_min = list(rates)

    def _learn(self) -> None:
        """An hour of the week has ended: shrink its rate towards what was seen, robustly."""
        if self._hour is None or self._clean_s < 0.9 * HOUR_S:
            return
        believed = self._per_min[self._hour]
        seen = min(self._count / (self._clean_s / 60), SUDDEN * believed)
        self._per_min[self._hour] = max(LEAST_PER_MIN, (PRIOR_H * believed + seen) / (PRIOR_H + 1))


class Silence:
    """How long nothing has come, measured in orders that should have."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic
        self._at: float | None = None
        self._expected = self._at_life = 0.0
        self._shares: dict[str, float] = {}
        self._since: dict[str, float] = {}

    def passes(self, now: float, t: float, *, well: bool) -> None:
        """Time has run on to monotonic `now`, wall `t`."""
        if self._at is not None and now > self._at:
            step, rate = now - self._at, self._traffic.per_s(t)
            self._expected += step * rate
            for sender, share in self._shares.items():
                self._since[sender] += share * step * rate
            self._traffic.watched(t, step, well=well)
        self._at = now if self._at is None else max(self._at, now)

    def heard(self, sender: str = "") -> None:
        """A real order was seen; its sender is not silent."""
        self._expected = self._at_life = 0.0
        self._traffic.saw()
        for other in self._shares:
            self._shares[other] *= 1 - 1 / SHARE_MEMORY
        if sender and self._has_room(sender):
            self._shares[sender] = self._shares.get(sender, 0.0) + 1 / SHARE_MEMORY
            self._since[sender] = 0.0

    def _has_room(self, sender: str) -> bool:
        """True if it is known, or can be; a name that varies takes no frequent sender's place.

        One hardly heard any more gives way, unless its silence is what should be told.
        """
        if sender in self._shares or len(self._shares) < MOST_SENDERS:
            return True
        faded = (
            name
            for name, share in self._shares.items()
            if share < LEAST_SHARE and self._since[name] < SAYS_LITTLE
        )
        least = next(faded, None)
        if least is None:
            return False
        del self._shares[least], self._since[least]
        return True

    def lived(self) -> None:
        """One of our orders arrived: the silence before it is the senders', not the path's."""
        self._at_life = self._expected

    def forget(self) -> None:
        """We were blind: what we did not see is not silence."""
        self._expected = self._at_life = 0.0
        self._since = dict.fromkeys(self._since, 0.0)

    @property
    def nats(self) -> float:
        """How much the silence of all senders together speaks for their having stopped."""
        return silence_nats(self._expected)

    @property
    def since_life_nats(self) -> float:
        """What the silence since the last proof of life says against the path."""
        return silence_nats(self._expected - self._at_life)

    def silent_senders(self, limit_nats: float) -> list[str]:
        """Senders whose own silence has passed the limit."""
        return sorted(s for s, n in self._since.items() if silence_nats(n) >= limit_nats)


def silence_nats(expected: float) -> float:
    """Nats of `expected` orders and none seen, for a rate known to about a third."""
    return DRIFT_K * math.log1p(max(0.0, expected) / DRIFT_K)
