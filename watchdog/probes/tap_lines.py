"""JSON Lines over HTTP: the tap of an engine that cannot send a copy over MLLP.

Each line of a POST is one referral that has just passed: {"placer", "control", "sender"}. Nothing
else is taken, so that nothing else can be sent by mistake; a line that is refused is named by its
number, never quoted. Source: design decisions, section 11.
"""

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from watchdog.clock import Clock
from watchdog.webserver import WebServer

MOST_BYTES, MOST_LINES = 256 * 1024, 1000


class Copy(BaseModel):
    """What is read of one referral; only a keyed hash of `placer` outlives it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    placer: Annotated[str, Field(max_length=80)]
    """Placer order number, ORC-2."""
    control: Annotated[str, Field(max_length=2)] = ""
    """ORC-1, HL7 table 0119; empty is a new order."""
    sender: Annotated[str, Field(max_length=80)] = ""
    """Sending application and facility, MSH-3/MSH-4."""


Taken = Callable[[Copy], Awaitable[None]]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class LinesIntake:
    """One listening port."""

    def __init__(self, taken: Taken, *, clock: Clock, peers: tuple[Network, ...]) -> None:
        self._taken, self._clock, self._peers = taken, clock, peers
        self._server: WebServer | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; the port."""
        app = Starlette(routes=[Route("/", self._post, methods=["POST"])])
        self._server = WebServer(app, self._clock, host=host)
        return await self._server.start(port)

    async def close(self) -> None:
        if self._server is not None:
            await self._server.close()

    async def _post(self, request: Request) -> Response:
        if not self._may(request):
            return _problem(403, "This address may not send copies: see `peers` of the tap.")
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                return _problem(413, f"A POST may hold {MOST_BYTES} bytes: send fewer lines.")
        lines = [line for line in bytes(body).splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            return _problem(413, f"A POST may hold {MOST_LINES} lines: send fewer.")
        copies: list[Copy] = []
        for number, line in enumerate(lines, 1):
            try:
                copies.append(Copy.model_validate_json(line))
            except ValidationError as error:
                return _problem(422, f"Line {number}: {_fault(error)}; no line was taken.")
        for copy in copies:
            await self._taken(copy)
        return JSONResponse({"taken": len(copies)})

    def _may(self, request: Request) -> bool:
        host = request.client.host if request.client else ""
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._peers)


def _problem(status: int, detail: str) -> JSONResponse:
    return JSONResponse(
        {"status": status, "detail": detail}, status, media_type="application/problem+json"
    )


def _fault(error: ValidationError) -> str:
    """Which field is wrong, by the names that we know: another name could be anything."""
    where = error.errors()[0]["loc"]
    if where and where[0] in Copy.model_fields:
        return f"`{where[0]}` is missing or not as it should be"
    return f"it is no JSON object of {', '.join(Copy.model_fields)} alone"
