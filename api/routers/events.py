"""The same, pushed: server-sent events with the full state in each. Polling stays normative."""

from collections.abc import AsyncIterator
from functools import partial

from fastapi import APIRouter
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.deps import BoardDep, PrebuiltDep
from api.documents import Document

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
    board: BoardDep, prebuilt: PrebuiltDep, clinic: str | None = None
) -> EventSourceResponse:
    """The current state at once, then again at each change; `clinic` narrows it to one clinic.

    A client that has heard nothing for 25 s treats its state as stale and polls.
    """
    if clinic is not None:
        board.clinic_named(clinic)

    async def stream() -> AsyncIterator[bytes]:
        while True:  # the response ends it when the client hangs up
            mark = board.mark
            document = prebuilt.clinic(clinic).document if clinic else prebuilt.status()
            ident = f"{mark[0]}.{mark[1]}"
            yield prebuilt.pushed(clinic or "", document, partial(_event, ident))
            await board.changed(mark, AGAIN_S)

    return EventSourceResponse(stream(), ping=HEARTBEAT_S, headers={"cache-control": "no-store"})


def _event(ident: str, document: Document) -> bytes:
    event = ServerSentEvent(data=document.body.decode(), event="status", id=ident, retry=RETRY_MS)
    return event.encode()
