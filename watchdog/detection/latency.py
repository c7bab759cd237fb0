"""How long orders take, learned apart for quiet, ordinary and busy hours of the path's own week.

The hour class comes from the traffic alone: load is what makes a path slow. It is the profile's, and
once a week that of the rates learned since, with care: no hour is judged by quicker ages than its own
before it has taught them. Where no real traffic is seen there is one class.
Source: docs/detection.md, section 1.
"""

import math
from collections.abc import Callable, Sequence

from watchdog.detection.histogram import Histogram
from watchdog.detection.week import WEEK_S, like_hour
from watchdog.model.observation import Profile

QUIET, ORDINARY, BUSY = CLASSES = 0, 1, 2
QUIET_BELOW, BUSY_ABOVE = 0.15, 0.6
"""Shares of the busiest hour's rate."""
RELEARN_EVERY = 20
BORROWED = 2000.0
"""As many samples as this an hour class begins with that no hour was in before."""
TENTH = 10
"""So many hours are as busy as the busiest that counts: one batch a week makes no class of its own."""


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

    def at(self, t: float, rates: Callable[[], Sequence[float]], *, well: bool) -> bool:
        """The wall clock reads `t`: choose the hour class. True if what is usual has changed by that.

        `rates` are those learned by now; they may change the classes while the path is `well`.
        """
        if not self._classes:
            return False
        changed = well and self._is_due(t) and self._classify(_learned_classes(rates()))
        chosen = self.histograms[self._classes[like_hour(t)]]
        if chosen is self.now and not changed:
            return False
        self.now = chosen
        self.relearn()
        return True

    def _is_due(self, t: float) -> bool:
        if self._classified_at is None:
            self._classified_at = t
        if abs(t - self._classified_at) < WEEK_S:
            return False
        self._classified_at = t
        return True

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
        """Take what `snapshot` and `hours` gave, also where a tap has come or gone since.

        The rates that were learned decide anew at the next look: no run need last for a week.
        """
        if not stored:
            return
        if len(stored) != len(self.histograms):
            stored, hours = [max(stored, key=sum)] * len(self.histograms), []
        for histogram, counts in zip(self.histograms, stored, strict=True):
            histogram.restore(counts)
        if len(hours) == len(self._classes) and set(hours) <= set(CLASSES):
            self._classes = list(hours)
        self._classified_at = -math.inf
        self.relearn()

    def _classify(self, classes: list[int]) -> bool:
        """Hours change their class, and take what they have shown so far with them; True if any did.

        A class that no hour was in begins with that; one that was in use takes it in where it is
        slower, by the share of its hours that are new in it.
        """
        if len(classes) != len(self._classes) or classes == self._classes:
            return False
        before = [histogram.copy() for histogram in self.histograms]
        for joined in set(classes):
            moved = [b for b, c in zip(self._classes, classes, strict=True) if c == joined != b]
            if not moved:
                continue
            slowest = max((before[b] for b in set(moved)), key=lambda shown: shown.quantile(0.9))
            mine = self.histograms[joined]
            if joined not in self._classes:
                mine.borrow(slowest, BORROWED)
            elif slowest.quantile(0.9) > mine.quantile(0.9):
                mine.blend(slowest, len(moved) / classes.count(joined))
        self._classes = classes
        return True


def _learned_classes(rates: Sequence[float]) -> list[int]:
    """Each hour as busy as the busier of itself and the one before: what left then is still under way."""
    if not rates:
        return []
    top = sorted(rates)[-TENTH:][0]
    classes = _hour_classes([min(rate, top) for rate in rates])
    return [max(classes[hour - 1], classes[hour]) for hour in range(len(classes))]


def _hour_classes(rates: Sequence[float]) -> list[int]:
    top = max(rates, default=0.0)
    if top <= 0:
        return []
    return [
        BUSY if rate > BUSY_ABOVE * top else QUIET if rate < QUIET_BELOW * top else ORDINARY
        for rate in rates
    ]
