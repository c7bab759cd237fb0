"""The clinic API with a page and a route to set every state by hand. Loopback only, marked as such.

`POST /sandbox/{path}` takes a form or JSON: `state`, `paper`, `scenario`, `evaluated`.
"""

import urllib.parse
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, ValidationError

from api.app import create_app
from api.negotiation import language
from api.prebuilt import App
from api.web.pages import page
from watchdog.errors import BadQuestion, NotAllowed
from watchdog.model.outage import State
from watchdog.runtime import Runtime
from watchdog.service.sandbox import Sandbox, Wish

MARK = (b"remissvakt-sandbox", b"true")
"""On every answer: a client in production may refuse what carries it."""
MOST_BYTES = 4096
router = APIRouter()


class WishShape(BaseModel):
    """What is set; a field that is left out takes its default."""

    model_config = ConfigDict(extra="forbid")

    state: State
    paper: bool = True
    scenario: str = ""
    evaluated: bool = True


def create_sandbox(runtime: Runtime, sandbox: Sandbox) -> App:
    """The application of `remissvakt sandbox`."""

    def extend(app: FastAPI) -> None:
        app.state.sandbox = sandbox
        app.include_router(router)

    inner = create_app(runtime, extend=extend)

    async def marked(scope: Any, receive: Any, send: Any) -> None:
        async def mark(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], MARK]}
            await send(message)

        await inner(scope, receive, mark)

    return marked


def _sandbox(request: Request) -> Sandbox:
    return request.app.state.sandbox


def _runtime(request: Request) -> Runtime:
    return request.app.state.serving.runtime


SandboxDep = Annotated[Sandbox, Depends(_sandbox)]
RuntimeDep = Annotated[Runtime, Depends(_runtime)]


@router.get("/sandbox", response_class=HTMLResponse, include_in_schema=False)
async def show(request: Request, sandbox: SandboxDep, found: RuntimeDep) -> HTMLResponse:
    """Every path and group with its states as buttons."""
    board = found.board
    rows = [
        (
            view,
            board.effective(view),
            sandbox.wishes[view.config.id],
            list(board.routines[view.config.site].scenarios),
            [clinic for clinic in board.config.clinics.values() if clinic.path == view.config.id],
        )
        for view in board.paths()
    ]
    return page("sandbox.html", language(request), request, rows=rows, states=list(State))


@router.post("/sandbox/{path}", include_in_schema=False)
async def put(path: str, request: Request, sandbox: SandboxDep, found: RuntimeDep) -> Response:
    """Set one. 303 to the page for a form, the wish as JSON otherwise."""
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise NotAllowed("Another page may not set states here.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise BadQuestion(f"A wish has at most {MOST_BYTES} bytes.")
    form = not body.lstrip().startswith(b"{")  # curl calls what it sends a form
    try:
        if form:
            fields = dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace")))
            asked = WishShape.model_validate(fields)
        else:
            asked = WishShape.model_validate_json(body)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        states = ", ".join(state.value for state in State)
        raise BadQuestion(f"`{where}` is not as it should be. States: {states}.") from None
    changed = sandbox.set(path, Wish(**asked.model_dump()))
    if changed is not None:
        await found.incidents.keep(changed)
    if form:
        return RedirectResponse("/sandbox", 303)
    return JSONResponse(asked.model_dump(mode="json"))
