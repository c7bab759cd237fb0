"""Kronoberg's two lists of causes, ranked by what is known, each with its evidence.

The routine lists six causes of trouble in sending and five in receiving (S3-17 to S3-27) and says in
which order to look. The states of the systems rule some out and point at others. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from watchdog.model.system import FAILS, Outcome, SystemState, SystemStatus
from watchdog.model.text import Text


class Rank(IntEnum):
    """How much speaks for a cause."""

    RULED_OUT = 0
    POSSIBLE = 1
    LIKELY = 2
    SHOWN = 3


@dataclass(frozen=True, slots=True)
class Cause:
    """One line of the routine's list."""

    fact: str
    text: Text
    systems: tuple[str, ...]
    """Whose failure it is; empty: nothing that we look at can show it."""
    by_rejection: bool = False
    """Shown when the far node answers and rejects us."""


SENDING = (
    Cause("S3-17", Text("Z83680 ur funktion", "Z83680 out of order"), ("gateway_z83680",)),
    Cause(
        "S3-18",
        Text("Z97117 ur funktion eller avstängd", "Z97117 out of order or off"),
        ("gateway_z97117",),
    ),
    Cause("S3-19", Text("Nätverk eller Sjunet nere", "Network or Sjunet down"), ("network",)),
    Cause("S3-20", Text("Egen brandvägg fel inställd", "Our firewall misconfigured"), ()),
    Cause(
        "S3-21",
        Text("Kommunikationen fel inställd", "Communication misconfigured"),
        (),
        by_rejection=True,
    ),
    Cause("S3-22", Text("Mottagande region nere", "Receiving region down"), ("skane",)),
)
RECEIVING = (
    Cause(
        "S3-23",
        Text("Egen mottagande dator nere", "Our receiving computer down"),
        ("gateway_z97117", "gateway_z83680"),
    ),
    Cause("S3-24", Text("Undersökningen finns redan", "The examination exists already"), ()),
    Cause(
        "S3-25",
        Text("Kommunikationen fel inställd", "Communication misconfigured"),
        (),
        by_rejection=True,
    ),
    Cause("S3-26", Text("Brandvägg fel inställd", "Firewall misconfigured"), ()),
    Cause("S3-27", Text("Avsändarens system nere", "The sender's system down"), ("skane",)),
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A cause, how much speaks for it, and what that is."""

    cause: Cause
    rank: Rank
    evidence: tuple[str, ...]


def rank(causes: tuple[Cause, ...], states: Mapping[str, SystemStatus]) -> list[Ranked]:
    """The list, what is shown first; causes of the same rank keep the routine's order."""
    ranked = [_ranked(cause, states) for cause in causes]
    return sorted(ranked, key=lambda found: -found.rank)


def _ranked(cause: Cause, states: Mapping[str, SystemStatus]) -> Ranked:
    if cause.by_rejection:
        said = [
            look.detail
            for status in states.values()
            for look in status.because
            if look.outcome is Outcome.REJECTED
        ]
        return Ranked(cause, Rank.SHOWN if said else Rank.POSSIBLE, tuple(said))
    if not cause.systems:
        silent = [
            look.detail
            for status in states.values()
            for look in status.because
            if look.outcome is Outcome.SILENT
        ]
        return Ranked(cause, Rank.LIKELY if silent else Rank.POSSIBLE, tuple(silent))
    found = [states[name] for name in cause.systems if name in states]
    details = tuple(look.detail for s in found for look in s.because if look.outcome in FAILS)
    if any(status.state is SystemState.DOWN for status in found):
        return Ranked(cause, Rank.SHOWN, details)
    if found and all(status.state is SystemState.UP for status in found):
        working = tuple(look.detail for s in found for look in s.because)
        return Ranked(cause, Rank.RULED_OUT, working)
    return Ranked(cause, Rank.LIKELY if details else Rank.POSSIBLE, details)
