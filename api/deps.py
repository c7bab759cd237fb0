"""What a route may ask for."""

from typing import Annotated

from fastapi import Depends, Request

from api.prebuilt import Prebuilt
from watchdog.errors import NotReady, StorageError, UnknownIncident
from watchdog.model.incident import Incident, IncidentEvent
from watchdog.runtime import Runtime, Watcher
from watchdog.service.board import Board
from watchdog.within import within

ANSWER_S = 2.0
"""Nobody who asks waits longer for what only the database knows."""


def runtime(request: Request) -> Runtime:
    """The process's parts."""
    return request.app.state.serving.runtime


def watcher(request: Request) -> Watcher | None:
    """The watcher beside us, if this process watches."""
    serving = request.app.state.serving
    return serving.watcher or serving.runtime.watcher


def prebuilt(request: Request) -> Prebuilt:
    return request.app.state.serving.prebuilt


async def told_of(found: Runtime, ident: str) -> tuple[Incident, list[IncidentEvent]]:
    """An incident and its timeline. UnknownIncident, or StorageError if the database does not answer.

    What only the journal holds has no timeline yet.
    """
    stored, timeline = None, []
    try:
        if ident.isprintable():
            stored = await within(ANSWER_S, found.incidents.get(ident))
        if stored is not None:
            timeline = await within(ANSWER_S, found.incidents.timeline(stored.id))
    except StorageError:
        stored = stored or in_memory(found, ident)
        if stored is None:
            raise
    stored = stored or in_memory(found, ident)
    if stored is None:
        raise UnknownIncident("No incident has that id.")
    return stored, timeline


def in_memory(found: Runtime, ident: str) -> Incident | None:
    """The present incident of that id: it may have been declared without the database."""
    here = (view.incident for view in found.board.paths())
    return next((each for each in here if each is not None and each.id == ident), None)


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
