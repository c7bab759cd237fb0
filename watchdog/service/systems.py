"""What is known of every other system: the newest look of each probe, and what follows from all.

A look that is older than three of its intervals, and the time that one takes, says nothing any more:
staleness is unknown, never up. The referral paths are systems here too, each as its detector sees it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from watchdog.clock import Clock
from watchdog.model.outage import LOSSES, Phase, Reason
from watchdog.model.site import Config, PathConfig
from watchdog.model.system import FAILS, Look, SystemState, SystemStatus
from watchdog.scenarios.classify import Kind, Verdict, classify
from watchdog.scenarios.infer import ENOUGH_LOOKS, states
from watchdog.scenarios.localise import Certainty, HopSeen, Place, localise, partly
from watchdog.scenarios.rules import REFERRALS, RULES

FRESH_INTERVALS = 3
VERDICT_S = 1.0


@dataclass(frozen=True, slots=True)
class PathSeen:
    """What the detector says of one path, for the systems of its site."""

    phase: Phase
    reason: Reason
    entry_accepts: bool | None
    readable: bool | None
    """The last look at the far end worked; None: nothing looks there."""
    out: bool = False
    """People were told that it is out, whoever saw it, and not yet that it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteReport:
    """A site's systems, its scenario, and where its broken paths are broken."""

    site: str
    systems: Mapping[str, SystemStatus]
    """By the system's id in the configuration."""
    stands_for: Mapping[str, SystemStatus]
    """The same by its id in the site's routine."""
    verdict: Verdict | None
    """None: the site has no rules; its paths name their scenario."""
    places: Mapping[str, Place]


class Systems:
    """Takes looks in; answers what they mean now."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._looks: dict[tuple[str, int], tuple[float, float, Look]] = {}
        self._paths: dict[str, PathSeen] = {}
        self._of_site: dict[str, list[str]] = {}
        for path in config.paths.values():
            self._of_site.setdefault(path.site, []).append(path.id)
        self._verdicts: dict[str, tuple[float, Verdict | None]] = {}

    def saw(
        self, system: str, index: int, look: Look, every_s: float, takes_s: float = 0.0
    ) -> None:
        """The newest look of one probe; looks in a row that came to the same are counted.

        One fails as another does, however it fails. The next look ends `every_s` after this one at
        the soonest, and up to `takes_s` later.
        """
        before = self._looks.get((system, index))
        if before is not None and _alike(before[2], look):
            look = replace(look, times=before[2].times + 1)
        if before is None or before[2].outcome is not look.outcome or look.times <= ENOUGH_LOOKS:
            self._verdicts.pop(self._config.systems[system].site, None)
        fresh_s = FRESH_INTERVALS * every_s + takes_s
        self._looks[system, index] = (self._clock.monotonic(), fresh_s, look)

    def path_seen(self, path: str, seen: PathSeen) -> None:
        """What the detector of a path says now."""
        before = self._paths.get(path)
        self._paths[path] = seen
        if before is None or (before.phase, before.out) != (seen.phase, seen.out):
            self._verdicts.pop(self._config.paths[path].site, None)

    def scenario(self, path: PathConfig) -> str:
        """The scenario that a clinic on this path must hear of."""
        verdict = self._lately(path.site)
        if verdict is None or verdict.kind is not Kind.SCENARIO:
            return path.scenario
        return verdict.scenario or path.scenario

    def report(self, site: str) -> SiteReport:
        """Everything about one site."""
        found = self._states(site)
        return SiteReport(
            site=site,
            systems=found,
            stands_for=self._by_routine(found),
            verdict=self._verdict(site, found),
            places={
                path.id: self._place(path, seen, found)
                for path in self._config.paths.values()
                if path.site == site
                and (seen := self._paths.get(path.id)) is not None
                and seen.phase is Phase.DECLARED
            },
        )

    def same_break(self, path: str) -> frozenset[str]:
        """Other declared paths of its site that are known to be broken at the same place.

        At a hop that is down or does not accept, whatever comes before it; else between the same two.
        """
        report = self.report(self._config.paths[path].site)
        known: dict[str, tuple[str, str]] = {}
        for name, place in report.places.items():
            if place.certainty is Certainty.UNKNOWN:
                continue
            hop = report.systems.get(place.before)
            down = hop is not None and hop.state is SystemState.DOWN
            known[name] = ("" if down else place.after, place.before)
        mine = known.pop(path, None)
        return frozenset(name for name, place in known.items() if place == mine)

    def _lately(self, site: str) -> Verdict | None:
        """The verdict of at most a second ago: only the ages of looks may have changed since."""
        now = self._clock.monotonic()
        kept = self._verdicts.get(site)
        if kept is None or now - kept[0] > VERDICT_S:
            kept = self._verdicts[site] = (now, self._verdict(site))
        return kept[1]

    def _verdict(
        self, site: str, found: Mapping[str, SystemStatus] | None = None
    ) -> Verdict | None:
        if site not in RULES:
            return None
        by_routine = self._by_routine(found or self._states(site))
        known = {name: status.state for name, status in by_routine.items()}
        known[REFERRALS] = self._referrals(site)
        return classify(site, known)

    def _by_routine(self, found: Mapping[str, SystemStatus]) -> dict[str, SystemStatus]:
        return {self._config.systems[name].stands_for: status for name, status in found.items()}

    def _states(self, site: str) -> dict[str, SystemStatus]:
        mine = [name for name, system in self._config.systems.items() if system.site == site]
        return states(mine, self._fresh(mine))

    def _fresh(self, systems: Iterable[str]) -> list[Look]:
        now, mine = self._clock.monotonic(), set(systems)
        return [
            look
            for (system, _), (at, fresh_s, look) in self._looks.items()
            if system in mine and now - at <= fresh_s
        ]

    def _referrals(self, site: str) -> SystemState:
        seen = [self._paths[path] for path in self._of_site.get(site, ()) if path in self._paths]
        if any(each.out or each.phase is Phase.DECLARED for each in seen):
            return SystemState.DOWN
        phases = [each.phase for each in seen]
        if len(seen) < len(self._of_site.get(site, ())):
            return SystemState.UNKNOWN
        if phases and all(phase in (Phase.CLEAR, Phase.SUSPECTED) for phase in phases):
            return SystemState.UP
        return SystemState.UNKNOWN

    def _place(self, path: PathConfig, seen: PathSeen, found: Mapping[str, SystemStatus]) -> Place:
        hops = [
            HopSeen(
                name=hop,
                accepts=seen.entry_accepts if index == 0 else None,
                state=found[hop].state if hop in found else SystemState.UNKNOWN,
            )
            for index, hop in enumerate(path.hops)
        ]
        if seen.reason in LOSSES:
            return partly(hops)
        return localise(hops, far_end_readable=seen.readable)


def _alike(one: Look, other: Look) -> bool:
    return one.outcome is other.outcome or {one.outcome, other.outcome} <= FAILS
