"""create_app(runtime): routers, errors, guards. The same application in `serve` and `api`."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources

from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from starlette.middleware.base import RequestResponseEndpoint
from starlette.responses import Response

import watchdog
from api import problems
from api.auth import Networks, signed_in
from api.examples import add_examples
from api.prebuilt import App, Prebuilt, StatusGate
from api.routers import (
    clinics,
    drills,
    events,
    forms,
    health,
    incidents,
    metrics,
    paths,
    routines,
    systems,
)
from api.shedding import Shed
from api.web import acknowledge, pages
from watchdog.errors import RemissvaktError
from watchdog.runtime import Runtime, Watcher

OPEN = ("/livez", "/readyz", "/healthz", "/static/", "/acknowledge/")
CSP = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'"
)


@dataclass(slots=True)
class Serving:
    """What routes may reach."""

    runtime: Runtime
    watcher: Watcher | None
    """Beside us in this process (`serve`), or None (`api`)."""
    prebuilt: Prebuilt


def create_app(
    runtime: Runtime,
    watcher: Watcher | None = None,
    *,
    extend: Callable[[FastAPI], None] = lambda _: None,
) -> App:
    """The ASGI application; `extend` may add routes of its own."""
    prebuilt = Prebuilt(runtime.board)
    networks = Networks(runtime.config.read_networks)
    app = FastAPI(
        title="Remissvakt",
        version=watchdog.__version__,
        description="Whether radiology referrals arrive, and what to do when they do not.",
        docs_url=None,
        redoc_url=None,
    )
    app.state.serving = Serving(runtime, watcher, prebuilt)
    problems.install(app)
    for router in (
        clinics,
        paths,
        systems,
        routines,
        forms,
        incidents,
        drills,
        events,
        health,
        metrics,
        pages,
        acknowledge,
    ):
        app.include_router(router.router)
    static = resources.files("api") / "web" / "static"
    app.mount("/static", StaticFiles(directory=str(static)), name="static")
    extend(app)
    add_examples(app)

    @app.middleware("http")
    async def guard(request: Request, call_next: RequestResponseEndpoint) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Reads from outside the configured networks need a key; pages get a strict policy."""
        reading = request.method in ("GET", "HEAD")
        host = request.client.host if request.client else ""
        if reading and not request.url.path.startswith(OPEN) and not networks.allows(host):
            try:
                await signed_in(request, runtime)
            except RemissvaktError as error:
                return problems.problem(request, error.status, error.code, str(error))
        response = await call_next(request)
        response.headers.setdefault("content-security-policy", CSP)
        response.headers.setdefault("x-content-type-options", "nosniff")
        response.headers.setdefault("referrer-policy", "no-referrer")
        response.headers.setdefault("cache-control", "no-store")
        return response

    return StatusGate(Shed(app), prebuilt, networks.allows)
