"""Who may read, and what a browser may do with an answer: plain ASGI around the application.

No middleware that copies bodies: a thousand event streams pass through here.
"""

from typing import Any

from fastapi import Request
from starlette.datastructures import MutableHeaders

from api import problems
from api.auth import Networks, signed_in
from api.prebuilt import App, Receive, Scope, Send
from watchdog.errors import RemissvaktError
from watchdog.runtime import Runtime

OPEN = ("/livez", "/readyz", "/healthz", "/static/", "/acknowledge/")
"""Read by everybody: they say nothing of a patient or a number, or carry their own permission."""
READS = ("GET", "HEAD")
HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


class Guard:
    """Reads from outside the configured networks need a key; pages get a strict policy."""

    def __init__(self, app: App, runtime: Runtime, networks: Networks) -> None:
        self._app, self._runtime, self._networks = app, runtime, networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def headed(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        request = Request(scope, receive)
        host = request.client.host if request.client else ""
        path = request.url.path
        if (
            scope["method"] in READS
            and not path.startswith(OPEN)
            and not self._networks.allows(host)
        ):
            try:
                await signed_in(request, self._runtime)
            except RemissvaktError as error:
                refused = problems.problem(request, error.status, error.code, str(error))
                await refused(scope, receive, headed)
                return
        await self._app(scope, receive, headed)
