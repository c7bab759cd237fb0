"""Views of the board to the JSON that we promise, and the tag by which clients compare it."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel

from api import shapes
from api.instructions import instruction, routine, text
from watchdog.detection.effective import Effective
from watchdog.detection.explain import SHORT
from watchdog.incidents import advice
from watchdog.incidents.window import suspect_window
from watchdog.model.health import OLD_S, Fitness
from watchdog.model.incident import Incident, IncidentEvent, SuspectWindow
from watchdog.model.outage import Reason, State, Urgency, Workflow
from watchdog.model.site import Coverage, PathConfig
from watchdog.routines.select import anyone, instruct
from watchdog.service.board import Board
from watchdog.service.views import ClinicView, PathView

AGES = {
    "evaluated_at",
    "valid_for_s",
    "valid_until",
    "own_valid_for_s",
    "last_good_at",
    "last_arrival_at",
}
VOLATILE = AGES | {"open_orders", "normal_s", "epoch", "revision"}
WORST = (
    State.OUTAGE,
    State.UNKNOWN,
    State.RECOVERING,
    State.DEGRADED,
    State.MAINTENANCE,
    State.NORMAL,
)
WORST_FITNESS = (Fitness.FAIL, Fitness.WARN, Fitness.WELL)


@dataclass(frozen=True, slots=True)
class Document:
    """A document as bytes, with what its headers need."""

    body: bytes
    tag: str
    """`"epoch.revision.h"`, h over everything but ages."""
    expires_mono: float
    """When it must be formed anew, whatever happens."""
    valid_until_mono: float


def clinic(board: Board, view: ClinicView) -> Document:
    """The document of one clinic."""
    now, mono = board.clock.now(), board.clock.monotonic()
    effective, path = view.effective, view.path
    shape = shapes.ClinicShape(
        instance=board.config.instance,
        epoch=board.epoch,
        revision=board.revision,
        evaluated_at=path.evaluated_at,
        valid_for_s=round(effective.valid_for_s, 1),
        valid_until=now + timedelta(seconds=effective.valid_for_s),
        clinic=view.clinic.id,
        hsa_id=view.clinic.hsa_id,
        site=view.clinic.site,
        unit=view.unit,
        path=path.config.id,
        state=effective.state,
        reason=effective.reason,
        because=text(SHORT[effective.reason]),
        stale=effective.stale,
        incident=path.incident.id if path.incident and path.incident.declared_at else None,
        workflow=dict(view.workflow),
        instruction={u: instruction(i) for u, i in view.instructions.items()} or None,
        banner=shapes.BannerShape(severity=view.severity, headline=text(view.headline)),
        changes_at=view.changes_at,
        suspect_windows=[window(w) for w in view.suspect_windows],
        also=[
            shapes.AlsoShape(
                watched=also.view.config.id,
                scenario=also.view.scenario,
                incident=also.view.incident.id if also.view.incident else None,
                headline=text(next(iter(also.instructions.values())).headline),
                instruction={u: instruction(i) for u, i in also.instructions.items()},
            )
            for also in view.also
        ],
        routine=routine(view.validity),
    )
    return _document(board, shape, effective, mono)


def status(board: Board) -> Document:
    """The document of every path."""
    now, mono = board.clock.now(), board.clock.monotonic()
    views = [(view, board.effective(view)) for view in board.paths()]
    states = {effective.state for _, effective in views}
    left = min((effective.valid_for_s for _, effective in views), default=0.0)
    shape = shapes.StatusShape(
        instance=board.config.instance,
        epoch=board.epoch,
        revision=board.revision,
        evaluated_at=min((view.evaluated_at for view, _ in views), default=now),
        valid_for_s=round(left, 1),
        valid_until=now + timedelta(seconds=left),
        state=overall(states, whole=board.is_whole()),
        paths=[path(board, view, effective) for view, effective in views],
        watchdog=_watchdog(board, mono),
    )
    expires = min((effective.expires_mono for _, effective in views), default=mono)
    return formed(board, shape, expires, mono + left)


def overall(states: Collection[State], *, whole: bool) -> State:
    """The worst of several; what has not been evaluated yet is unknown."""
    known = {*states} if whole else {*states, State.UNKNOWN}
    return next((state for state in WORST if state in known), State.UNKNOWN)


def _watchdog(board: Board, mono: float) -> shapes.WatchdogShape:
    """What is known of the watchdog itself, as long as its look at itself is not old."""
    found = board.checks if mono - board.checked <= OLD_S else ()
    known = {check.fitness for check in found}
    worst = next((each for each in WORST_FITNESS if each in known), None)
    return shapes.WatchdogShape(
        fitness=worst.value if worst is not None else "unknown",
        wanting=sorted(check.name for check in found if check.fitness is not Fitness.WELL),
        peers=[
            shapes.PeerShape(id=peer.id, heard=mono < board.peers_until.get(peer.id, mono))
            for peer in board.config.peers
        ],
    )


def one_path(board: Board, view: PathView) -> Document:
    """The document of one path."""
    effective = board.effective(view)
    return _document(board, path(board, view, effective), effective, board.clock.monotonic())


def path(board: Board, view: PathView, effective: Effective) -> shapes.PathShape:
    """One path's part."""
    config, incident, own = view.config, view.incident, board.own(view)
    declared = incident is not None and incident.declared_at is not None
    return shapes.PathShape(
        id=config.id,
        name=text(config.name),
        site=config.site,
        hops=list(config.hops),
        state=effective.state,
        reason=effective.reason,
        because=text(SHORT[effective.reason]),
        stale=effective.stale,
        since=view.since,
        evaluated_at=view.evaluated_at,
        last_good_at=view.last_good_at,
        last_arrival_at=view.last_arrival_at,
        declared_at=incident.declared_at if incident else None,
        incident=incident.id if incident and declared else None,
        workflow=_workflow(board, view, effective),
        suspect_window=window(suspect_window(incident)) if incident and declared else None,
        sending=view.sending,
        own_state=own.state,
        own_valid_for_s=round(own.valid_for_s, 1),
        disagreement=own.state is not State.OUTAGE and effective.reason is Reason.DISAGREEMENT,
        open_orders=view.open_orders,
        normal_s=round(view.p99_s, 3) or None,
        readers=[str(each.kind) for each in config.readers]
        if isinstance(config, PathConfig)
        else [],
        coverage=_coverage(config.coverage) if isinstance(config, PathConfig) else None,
    )


def _coverage(found: Coverage) -> shapes.CoverageShape:
    return shapes.CoverageShape(
        entry_port=found.entry_port,
        sending_party=found.sending_party,
        message_type=found.message_type,
        not_exercised=list(found.not_exercised),
    )


def incident(found: Incident, timeline: list[IncidentEvent] | None = None) -> shapes.IncidentShape:
    """One incident, with its timeline if given."""
    return shapes.IncidentShape(
        id=found.id,
        path=found.path,
        site=found.site,
        scenario=found.scenario,
        status=found.status,
        reason=found.reason,
        opened_at=found.opened_at,
        declared_at=found.declared_at,
        advised_at=found.advised_at,
        recovering_at=found.recovering_at,
        cleared_at=found.cleared_at,
        closed_at=found.closed_at,
        suspect_window=window(suspect_window(found)),
        by_hand=found.by_hand,
        possibly_caused_by_probe=found.possibly_caused_by_probe,
        drill=found.drill,
        orders=found.orders,
        awaiting=sorted(found.awaited),
        timeline=None
        if timeline is None
        else [
            shapes.EventShape(
                number=event.number,
                kind=event.kind.value,
                at=event.at,
                because=text(event.because),
                evidence=text(event.evidence) if event.evidence else None,
                by=event.by,
            )
            for event in timeline
        ],
    )


def window(value: SuspectWindow) -> shapes.WindowShape:
    return shapes.WindowShape(
        incident=value.incident, path=value.path, since=value.since, until=value.until
    )


def _workflow(board: Board, view: PathView, effective: Effective) -> dict[Urgency, Workflow]:
    """The workflow of its first clinic; of any, where none is configured."""
    clinics = [c for c in board.config.clinics.values() if c.path == view.config.id]
    found = board.routines[view.config.site]
    out: dict[Urgency, Workflow] = {}
    asking = clinics[0] if clinics else anyone(found)
    for urgency in Urgency:
        told = instruct(found, view.scenario, asking, urgency, board.clock.now())
        out[urgency] = advice.workflow_of(view.config, found, effective, view.incident, told)
    return out


def _document(board: Board, shape: BaseModel, effective: Effective, mono: float) -> Document:
    return formed(board, shape, effective.expires_mono, mono + effective.valid_for_s)


def formed(board: Board, shape: BaseModel, expires: float, valid_until: float) -> Document:
    """The bytes, and the tag over everything but ages."""
    kept = shape.model_dump_json(by_alias=True, exclude=VOLATILE)
    if isinstance(shape, shapes.StatusShape):
        parts = (*shape.paths, shape.watchdog)
        kept = "".join(part.model_dump_json(exclude=VOLATILE) for part in parts)
    digest = hashlib.blake2s(kept.encode(), digest_size=8).hexdigest()
    return Document(
        body=shape.model_dump_json(by_alias=True).encode(),
        tag=f'"{board.epoch}.{board.revision}.{digest}"',
        expires_mono=expires,
        valid_until_mono=valid_until,
    )
