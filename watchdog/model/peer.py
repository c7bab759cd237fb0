"""Another watchdog of the same paths, and what it says of them."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another installation, on a host and a database of its own."""

    id: str
    """Its `instance`: an answer of any other is none."""
    url: str
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerWord:
    """A peer says that a path is out, or on its way back, by its own evidence."""

    peer: str
    outage: bool
    """False: it recovers. That is no outage, and no all-clear."""
    since_mono: float
    """When we first heard it, without a break, on our monotonic clock."""
    until_mono: float
    """Until when its newest answer may be believed."""
