"""What a run has learned of a path, as the next one takes it: ages, hours, rates, slowness."""

from typing import Any

from watchdog.detection.path import PathDetector


def learned(detector: PathDetector) -> dict[str, Any]:
    """For storing as JSON."""
    return {
        "cadence": detector.cadence.name,
        "arrivals": detector.arrivals.snapshot(),
        "hours": detector.arrivals.hours(),
        "acks": detector.acks.snapshot(),
        "rates": detector.traffic.rates(),
        "spells": detector.spells.snapshot(),
    }


def restore(detector: PathDetector, stored: dict[str, Any]) -> None:
    """What was learned under the same cadence is kept; anything else starts careful."""
    if stored.get("cadence") != detector.cadence.name:
        return
    detector.arrivals.restore(stored.get("arrivals", []), stored.get("hours", []))
    detector.acks.restore(stored.get("acks", []))
    detector.traffic.restore(stored.get("rates", []))
    detector.spells.restore(stored.get("spells", {}))
    detector.relearn()
