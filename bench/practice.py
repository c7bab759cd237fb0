"""Today's practice, to stand beside our detector in the same run of the detection bench.

  three_in_a_row   three synthetic orders in a row not arrived within 10 s; one arrival clears
  two_minutes      an alert rule: failing, looked at each 15 s, for 2 minutes
  cumulative       a cumulative sum of failed orders with faster probing while it is above zero

They have no scouts, breaker or limits: that is the point of the comparison.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

TIMEOUT_S, LOOK_S, FOR_S = 10.0, 15.0, 120.0
YEAR_S, YEARS = 31557600.0, 100.0
FAILS_WHEN_BROKEN = 0.6
FAST_SHARE = 6


class _Practice(ABC):
    """Sends each T; an order fails when it is refused or not there after the time limit."""

    def __init__(self, profile: Mapping[str, Any]) -> None:
        self.interval_s = float(profile["probe_interval"])
        self.next = 0.37 * self.interval_s
        self.open: dict[str, float] = {}
        self.state = "operational"
        self.failed = self.passed = 0

    def next_probe_at(self, _: float) -> float:
        return self.next

    def observe(self, line: Mapping[str, Any]) -> None:
        kind, ident = line["ev"], line.get("id", "")
        if kind == "probe_sent":
            self.open[ident] = line["mono"]
            self.next = line["mono"] + self.gap()
        elif kind in ("probe_refused", "probe_nak") and self.open.pop(ident, None) is not None:
            self.result(passed=False)
        elif kind == "probe_arrived" and self.open.pop(ident, None) is not None:
            self.result(passed=True)

    def tick(self, now: float) -> list[dict[str, Any]]:
        for ident in [i for i, sent in self.open.items() if now >= sent + TIMEOUT_S]:
            del self.open[ident]
            self.result(passed=False)
        state = self.judge(now)
        if state == self.state:
            return []
        self.state = state
        return [{"state": state, "mono": now, "because": f"{self.failed} failures in a row"}]

    def result(self, *, passed: bool) -> None:
        self.failed, self.passed = (0, self.passed + 1) if passed else (self.failed + 1, 0)

    def gap(self) -> float:
        return self.interval_s

    @abstractmethod
    def judge(self, now: float) -> str:
        """The state that this practice would show at `now`."""


class ThreeInARow(_Practice):
    def judge(self, now: float) -> str:
        del now
        return "outage" if self.failed >= 3 else "operational" if self.passed else self.state


class TwoMinutes(_Practice):
    def __init__(self, profile: Mapping[str, Any]) -> None:
        super().__init__(profile)
        self._look, self._since = 0.0, math.inf

    def judge(self, now: float) -> str:
        if now < self._look:
            return self.state
        self._look = now + LOOK_S
        if not self.failed:
            self._since = math.inf
            return "operational"
        self._since = min(self._since, now)
        return "outage" if now - self._since >= FOR_S else self.state


class Cumulative(_Practice):
    def __init__(self, profile: Mapping[str, Any]) -> None:
        super().__init__(profile)
        healthy = float(profile["never"]) + 0.01
        self._up = math.log(FAILS_WHEN_BROKEN / healthy)
        self._down = math.log((1 - FAILS_WHEN_BROKEN) / (1 - healthy))
        self._limit = math.log(YEARS * YEAR_S / self.interval_s)
        self._sum = 0.0

    def result(self, *, passed: bool) -> None:
        super().result(passed=passed)
        step = self._down if passed else self._up
        self._sum = min(1.5 * self._limit, max(0.0, self._sum + step))

    def gap(self) -> float:
        return self.interval_s / FAST_SHARE if self._sum > 0 else self.interval_s

    def judge(self, now: float) -> str:
        del now
        if self._sum >= self._limit:
            return "outage"
        if self.state == "outage":
            if self.passed < 3:
                return "outage"
            self._sum = 0.0
            return "operational"
        return "suspect" if self._sum >= 0.9 * self._up else "operational"


def three_in_a_row(profile: Mapping[str, Any]) -> _Practice:
    return ThreeInARow(profile)


def two_minutes(profile: Mapping[str, Any]) -> _Practice:
    return TwoMinutes(profile)


def cumulative(profile: Mapping[str, Any]) -> _Practice:
    return Cumulative(profile)
