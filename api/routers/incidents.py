"""Incidents: list, read, declare by hand, clear, close."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api import bodies, documents, shapes
from api.deps import ANSWER_S, RuntimeDep, told_of
from api.routers.paths import ERRORS
from api.wishes import carried_out
from watchdog.within import within

router = APIRouter(tags=["incidents"])
PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]*$"
Ident = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]
"""The id of something configured; nothing else is stored under that name."""
ReasonText = Annotated[str, Field(min_length=3, max_length=400, pattern=PRINTABLE)]


class Declare(BaseModel):
    """Declare an outage of a path by hand."""

    model_config = ConfigDict(extra="forbid")
    path: Ident
    reason: ReasonText
    scenario: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{0,60}$")] = ""
    """For a group of systems: the chapter of its routine."""


class End(BaseModel):
    """Clear or close, with a reason that people will read."""

    model_config = ConfigDict(extra="forbid")
    reason: ReasonText


class Acknowledge(BaseModel):
    """A person has seen it: who was told, and the person's name as typed."""

    model_config = ConfigDict(extra="forbid")
    endpoint: Ident
    name: Annotated[str, Field(min_length=2, max_length=80, pattern=PRINTABLE)]


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """What OpenAPI says of a body that we read ourselves."""
    schema = {"schema": model.model_json_schema()}
    return {"requestBody": {"required": True, "content": {"application/json": schema}}}


@router.get("/v1/incidents", responses={503: {"model": shapes.Problem}}, operation_id="incidents")
async def listed(
    found: RuntimeDep, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> shapes.IncidentsShape:
    """Declared incidents, newest first."""
    incidents = await within(ANSWER_S, found.incidents.listed(limit=limit))
    return shapes.IncidentsShape(incidents=[documents.incident(i) for i in incidents])


@router.get(
    "/v1/incidents/{incident}",
    responses={404: {"model": shapes.Problem}, 503: {"model": shapes.Problem}},
    operation_id="incident",
)
async def one(incident: str, found: RuntimeDep) -> shapes.IncidentShape:
    """One incident with its timeline."""
    return documents.incident(*await told_of(found, incident))


@router.post(
    "/v1/incidents",
    responses=ERRORS,  # pyright: ignore[reportArgumentType]
    operation_id="declare",
    openapi_extra=body_of(Declare),
)
async def declare(request: Request, found: RuntimeDep) -> shapes.Done:
    """Declare by hand (role declare); wins at once. The detail is the incident's id."""
    body = await bodies.read(request, Declare)
    return await carried_out(
        request,
        found,
        "declare",
        "declare",
        path=body.path,
        reason=body.reason,
        scenario=body.scenario,
    )


@router.post(
    "/v1/incidents/{incident}/clear",
    responses=ERRORS,  # pyright: ignore[reportArgumentType]
    operation_id="clear",
    openapi_extra=body_of(End),
)
async def clear(incident: str, request: Request, found: RuntimeDep) -> shapes.Done:
    """Clear what was declared by hand (role clear); refused while the probes do not pass."""
    body = await bodies.read(request, End)
    return await carried_out(
        request, found, "clear", "clear", incident=incident, reason=body.reason
    )


@router.post(
    "/v1/incidents/{incident}/override",
    responses=ERRORS,  # pyright: ignore[reportArgumentType]
    operation_id="override",
    openapi_extra=body_of(End),
)
async def override(incident: str, request: Request, found: RuntimeDep) -> shapes.Done:
    """Clear against failing probes for 30 minutes at most (role clear).

    The first call asks; the same call with another person's key within 15 minutes confirms.
    """
    body = await bodies.read(request, End)
    return await carried_out(
        request, found, "clear", "override", incident=incident, reason=body.reason
    )


@router.post(
    "/v1/incidents/{incident}/acknowledge",
    responses=ERRORS,  # pyright: ignore[reportArgumentType]
    operation_id="acknowledge",
    openapi_extra=body_of(Acknowledge),
)
async def acknowledge(incident: str, request: Request, found: RuntimeDep) -> shapes.Done:
    """A person behind an endpoint has seen it (role declare); IT may say so on TiB's behalf."""
    body = await bodies.read(request, Acknowledge)
    return await carried_out(
        request,
        found,
        "acknowledge",
        "acknowledge",
        incident=incident,
        endpoint=body.endpoint,
        name=body.name,
    )


@router.post(
    "/v1/incidents/{incident}/close",
    responses=ERRORS,  # pyright: ignore[reportArgumentType]
    operation_id="close",
    openapi_extra=body_of(End),
)
async def close(incident: str, request: Request, found: RuntimeDep) -> shapes.Done:
    """A person's word that back-entry is done (role admin)."""
    body = await bodies.read(request, End)
    return await carried_out(
        request, found, "close", "close", incident=incident, reason=body.reason
    )
