"""create_app(runtime): routers, errors, guards. The same application in `serve` and `api`."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

import watchdog
from api import problems
from api.auth import Networks
from api.examples import add_examples
from api.guard import Guard
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
    subscriptions,
    systems,
)
from api.shedding import Shed
from api.web import acknowledge, pages
from watchdog.runtime import Runtime, Watcher


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
    described: bool = False,
) -> App:
    """The ASGI application; `extend` may add routes of its own.

    `described`: make its OpenAPI document now. That takes a third of a second, which the first who
    asks for it would take from everybody else.
    """
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
        subscriptions,
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
    if described:
        app.openapi()

    app.add_middleware(Guard, runtime=runtime, networks=networks)
    return StatusGate(Shed(app), prebuilt, networks.allows)
