"""The document of a site, or of one receiving unit: everything watched there, with its instruction."""

from datetime import timedelta

from api import shapes
from api.documents import Document, formed, overall, window
from api.instructions import instruction, routine, text
from watchdog.detection.explain import SHORT
from watchdog.incidents import advice
from watchdog.incidents.window import suspect_window
from watchdog.model.outage import Urgency
from watchdog.model.routine import Audience
from watchdog.routines.moment import moment_of, validity
from watchdog.routines.select import anyone, instruct
from watchdog.service.board import Board
from watchdog.service.views import PathView


def site(board: Board, ident: str, unit: str | None, audience: Audience) -> Document:
    """What `audience` does at a site now, for its first unit or `unit`."""
    found, now, mono = board.routines[ident], board.clock.now(), board.clock.monotonic()
    asking = anyone(found, unit)
    views = [view for view in board.paths() if view.config.site == ident]
    effective = [board.effective(view) for view in views]
    left = min((each.valid_for_s for each in effective), default=0.0)
    states = {each.state for each in effective}
    shape = shapes.SiteShape(
        instance=board.config.instance,
        epoch=board.epoch,
        revision=board.revision,
        evaluated_at=min((view.evaluated_at for view in views), default=now),
        valid_for_s=round(left, 1),
        valid_until=now + timedelta(seconds=left),
        site=ident,
        unit=asking.unit,
        audience=audience,
        state=overall(states, whole=board.is_whole(ident)),
        watched=[_watched(board, view, asking.unit, audience) for view in views],
        routine=routine(validity(found, moment_of(found, now))),
    )
    expires = min((each.expires_mono for each in effective), default=mono)
    return formed(board, shape, expires, mono + left)


def _watched(
    board: Board, view: PathView, unit: str, audience: Audience
) -> shapes.SiteWatchedShape:
    found, now = board.routines[view.config.site], board.clock.now()
    effective, incident = board.effective(view), view.incident
    told = {
        urgency: instruct(
            found,
            view.scenario,
            anyone(found, unit),
            urgency,
            now,
            audience=audience,
            systems=board.systems.get(view.config.site, {}),
        )
        for urgency in Urgency
    }
    in_force = advice.follows_routine(effective, incident)
    if in_force and audience is Audience.CLINIC:
        told = board.minding_silence(view, unit, told)
    declared = incident is not None and incident.declared_at is not None
    return shapes.SiteWatchedShape(
        id=view.config.id,
        name=text(view.config.name),
        state=effective.state,
        reason=effective.reason,
        because=text(SHORT[effective.reason]),
        stale=effective.stale,
        since=view.since,
        incident=incident.id if incident and declared else None,
        scenario=view.scenario,
        workflow={
            urgency: advice.workflow_of(view.config, found, effective, incident, each)
            for urgency, each in told.items()
        },
        instruction={u: instruction(each) for u, each in told.items()} if in_force else None,
        suspect_window=window(suspect_window(incident)) if incident and declared else None,
    )
