"""An example of the clinic document in every published state, for OpenAPI.

Made by the product's own code from the configured routines, so that they cannot drift from it.
"""

import json
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api import documents
from api.problems import MEDIA_TYPE
from watchdog.clock import ManualClock
from watchdog.detection.effective import Snapshot
from watchdog.model.incident import Incident
from watchdog.model.maintenance import Window
from watchdog.model.outage import Phase, Reason, State
from watchdog.model.site import Config
from watchdog.runtime import Runtime
from watchdog.service.board import Board
from watchdog.service.views import PathView

EXAMPLES: dict[State, tuple[Phase, Reason]] = {
    State.NORMAL: (Phase.CLEAR, Reason.ARRIVING),
    State.DEGRADED: (Phase.SUSPECTED, Reason.SLOW),
    State.OUTAGE: (Phase.DECLARED, Reason.NOT_ARRIVING),
    State.RECOVERING: (Phase.RECOVERING, Reason.ARRIVING_AGAIN),
    State.UNKNOWN: (Phase.UNKNOWN, Reason.BLIND),
    State.MAINTENANCE: (Phase.CLEAR, Reason.ARRIVING),
}

FIRST_ERROR = 400
PROBLEM = "#/components/schemas/Problem"
OTHER_TYPES = {
    "/livez": "text/plain",
    "/readyz": "text/plain",
    "/metrics": "text/plain",
    "/healthz": "application/health+json",
}


def add_examples(app: FastAPI) -> None:
    """Put the examples into the OpenAPI document when it is first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                openapi_version="3.1.0",
                description=app.description,
                routes=app.routes,
            )
            runtime: Runtime = app.state.serving.runtime
            answer = schema["paths"]["/v1/clinics/{clinic}/status"]["get"]["responses"]["200"]
            answer["content"]["application/json"]["examples"] = clinic_examples(runtime)
            _truthful(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # pyright: ignore[reportAttributeAccessIssue]


def _truthful(schema: dict[str, Any]) -> None:
    """Errors are problems in every route, and what is no JSON is not called so."""
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                content = answer.get("content", {})
                if int(status) >= FIRST_ERROR and path != "/healthz":
                    answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": PROBLEM}}}
                elif path in OTHER_TYPES and "application/json" in content:
                    answer["content"] = {OTHER_TYPES[path]: content.pop("application/json")}


def clinic_examples(runtime: Runtime) -> dict[str, dict[str, Any]]:
    """State to example; empty if no clinic is configured."""
    config = runtime.config
    if not config.clinics:
        return {}
    out: dict[str, dict[str, Any]] = {}
    for state, (phase, reason) in EXAMPLES.items():
        board = _board(runtime, config, phase, reason, planned=state is State.MAINTENANCE)
        document = documents.clinic(board, board.clinic(next(iter(config.clinics))))
        out[state.value] = {"value": json.loads(document.body)}
    return out


def _board(
    runtime: Runtime, config: Config, phase: Phase, reason: Reason, *, planned: bool
) -> Board:
    clock = ManualClock(runtime.clock.now())
    board = Board(config, runtime.routines, clock)
    board.epoch, board.revision = 7, 412
    now = clock.now()
    path = config.watched[next(iter(config.clinics.values())).path]
    if planned:
        board.windows = [
            Window(
                id="win_example",
                path=path.id,
                starts_at=now,
                ends_at=now + timedelta(hours=2),
                owner="Eva Ek",
                reason="byte av lastbalanserare",
                by="drift",
            )
        ]
    incident = Incident(
        id="inc_example",
        path=path.id,
        site=path.site,
        scenario=path.scenario,
        reason=reason,
        opened_at=now,
        declared_at=now,
        advised_at=now,
        last_good_at=now,
    )
    board.publish(
        PathView(
            config=path,
            snapshot=Snapshot(
                phase=phase,
                reason=reason,
                evaluated_mono=0.0,
                life_mono=0.0,
                evaluation_limit_s=15,
                evidence_limit_s=90,
                valid_for_s=45,
            ),
            since=now,
            evaluated_at=now,
            last_good_at=now,
            last_arrival_at=now,
            incident=incident if phase in (Phase.DECLARED, Phase.RECOVERING) else None,
            recent=(),
            open_orders=1,
            sending="on",
            p99_s=8.0,
        )
    )
    return board
