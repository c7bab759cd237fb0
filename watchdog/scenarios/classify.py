"""The states of a site's systems to the scenario of its routine: always exactly one answer.

Three-valued logic: what is not known may be either, and the answer says which scenarios remain
possible. Doubt never reads as well. Pure. Source: design decisions, section 1; hazards H24, H31.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from watchdog.model.system import SystemState
from watchdog.scenarios.rules import RULES, AllOf, AnyOf, Condition, Is, Not, SiteRules


class Kind(StrEnum):
    """What kind of answer it is."""

    WELL = "well"
    """Every system of the routine works."""
    UNKNOWN = "unknown"
    """Nothing is known to be down, and not everything is known to work."""
    UNSTATED = "unstated"
    """Something is down or read-only of which this routine does not say what to do."""
    SCENARIO = "scenario"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer for a site."""

    site: str
    kind: Kind
    scenarios: tuple[str, ...] = ()
    """Those that hold, the one that a clinic must hear of first in front."""
    possible: tuple[str, ...] = ()
    """Those that would hold if what is unknown were down."""
    unstated: tuple[str, ...] = ()
    """Systems that are down or read-only and of which the routine does not speak."""
    unknown: tuple[str, ...] = ()

    @property
    def scenario(self) -> str | None:
        return self.scenarios[0] if self.scenarios else None


def classify(site: str, states: Mapping[str, SystemState]) -> Verdict:
    """Which scenario of the site's routine applies; a system that is not named is unknown.

    KeyError for a site without rules (its path names its scenario itself).
    """
    rules = RULES[site]
    known = {system: states.get(system, SystemState.UNKNOWN) for system in rules.systems}
    held = {rule.scenario: _holds(rule.when, known) for rule in rules.rules}
    certain = _one_of_each(tuple(name for name, value in held.items() if value))
    possible = tuple(name for name, value in held.items() if value is None)
    unknown = tuple(name for name, state in known.items() if state is SystemState.UNKNOWN)
    unstated = _unstated(rules, known)
    if certain:
        kind = Kind.SCENARIO
    elif unstated:
        kind = Kind.UNSTATED
    elif unknown:
        kind = Kind.UNKNOWN
    else:
        kind = Kind.WELL
    return Verdict(
        site=site,
        kind=kind,
        scenarios=certain,
        possible=possible,
        unstated=unstated,
        unknown=unknown,
    )


def _one_of_each(held: tuple[str, ...]) -> tuple[str, ...]:
    """A total stop contains its parts: they are not told beside it."""
    if "total_outage" in held:
        return ("total_outage",)
    return held


def _unstated(rules: SiteRules, known: Mapping[str, SystemState]) -> tuple[str, ...]:
    """Failures that no rule of the routine explains."""
    spoken = {name for rule in rules.rules for name in _named(rule.when, known)}
    bad = (SystemState.DOWN, SystemState.READ_ONLY)
    return tuple(
        name
        for name, state in known.items()
        if state in bad and (name in rules.silent_on or name not in spoken)
    )


def _named(condition: Condition, known: Mapping[str, SystemState]) -> set[str]:
    """Systems whose present state a condition speaks of."""
    match condition:
        case Is(system, states):
            return {system} if known[system] in states else set()
        case AnyOf(parts) | AllOf(parts):
            return {name for part in parts for name in _named(part, known)}
        case Not():
            return set()


def _holds(condition: Condition, known: Mapping[str, SystemState]) -> bool | None:
    """True, False, or None where it hangs on something unknown."""
    match condition:
        case Is(system, states):
            state = known[system]
            return None if state is SystemState.UNKNOWN else state in states
        case Not(part):
            # an exception counts only where it is known: in doubt the scenario stands
            return not _holds(part, known)
        case AnyOf(parts):
            values = [_holds(part, known) for part in parts]
            return True if True in values else None if None in values else False
        case AllOf(parts):
            values = [_holds(part, known) for part in parts]
            return False if False in values else None if None in values else True
