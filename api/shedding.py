"""Shed load: of requests that are not clinic status only so many are in work at once.

Clinic status shares the event loop with everything else. What is over the limit is refused in a
tenth of a millisecond, so that a flood of other routes cannot make the status wait (threat T23).
"""

from collections.abc import Mapping

from api.prebuilt import PREFIX, SUFFIX, App, Receive, Scope, Send

AT_ONCE = {
    "read": 8,
    "write": 16,
    "form": 1,
    "static": 8,
    "alive": 8,
    "health": 4,
    "metrics": 2,
    "status": 32,
    "stream": 1200,
}
"""A request takes a few milliseconds: so many bound what a status request may wait for. A flood of
pages keeps nobody from declaring an outage, and no probe of the platform from its answer; streams,
held open for hours by design, leave connections for those who ask."""
STREAM = "/v1/events"
METRICS = "/metrics"
"""Few ask, each for all there is."""
ALIVE = frozenset({"/livez", "/readyz"})
"""Asked by proxies and supervisors: they wait for nothing, not for the database either."""
HEALTH = "/healthz"
STATIC = "/static/"
FORMS = "/v1/forms/"
"""A PDF takes up to half a second of a core: one at a time."""
RETRY_S = b"1"
BODY = (
    b'{"type":"urn:remissvakt:problem:busy","title":"Service Unavailable","status":503,'
    b'"detail":"Too many requests are in work; ask again in a second. Clinic status is not limited.",'
    b'"code":"busy"}'
)


class Shed:
    """ASGI in front of the application, behind the status gate."""

    def __init__(self, app: App, at_once: Mapping[str, int] = AT_ONCE) -> None:
        self._app, self._at_once = app, at_once
        self._working = dict.fromkeys(at_once, 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        lane = _lane(scope)
        if self._working[lane] >= self._at_once[lane]:
            await _busy(send)
            return
        self._working[lane] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._working[lane] -= 1


def _lane(scope: Scope) -> str:
    path: str = scope["path"]
    for lane, fits in (
        ("alive", path in ALIVE),
        ("health", path == HEALTH),
        ("metrics", path == METRICS),
        ("stream", path == STREAM),
        ("status", path.startswith(PREFIX) and path.endswith(SUFFIX)),
        ("form", path.startswith(FORMS)),
        ("static", path.startswith(STATIC)),
    ):
        if fits:
            return lane
    return "read" if scope["method"] in ("GET", "HEAD") else "write"


async def _busy(send: Send) -> None:
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(BODY)).encode()),
        (b"retry-after", RETRY_S),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})
