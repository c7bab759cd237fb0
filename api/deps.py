"""What a route may ask for."""

from typing import Annotated

from fastapi import Depends, Request

from api.prebuilt import Prebuilt
from watchdog.errors import NotReady, Refused
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
    """Have the watching process carry out a request; Refused with its reason if it will not."""
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
