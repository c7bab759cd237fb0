"""How long orders take, learned apart for quiet, ordinary and busy hours of the path's own week.

The hour class comes from the traffic alone: load is what makes a path slow. It is the profile's, and
once a week that of the rates learned since. Where no real traffic is seen there is one class.
Source: docs/detection.md, section 1.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence

from watchdog.detection.histogram import Histogram
from watchdog.model.observation import Profile

QUIET, ORDINARY, BUSY = CLASSES = 0, 1, 2
QUIET_BELOW, BUSY_ABOVE = 0.15, 0.6
"""Shares of the busiest hour's rate."""
RELEARN_EVERY = 20
BORROWED = 2000.0
"""As many samples as this an hour class begins with that no hour was in before."""
WEEK_S, MONDAY_S = 7 * 86400.0, 3 * 86400.0
"""1970-01-01 was a Thursday: three days on, the epoch's week begins on a Monday."""


def hour_of_week(t: float) -> int:
    """0 for Monday 00 UTC, to 167."""
    return int((t + MONDAY_S) % WEEK_S // 3600)


class Latency:
    """Histograms of ages at arrival, and the quantiles that others ask for."""

    def __init__(self, profile: Profile) -> None:
        self._classes = _hour_classes(profile.hourly_rate_per_min)
        self._classified_at: float | None = None
        self.histograms: list[Histogram] = []
        for _ in CLASSES if self._classes else (QUIET,):
            histogram = Histogram()
            histogram.seed(profile.latency_quantiles, profile.never, min(profile.samples, 20000))
            self.histograms.append(histogram)
        self.now = self.histograms[self._classes[0] if self._classes else 0]
        """The histogram of the present hour class."""
        self._unlearned = 0
        self.p99_s = self.p90_s = self.p50_s = self.never = 0.0
        self.relearn()

    def at(self, t: float, rates: Callable[[], Sequence[float]]) -> None:
        """The wall clock reads `t`: choose the hour class; `rates` are those learned by now."""
        if not self._classes:
            return
        if self._classified_at is None:
            self._classified_at = t
        elif t - self._classified_at >= WEEK_S:
            self._classified_at = t
            self._classify(_hour_classes(rates()))
        chosen = self.histograms[self._classes[hour_of_week(t)]]
        if chosen is not self.now:
            self.now = chosen
            self.relearn()

    def add(self, age_s: float) -> None:
        """One finished order of a healthy path; infinity: it never came."""
        self.now.add(age_s)
        self._unlearned += 1
        if self._unlearned >= RELEARN_EVERY:
            self.relearn()

    def relearn(self) -> None:
        """Take the quantiles anew."""
        self._unlearned = 0
        self.p50_s, self.p90_s, self.p99_s = (self.now.quantile(q) for q in (0.5, 0.9, 0.99))
        self.never = self.now.never()

    def evidence(self, age_s: float) -> float:
        """Nats that one order missing at this age speaks against the path, in this hour class."""
        return self.now.evidence(age_s)

    @property
    def samples(self) -> float:
        return self.now.samples

    def snapshot(self) -> list[list[float]]:
        """For storing between two runs."""
        return [histogram.snapshot() for histogram in self.histograms]

    def hours(self) -> list[int]:
        """The class of each hour of the week, Monday 00 UTC first; for storing between two runs."""
        return list(self._classes)

    def restore(self, stored: list[list[float]], hours: list[int]) -> None:
        """Take what `snapshot` and `hours` gave; another number of classes or hours is ignored.

        The rates that were learned decide anew at the next look: no run need last for a week.
        """
        if len(stored) != len(self.histograms):
            return
        for histogram, counts in zip(self.histograms, stored, strict=True):
            histogram.restore(counts)
        if len(hours) == len(self._classes) and set(hours) <= set(CLASSES):
            self._classes = list(hours)
        self._classified_at = -math.inf
        self.relearn()

    def _classify(self, classes: list[int]) -> None:
        """Hours change their class; one that is new begins with what its hours have shown so far."""
        if len(classes) != len(self._classes):
            return
        for new in set(classes) - set(self._classes):
            before = Counter(b for b, c in zip(self._classes, classes, strict=True) if c == new)
            shown = self.histograms[before.most_common(1)[0][0]]
            self.histograms[new].borrow(shown, BORROWED)
        self._classes = classes


def _hour_classes(rates: Sequence[float]) -> list[int]:
    top = max(rates, default=0.0)
    if top <= 0:
        return []
    return [
        BUSY if rate > BUSY_ABOVE * top else QUIET if rate < QUIET_BELOW * top else ORDINARY
        for rate in rates
    ]
