"""Learned ages at arrival, in logarithmic bins, with the bin "never".

One histogram answers: how often is a healthy order still missing at this age? Add-one smoothing
means that n samples never give more than ln(n + 2) nats per order, so a cold start is careful by
itself. Source: docs/detection.md, section 1.
"""

import math
from itertools import accumulate, pairwise

PER_E = 12.0
"""Bins per factor e."""
SHORTEST_S = 0.001
BINS = 200
NEVER = BINS - 1
LAST = BINS - 2
ROLLING = 24000.0
"""Beyond this many samples old ones fade, so that the path's slow changes are followed."""


class Histogram:
    """Counts of ages at arrival; `evidence` is what a missing order is worth."""

    def __init__(self) -> None:
        self._counts = [0.0] * BINS
        self._samples = 0.0
        self._missing: list[float] | None = None
        """By bin: orders that had not arrived when they reached it, one more for caution."""

    @property
    def samples(self) -> float:
        """How many observations are behind it, pseudo-samples included."""
        return self._samples

    def add(self, age_s: float, weight: float = 1.0) -> None:
        """Count one arrival at `age_s`; infinity counts as never."""
        if self._samples > ROLLING:
            self._counts = [0.8 * count for count in self._counts]
            self._samples *= 0.8
        self._counts[NEVER if math.isinf(age_s) else _bin(age_s)] += weight
        self._samples += weight
        self._missing = None

    def seed(
        self, quantiles: tuple[tuple[float, float], ...], never: float, samples: float
    ) -> None:
        """Fill with `samples` pseudo-observations drawn from quantiles (share, seconds).

        Log-linear between the quantiles, a fifth of the lowest below, twice the highest above.
        """
        points = [(0.0, quantiles[0][1] * 0.2), *quantiles, (1.0, quantiles[-1][1] * 2.0)]
        pieces = 20
        for (low, low_s), (high, high_s) in pairwise(points):
            ratio = high_s / low_s
            for piece in range(pieces):
                age = low_s * ratio ** ((piece + 0.5) / pieces)
                self.add(age, samples * (1 - never) * (high - low) / pieces)
        self.add(math.inf, samples * never)

    def evidence(self, age_s: float) -> float:
        """How much one order still missing at `age_s` speaks against the path, in nats (>= 0)."""
        if age_s <= SHORTEST_S:
            return self._nats(0)
        place = PER_E * math.log(age_s / SHORTEST_S)
        index = int(place)
        if index >= LAST:
            return self._nats(LAST)
        low = self._nats(index)
        return low + (place - index) * (self._nats(index + 1) - low)

    def quantile(self, share: float) -> float:
        """The age by which `share` of the orders that arrive have arrived, in seconds."""
        wanted = share * sum(self._counts[:NEVER])
        seen = 0.0
        for index in range(NEVER):
            count = self._counts[index]
            if count > 0 and seen + count >= wanted:
                return SHORTEST_S * math.exp((index + (wanted - seen) / count) / PER_E)
            seen += count
        return SHORTEST_S * math.exp(LAST / PER_E)

    def never(self) -> float:
        """Share that never arrives."""
        return self._counts[NEVER] / self._samples if self._samples else 0.0

    def snapshot(self) -> list[float]:
        """The counts, for storing between two runs."""
        return [round(count, 3) for count in self._counts]

    def restore(self, counts: list[float]) -> None:
        """Take counts stored by `snapshot`; a list of another length is ignored."""
        if len(counts) == BINS:
            self._counts = list(counts)
            self._samples = sum(counts)
            self._missing = None

    def borrow(self, other: "Histogram", most: float) -> None:
        """Begin with what another has seen, as if that had been `most` observations at most."""
        share = min(1.0, most / other.samples) if other.samples else 1.0
        self._counts = [share * count for count in other._counts]
        self._samples = share * other.samples
        self._missing = None

    def blend(self, other: "Histogram", share: float) -> None:
        """So large a share of its observations are the other's from now on."""
        if not other.samples:
            return
        weight = share * self._samples / other.samples
        both = zip(self._counts, other._counts, strict=True)
        self._counts = [(1 - share) * mine + weight * its for mine, its in both]
        self._missing = None

    def copy(self) -> "Histogram":
        """As it is now."""
        made = Histogram()
        made._counts, made._samples = list(self._counts), self._samples
        return made

    def _nats(self, index: int) -> float:
        """What an order is worth that is missing when it reaches a bin."""
        if self._missing is None:  # summed anew at each look after an arrival: that has to be quick
            self._missing = [*accumulate(reversed(self._counts), initial=1.0)][:0:-1]
        return -math.log(min(1.0, self._missing[index] / (self._samples + 2)))


def _bin(age_s: float) -> int:
    if age_s <= SHORTEST_S:
        return 0
    return min(LAST, int(PER_E * math.log(age_s / SHORTEST_S)))
