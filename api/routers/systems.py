"""Every other system: its state, what it rests on, the site's scenario, and where a path broke."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from api import system_shapes
from api.deps import RuntimeDep, WatcherDep
from api.instructions import text
from api.shapes import Problem
from watchdog.errors import NotFound, NotReady
from watchdog.model.instruction import Ranked
from watchdog.model.routine import Routine
from watchdog.routines.causes import rank
from watchdog.service.systems import SiteReport

router = APIRouter(tags=["status"])


@router.get(
    "/v1/systems/{site}",
    response_model=system_shapes.SystemsShape,
    responses={404: {"model": Problem}, 503: {"model": Problem}},
    operation_id="systems",
)
async def systems(site: str, found: RuntimeDep, watcher: WatcherDep) -> system_shapes.SystemsShape:
    """A site's systems. 503 from a process that does not watch: ask the one that does."""
    if site not in found.config.sites:
        raise NotFound(
            f"No site is called that: there are {', '.join(sorted(found.config.sites))}."
        )
    if watcher is None:
        raise NotReady("This process does not look at systems: ask the one that watches.")
    return _shape(watcher.systems.report(site), found.config.systems, found.routines[site])


@router.get(
    "/v1/paths/{path}/real",
    response_model=system_shapes.RealShape,
    responses={404: {"model": Problem}, 503: {"model": Problem}},
    operation_id="path_real",
)
async def real(path: str, found: RuntimeDep, watcher: WatcherDep) -> system_shapes.RealShape:
    """Real referrals in and out of the last 48 hours, and the oldest that has not come out."""
    if path not in found.config.paths or found.config.paths[path].tap is None:
        raise NotFound("No path of that name has a tap.")
    if watcher is None or path not in watcher.taps:
        raise NotReady("This process has no tap: ask the one that watches.")
    counts, detector = watcher.taps[path].counts(), watcher.watches[path].detector
    return system_shapes.RealShape(
        path=path,
        sent=counts.sent,
        arrived=counts.arrived,
        unmatched=counts.unmatched,
        unreadable=counts.unreadable,
        oldest_missing_s=counts.oldest_missing_s,
        since=counts.since,
        source_silent=detector.source_silent,
        silent_senders=detector.silent_senders(),
    )


def _shape(report: SiteReport, names: Any, routine: Routine) -> system_shapes.SystemsShape:
    verdict = report.verdict
    causes = {
        name: [_cause(found) for found in rank(listed, report.stands_for)]
        for name, listed in routine.causes.items()
    }
    return system_shapes.SystemsShape(
        site=report.site,
        kind=verdict.kind if verdict else None,
        scenarios=list(verdict.scenarios) if verdict else [],
        possible=list(verdict.possible) if verdict else [],
        unstated=list(verdict.unstated) if verdict else [],
        unknown=list(verdict.unknown) if verdict else [],
        systems=[
            system_shapes.SystemShape(
                id=status.system,
                name=text(names[status.system].name),
                state=status.state,
                slow=status.slow,
                suspects=list(status.suspects),
                because=[
                    system_shapes.LookShape(
                        probe=look.probe,
                        outcome=look.outcome,
                        detail=look.detail,
                        seconds=look.seconds,
                        times=look.times,
                    )
                    for look in status.because
                ],
            )
            for status in report.systems.values()
        ],
        places={
            path: system_shapes.PlaceShape(
                after=place.after,
                before=place.before,
                certainty=place.certainty,
                alternatives=list(place.alternatives),
                because=text(place.because),
            )
            for path, place in report.places.items()
        },
        causes=causes,
    )


def _cause(found: Ranked) -> dict[str, Any]:
    return {
        "fact": found.cause.source[0],
        "text": asdict(found.cause.text),
        "rank": found.rank.name.lower(),
        "evidence": list(found.evidence),
    }
