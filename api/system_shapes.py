"""The JSON that we promise of systems and of real traffic: additive only."""

from datetime import datetime
from typing import Any

from api.shapes import Shape, TextShape
from watchdog.model.system import Outcome, SystemState
from watchdog.scenarios.classify import Kind
from watchdog.scenarios.localise import Certainty


class LookShape(Shape):
    """One look by one probe."""

    probe: str
    outcome: Outcome
    detail: str
    seconds: float
    times: int


class SystemShape(Shape):
    """One system, and the looks on which its state rests."""

    id: str
    name: TextShape
    state: SystemState
    slow: bool
    suspects: list[str]
    because: list[LookShape]


class PlaceShape(Shape):
    """Where a path is broken, and what else it may be."""

    after: str
    before: str
    certainty: Certainty
    alternatives: list[str]
    because: TextShape


class SystemsShape(Shape):
    """The systems of one site."""

    site: str
    kind: Kind | None
    scenarios: list[str]
    possible: list[str]
    unstated: list[str]
    unknown: list[str]
    systems: list[SystemShape]
    places: dict[str, PlaceShape]
    causes: dict[str, list[dict[str, Any]]]


class RealShape(Shape):
    """What the tap of a path saw; counts only, never a referral."""

    path: str
    sent: int | None
    """None: the sending side is not seen, only what arrives."""
    arrived: int
    unmatched: int
    unreadable: int
    """Copies with a field that is longer than it may be; 0 but for a mistake in the copying."""
    oldest_missing_s: float | None
    since: datetime
    """Since when it has been counting: it forgets at a restart, and knows of nothing older."""
    source_silent: bool
    """The senders have stopped, which is no outage of the path."""
    silent_senders: list[str]
