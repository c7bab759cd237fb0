"""Drills: the chain of notices is exercised; what clinics are told stays as it is."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from api import bodies, shapes
from api.deps import RuntimeDep
from api.routers.incidents import End, Ident, ReasonText, body_of
from api.routers.paths import ERRORS
from api.wishes import carried_out

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
    return await carried_out(request, found, "drill", "drill", path=body.path, reason=body.reason)


@router.post(
    "/v1/drills/{incident}/end",
    responses=ERRORS,  # pyright: ignore[reportArgumentType]
    operation_id="end_drill",
    openapi_extra=body_of(End),
)
async def end(incident: str, request: Request, found: RuntimeDep) -> shapes.Done:
    """Tell everybody who was told that the drill is over (role admin)."""
    body = await bodies.read(request, End)
    return await carried_out(
        request, found, "drill", "end_drill", incident=incident, reason=body.reason
    )
