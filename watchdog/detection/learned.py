"""What a run has learned of a path, as the next one takes it: ages, hours, rates, slowness."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from watchdog.detection.path import PathDetector


class _Stored(BaseModel):
    """What an earlier version did not learn is empty."""

    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)
    cadence: str
    arrivals: list[list[float]] = []
    hours: list[int] = []
    acks: list[float] = []
    rates: list[float] = []
    spells: dict[str, float] = {}


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


def stored(text: str) -> dict[str, Any]:
    """What `learned` gave, from its JSON; empty if it is something else: then it starts careful."""
    try:
        return _Stored.model_validate_json(text).model_dump()
    except ValidationError:
        return {}


def restore(detector: PathDetector, known: dict[str, Any]) -> None:
    """What was learned under the same cadence is kept (`known`, of `stored`); else it starts careful."""
    if known.get("cadence") != detector.cadence.name:
        return
    detector.arrivals.restore(known["arrivals"], known["hours"])
    detector.acks.restore(known["acks"])
    detector.traffic.restore(known["rates"])
    detector.spells.restore(known["spells"])
    detector.relearn()
