"""The one fold of a group: what its systems are, in; transitions, out. Pure.

A group is declared when a scenario that it answers for holds for certain, and stays declared while
that is in doubt: only every one of its systems seen to work begins recovery. Looks are counted
before they accuse (`infer.ENOUGH_LOOKS`), so there is no second waiting here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from watchdog.model.outage import Grounds, Phase, Reason, Transition
from watchdog.model.system import SystemState, SystemStatus
from watchdog.model.text import Text
from watchdog.scenarios.classify import Verdict

BAD = (SystemState.DOWN, SystemState.READ_ONLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSeen:
    """What is known of a group at one moment."""

    scenario: str
    """The first of its scenarios that holds for certain; empty: none."""
    bad: tuple[str, ...]
    unknown: tuple[str, ...]
    contained: bool = False
    """A wider scenario of the site holds, of which its own is a part."""


def seen(
    systems: tuple[str, ...],
    scenarios: tuple[str, ...],
    states: Mapping[str, SystemStatus],
    verdict: Verdict | None,
) -> GroupSeen:
    """The group's part of what the site's systems are."""
    known = {
        name: states[name].state if name in states else SystemState.UNKNOWN for name in systems
    }
    held = verdict.scenarios if verdict is not None else ()
    return GroupSeen(
        scenario=next((name for name in held if name in scenarios), ""),
        bad=tuple(name for name, state in known.items() if state in BAD),
        unknown=tuple(name for name, state in known.items() if state is SystemState.UNKNOWN),
        contained=bool(held) and not any(name in scenarios for name in held),
    )


@dataclass(slots=True)
class GroupFold:
    """The state of one group."""

    recovery_s: float
    """How long every system must work before the all-clear."""
    phase: Phase = Phase.UNKNOWN
    reason: Reason = Reason.STARTING
    scenario: str = ""
    """The scenario in force, kept while its end is in doubt."""
    good_at: float | None = None
    """When every system was last seen to work."""
    _well_since: float | None = field(default=None)

    def tick(self, now: float, t: float, found: GroupSeen) -> Transition | None:
        """Advance to monotonic `now`, wall time `t`; the transition that this brings."""
        well = not found.bad and not found.unknown
        if well:
            self.good_at = now
            self._well_since = self._well_since if self._well_since is not None else now
        else:
            self._well_since = None
        after, reason = self._next(now, found, well=well)
        if found.scenario:
            self.scenario = found.scenario
        elif after is Phase.CLEAR:
            self.scenario = ""
        if after is self.phase:
            self.reason = reason
            return None
        before, self.phase, self.reason = self.phase, after, reason
        return Transition(
            before=before,
            after=after,
            mono=now,
            t=t,
            reason=reason,
            because=_why(found, reason),
            grounds=self._grounds(now),
        )

    def resume_outage(self, scenario: str) -> None:
        """An earlier run declared it: it stands until every system is seen to work."""
        self.phase, self.reason, self.scenario = Phase.DECLARED, Reason.SYSTEM_DOWN, scenario

    def _next(self, now: float, found: GroupSeen, *, well: bool) -> tuple[Phase, Reason]:
        in_outage = self.phase in (Phase.DECLARED, Phase.RECOVERING)
        if found.scenario:
            return Phase.DECLARED, Reason.SYSTEM_DOWN
        if in_outage and not well:  # doubt never ends an outage
            return Phase.DECLARED, Reason.SYSTEM_DOWN
        if in_outage:
            since = self._well_since if self._well_since is not None else now
            if now - since >= self.recovery_s:
                return Phase.CLEAR, Reason.SYSTEM_WORKS
            return Phase.RECOVERING, Reason.SYSTEM_BACK
        if found.bad:
            return Phase.SUSPECTED, Reason.SYSTEM_UNSTATED
        if found.unknown:
            starting = self.good_at is None and self.reason is Reason.STARTING
            return Phase.UNKNOWN, Reason.STARTING if starting else Reason.SYSTEM_UNKNOWN
        return Phase.CLEAR, Reason.SYSTEM_WORKS

    def _grounds(self, now: float) -> Grounds:
        span = now - self._well_since if self._well_since is not None else 0.0
        # the hold-off counts from now: each look has been repeated before it accused
        return Grounds(oldest_missing_mono=now, life_mono=self.good_at, span_s=span)


def _why(found: GroupSeen, reason: Reason) -> Text:
    names = ", ".join(found.bad or found.unknown)
    match reason:
        case Reason.SYSTEM_DOWN | Reason.SYSTEM_UNSTATED:
            return Text(
                f"Svarar inte som det ska: {names}.", f"Does not answer as it should: {names}."
            )
        case Reason.SYSTEM_UNKNOWN | Reason.STARTING:
            return Text(f"Går inte att se: {names}.", f"Cannot be seen: {names}.")
        case Reason.SYSTEM_BACK:
            return Text("Alla system svarar igen.", "Every system answers again.")
        case _:
            return Text("Systemen svarar som de ska.", "The systems answer as they should.")
