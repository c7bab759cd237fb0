"""What a route may ask for."""

from typing import Annotated

from fastapi import Depends, Request

from api.prebuilt import Prebuilt
from watchdog.errors import NotReady
from watchdog.runtime import Runtime, Watcher
from watchdog.service.board import Board

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
