"""What the watchdog found when it looked at itself."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fitness(StrEnum):
    """As application/health+json has it."""

    WELL = "pass"
    WARN = "warn"
    FAIL = "fail"


OLD_S = 30.0
"""A look at ourselves that is older has stopped, and whatever it found is no longer known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One look at one part of ourselves."""

    name: str
    value: float | None
    """None: it could not be looked at, or there is nothing yet."""
    unit: str
    fitness: Fitness
    at: datetime
