"""What can be up, down, read-only or unknown; one look at it; and what several looks say together."""

from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """What one look at a system came to. No opinion: a look that could not be made is unknown."""

    OK = "ok"
    READ_ONLY = "read_only"
    REFUSED = "refused"
    """The address answers, and nothing listens."""
    SILENT = "silent"
    """Nothing came back in time: a black hole, or a listener that says nothing."""
    REJECTED = "rejected"
    """It answered and said no: an association rejected, an HTTP error, a failed condition."""
    SLOW = "slow"
    """It did its work, later than it should."""
    UNKNOWN = "unknown"
    """We could not look: our own name service, certificate or configuration."""


class SystemState(StrEnum):
    """What is concluded about a system."""

    UP = "up"
    READ_ONLY = "read_only"
    DOWN = "down"
    UNKNOWN = "unknown"


WORKS = frozenset({Outcome.OK, Outcome.SLOW, Outcome.READ_ONLY})
FAILS = frozenset({Outcome.REFUSED, Outcome.SILENT, Outcome.REJECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look by one probe."""

    probe: str
    target: str
    """The system at the far end."""
    crosses: tuple[str, ...] = ()
    """Systems on the way, nearest first: they too must work for the look to succeed."""
    outcome: Outcome = Outcome.UNKNOWN
    detail: str = ""
    """What was seen, in one sentence without patient data."""
    seconds: float = 0.0
    times: int = 1
    """Looks in a row with this outcome; of those that fail, in a row that failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemStatus:
    """A system's state, and the looks on which it rests."""

    system: str
    state: SystemState
    because: tuple[Look, ...] = ()
    slow: bool = False
    suspects: tuple[str, ...] = field(default_factory=tuple)
    """Other systems that may as well be the cause; empty when it is certain."""
