"""What a route may ask for."""

from typing import Annotated

from fastapi import Depends, Request

from api.prebuilt import Prebuilt
from watchdog.errors import NotReady, Refused, UnknownIncident, UnknownPath, UnknownScenario
from watchdog.model.ids import INCIDENT
from watchdog.model.site import GroupConfig
from watchdog.runtime import Runtime, Watcher
from watchdog.service.asking import ask
from watchdog.service.board import Board

ANSWER_S = 15.0


def runtime(request: Request) -> Runtime:
    """The process's parts."""
    return request.app.state.serving.runtime


def watcher(request: Request) -> Watcher | None:
    """The watcher beside us, if this process watches."""
    serving = request.app.state.serving
    return serving.watcher or serving.runtime.watcher


def prebuilt(request: Request) -> Prebuilt:
    return request.app.state.serving.prebuilt


def board(request: Request) -> Board:
    """The board. NotReady before the first evaluation."""
    found: Board = request.app.state.serving.runtime.board
    if not found.paths():
        raise NotReady("No path has been evaluated yet; ask again in a few seconds.")
    return found


RuntimeDep = Annotated[Runtime, Depends(runtime)]
WatcherDep = Annotated[Watcher | None, Depends(watcher)]
PrebuiltDep = Annotated[Prebuilt, Depends(prebuilt)]
BoardDep = Annotated[Board, Depends(board)]


async def wish(found: Runtime, kind: str, arguments: dict[str, str], by: str) -> str:
    """Have the watching process carry out a request; Refused with its reason if it will not.

    NotFound if it is about nothing that there can be: what is stored is never what a stranger sent
    in the place of an id.
    """
    _possible(found, arguments)
    done = await ask(
        found.requests,
        kind,
        arguments,
        by=by,
        clock=found.clock,
        patience_s=ANSWER_S,
        at_hand=found.at_hand,
    )
    if done.outcome != "done":
        raise Refused(done.detail)
    return done.detail


def _possible(found: Runtime, arguments: dict[str, str]) -> None:
    config = found.config
    path, incident = arguments.get("path"), arguments.get("incident")
    if path is not None and path not in config.watched:
        raise UnknownPath(f"No path is called that: there are {', '.join(sorted(config.watched))}.")
    scenario, watched = arguments.get("scenario"), config.watched.get(path or "")
    if scenario and watched is not None:
        allowed = watched.scenarios if isinstance(watched, GroupConfig) else (watched.scenario,)
        if scenario not in allowed:
            raise UnknownScenario(
                f"It has no chapter of that name: there are {', '.join(allowed)}."
            )
    if incident is not None and not INCIDENT.match(incident):
        raise UnknownIncident("No incident has that id.")
    endpoint = arguments.get("endpoint")
    if endpoint is not None and endpoint not in {each.id for each in config.endpoints}:
        raise Refused("No endpoint is called that: `awaiting` of the incident names who is asked.")
