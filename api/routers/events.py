"""The same, pushed: server-sent events with the full state in each. Polling stays normative."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from api import documents
from api.deps import BoardDep, PrebuiltDep

router = APIRouter(tags=["status"])
HEARTBEAT_S = 10
RETRY_MS = 3000
AGAIN_S = 15.0
"""Even unchanged, the state is sent anew this often, so that its age is renewed."""


@router.get(
    "/v1/events",
    operation_id="events",
    responses={200: {"content": {"text/event-stream": {}}}},
    response_class=EventSourceResponse,
)
async def events(
    request: Request, board: BoardDep, prebuilt: PrebuiltDep, clinic: str | None = None
) -> EventSourceResponse:
    """The current state at once, then again at each change; `clinic` narrows it to one clinic.

    A client that has heard nothing for 25 s treats its state as stale and polls.
    """
    if clinic is not None:
        board.clinic_named(clinic)

    async def stream() -> AsyncIterator[ServerSentEvent]:
        while not await request.is_disconnected():
            numbers = (board.epoch, board.revision)
            document = prebuilt.clinic(clinic).document if clinic else documents.status(board)
            yield ServerSentEvent(
                data=document.body.decode(),
                event="status",
                id=f"{numbers[0]}.{numbers[1]}",
                retry=RETRY_MS,
            )
            await board.changed(numbers, AGAIN_S)

    return EventSourceResponse(stream(), ping=HEARTBEAT_S, headers={"cache-control": "no-store"})
