"""Drills: the chain of notices is exercised; what clinics are told stays as it is."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from api import bodies, shapes
from api.auth import may
from api.deps import RuntimeDep, wish
from api.routers.incidents import End, Ident, ReasonText, body_of
from api.routers.paths import ERRORS

router = APIRouter(tags=["incidents"])


class Begin(BaseModel):
    """Begin a drill on a path."""

    model_config = ConfigDict(extra="forbid")
    path: Ident
    reason: ReasonText


@router.post(
    "/v1/drills",
    responses=ERRORS,  # pyright: ignore[reportArgumentType]
    operation_id="drill",
    openapi_extra=body_of(Begin),
)
async def begin(request: Request, found: RuntimeDep) -> shapes.Done:
    """Tell everybody who would be told that this is a drill (role admin). The detail is its id."""
    body = await bodies.read(request, Begin)
    key = await may(request, found, "drill")
    arguments = {"path": body.path, "reason": body.reason}
    return shapes.Done(outcome="done", detail=await wish(found, "drill", arguments, key.name))


@router.post(
    "/v1/drills/{incident}/end",
    responses=ERRORS,  # pyright: ignore[reportArgumentType]
    operation_id="end_drill",
    openapi_extra=body_of(End),
)
async def end(incident: str, request: Request, found: RuntimeDep) -> shapes.Done:
    """Tell everybody who was told that the drill is over (role admin)."""
    body = await bodies.read(request, End)
    key = await may(request, found, "drill")
    arguments = {"incident": incident, "reason": body.reason}
    return shapes.Done(outcome="done", detail=await wish(found, "end_drill", arguments, key.name))
