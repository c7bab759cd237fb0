"""Prebuilt answers: a status document is formed at most five times a second and served as bytes.

Sits in front of the application as plain ASGI, so that the question that every clinic system asks
each 15 s costs a dictionary look-up. Freshness is still judged at each read.
"""

import math
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, unquote

from api import documents
from api.documents import Document
from watchdog.errors import NotFound
from watchdog.service.board import Board

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

REBUILD_S = 0.2
MOST_CACHED = 5000
PREFIX, SUFFIX = "/v1/clinics/", "/status"


class Prebuilt:
    """Documents by request path and query."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._cache: dict[tuple[str, str | None], tuple[Document, float, tuple[int, int]]] = {}

    def clinic(self, ident: str, unit: str | None = None) -> Document:
        """The clinic's document, not older than 0.2 s and never past its own end."""
        mono = self._board.clock.monotonic()
        key = (ident, unit)
        cached = self._cache.get(key)
        if cached is not None:
            document, built, numbers = cached
            fresh = mono - built < REBUILD_S and mono < document.expires_mono
            if fresh and numbers == (self._board.epoch, self._board.revision):
                return document
        document = documents.clinic(self._board, self._board.clinic(ident, unit))
        if len(self._cache) > MOST_CACHED:
            self._cache.clear()
        self._cache[key] = (document, mono, (self._board.epoch, self._board.revision))
        return document

    def headers(self, document: Document) -> list[tuple[bytes, bytes]]:
        """The headers of a document at this moment; validity is what remains."""
        left = max(0.0, document.valid_until_mono - self._board.clock.monotonic())
        return [
            (b"content-type", b"application/json"),
            (b"content-language", b"sv"),
            (b"cache-control", b"no-store"),
            (b"etag", document.tag.encode()),
            (b"remissvakt-valid-for", f"{math.floor(left * 10) / 10:.1f}".encode()),
        ]


class StatusGate:
    """ASGI in front of the application: answers clinic status itself, passes on the rest."""

    def __init__(self, app: App, prebuilt: Prebuilt, allows: Callable[[str], bool]) -> None:
        self._app, self._prebuilt, self._allows = app, prebuilt, allows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or not path.startswith(PREFIX)
            or not path.endswith(SUFFIX)
            or not self._allows(scope["client"][0] if scope.get("client") else "")
        ):
            await self._app(scope, receive, send)
            return
        ident, query = unquote(path[len(PREFIX) : -len(SUFFIX)]), scope["query_string"]
        unit = parse_qs(query.decode("latin-1")).get("unit", [None])[0] if query else None
        try:
            document = self._prebuilt.clinic(ident, unit)
        except NotFound:
            await self._app(scope, receive, send)  # the application says it as problem+json
            return
        headers = self._prebuilt.headers(document)
        tag = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
        unchanged = tag == document.tag.encode() and headers[4][1] != b"0.0"
        status = 304 if unchanged else 200
        body = b"" if unchanged else document.body
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
