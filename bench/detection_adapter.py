"""The product's PathDetector behind the detection bench's closed-loop contract.

Nothing is decided here: cadence, open limit, scouts, breaker and cap are the detector's own, as
`remissvakt run` wires them. The week's traffic profile is the only use of wall time, and it is the
detector's. The path's name is not read.
"""

from collections.abc import Mapping
from typing import Any

from watchdog.detection.path import PathDetector
from watchdog.detection.replay import cadence_of, event_of, profile_of


class Adapter:
    """One episode."""

    def __init__(self, line: Mapping[str, Any]) -> None:
        profile = profile_of(line)
        cadence = cadence_of(profile.interval_s, line.get("reprobe"))
        self._detector = PathDetector(profile, cadence, starting=False)

    def observe(self, line: Mapping[str, Any]) -> None:
        event = event_of(line)
        if event is not None:
            self._detector.observe(event)

    def tick(self, now: float) -> list[dict[str, Any]]:
        return [
            {"state": str(t.after), "mono": t.mono, "t": t.t, "because": t.because.en}
            for t in self._detector.tick(now)
        ]

    def next_probe_at(self, now: float) -> float:
        return self._detector.next_probe_at(now)

    def next_wake(self, now: float) -> float:
        return self._detector.next_wake(now)

    def may_send(self, now: float) -> bool:
        return self._detector.may_send(now)


def factory(profile: Mapping[str, Any]) -> Adapter:
    """The bench's entry."""
    return Adapter(profile)
