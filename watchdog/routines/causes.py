"""A routine's list of causes, ranked by what is known of the systems, each with its evidence.

Kronoberg's routine lists six causes of trouble in sending and five in receiving (S3-17 to S3-27).
The states of the systems rule some out and point at others. Pure.
"""

from collections.abc import Mapping

from watchdog.model.instruction import Rank, Ranked
from watchdog.model.routine import Cause
from watchdog.model.system import FAILS, Outcome, SystemState, SystemStatus


def rank(causes: tuple[Cause, ...], states: Mapping[str, SystemStatus]) -> tuple[Ranked, ...]:
    """The list, what is shown first; causes of the same rank keep the routine's order."""
    ranked = [_ranked(cause, states) for cause in causes]
    return tuple(sorted(ranked, key=lambda found: -found.rank))


def _ranked(cause: Cause, states: Mapping[str, SystemStatus]) -> Ranked:
    if cause.by_rejection:
        said = _details(states, Outcome.REJECTED)
        return Ranked(cause, Rank.SHOWN if said else Rank.POSSIBLE, said)
    if not cause.systems:
        silent = _details(states, Outcome.SILENT)
        return Ranked(cause, Rank.LIKELY if silent else Rank.POSSIBLE, silent)
    found = [states[name] for name in cause.systems if name in states]
    details = tuple(look.detail for s in found for look in s.because if look.outcome in FAILS)
    if any(status.state is SystemState.DOWN for status in found):
        return Ranked(cause, Rank.SHOWN, details)
    if found and all(status.state is SystemState.UP for status in found):
        working = tuple(look.detail for s in found for look in s.because)
        return Ranked(cause, Rank.RULED_OUT, working)
    return Ranked(cause, Rank.LIKELY if details else Rank.POSSIBLE, details)


def _details(states: Mapping[str, SystemStatus], outcome: Outcome) -> tuple[str, ...]:
    looks = (look for status in states.values() for look in status.because)
    return tuple(look.detail for look in looks if look.outcome is outcome)
