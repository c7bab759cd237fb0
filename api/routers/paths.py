"""The state of every path, and stopping and resuming the synthetic orders of one."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import bodies, documents, shapes
from api.deps import BoardDep, PrebuiltDep, RuntimeDep
from api.wishes import carried_out

router = APIRouter(tags=["status"])
ERRORS = {
    401: {"model": shapes.Problem},
    403: {"model": shapes.Problem},
    404: {"model": shapes.Problem},
    409: {"model": shapes.Problem},
    413: {"model": shapes.Problem},
    422: {"model": shapes.Problem},
}


class Sending(BaseModel):
    """Stop or resume, with a reason that people will read."""

    model_config = ConfigDict(extra="forbid")
    action: Literal["stop", "resume"]
    reason: Annotated[str, Field(min_length=3, max_length=400)]


NOT_NOW = {
    304: {"description": "As the caller has it, and it still holds"},
    503: {"model": shapes.Problem},
}
"""Of a document that is formed from what was evaluated last."""


@router.get(
    "/v1/status",
    response_model=shapes.StatusShape,
    responses=NOT_NOW,  # pyright: ignore[reportArgumentType]
    operation_id="status",
)
async def status(board: BoardDep, prebuilt: PrebuiltDep, request: Request) -> Response:
    """Every path. 200 for every monitored state: an outage is data."""
    return answered(request, prebuilt, documents.status(board))


@router.get(
    "/v1/paths/{path}",
    response_model=shapes.PathShape,
    responses={404: {"model": shapes.Problem}, **NOT_NOW},  # pyright: ignore[reportArgumentType]
    operation_id="path_status",
)
async def one(path: str, board: BoardDep, prebuilt: PrebuiltDep, request: Request) -> Response:
    """One path, with its coverage: what a synthetic order exercises and what it does not."""
    return answered(request, prebuilt, documents.one_path(board, board.path(path)))


@router.post(
    "/v1/paths/{path}/sending",
    responses=ERRORS,  # pyright: ignore[reportArgumentType]
    operation_id="path_sending",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": Sending.model_json_schema()}},
        }
    },
)
async def sending(path: str, request: Request, found: RuntimeDep) -> shapes.Done:
    """Stop synthetic orders on a path (role stop), or resume them (role admin)."""
    body = await bodies.read(request, Sending)
    return await carried_out(
        request, found, body.action, body.action, path=path, reason=body.reason
    )


def answered(request: Request, prebuilt: PrebuiltDep, document: documents.Document) -> Response:
    """A document with its headers; 304 where the caller has it and it still holds."""
    headers = prebuilt.headers(document)
    same = request.headers.get("if-none-match", "") == document.tag
    unchanged = same and headers[4][1] != b"0.0"
    response = Response(b"" if unchanged else document.body, status_code=304 if unchanged else 200)
    length = response.headers["content-length"] if not unchanged else "0"
    response.raw_headers[:] = [*headers, (b"content-length", length.encode())]
    return response
