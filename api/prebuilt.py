"""Prebuilt answers: a status document is formed ten times a second, or when it changes; served as bytes.

Sits in front of the application as plain ASGI, so that the question that every clinic system asks
each 15 s costs a dictionary look-up. Freshness is still judged at each read.
"""

import math
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from api import documents
from api.documents import Document
from watchdog.service.board import Board

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

REBUILD_S = 0.1
MOST_CACHED = 5000
NOT_MODIFIED = 304
PREFIX, SUFFIX = "/v1/clinics/", "/status"


@dataclass(frozen=True, slots=True)
class Answer:
    """A document with its headers, ready to send, good for a tenth of a second."""

    document: Document
    start: dict[str, Any]
    body: dict[str, Any]
    until: float
    """When it must be formed anew, on our monotonic clock."""
    mark: tuple[int, int, int]
    """Of the board when it was formed."""


class Prebuilt:
    """Documents by clinic and unit."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._cache: dict[tuple[str, str | None], Answer] = {}
        self._status: tuple[Document, float, tuple[int, int, int]] | None = None
        self._pushed: dict[str, tuple[Document, bytes]] = {}

    def status(self) -> Document:
        """Everything that is watched, formed ten times a second, or when it changes."""
        board, mono = self._board, self._board.clock.monotonic()
        mark = board.mark
        if self._status is None or mono >= self._status[1] or self._status[2] != mark:
            made = documents.status(board)
            self._status = (made, min(mono + REBUILD_S, made.expires_mono), mark)
        return self._status[0]

    def pushed(self, name: str, document: Document, encode: Callable[[Document], bytes]) -> bytes:
        """The document as one event of a stream, encoded once for everybody who follows it."""
        known = self._pushed.get(name)
        if known is None or known[0] is not document:
            if len(self._pushed) > MOST_CACHED:
                self._pushed.clear()
            known = self._pushed[name] = (document, encode(document))
        return known[1]

    def clinic(self, ident: str, unit: str | None = None) -> Answer:
        """The clinic's answer, not older than 0.1 s and never past its document's own end."""
        board, key = self._board, (ident, unit)
        mono = board.clock.monotonic()
        cached = self._cache.get(key)
        if cached is not None and mono < cached.until and cached.mark == board.mark:
            return cached
        document = documents.clinic(board, board.clinic(ident, unit))
        if len(self._cache) > MOST_CACHED:
            self._cache.clear()
        length = (b"content-length", str(len(document.body)).encode())
        answer = Answer(
            document,
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [*self.headers(document), length],
            },
            {"type": "http.response.body", "body": document.body},
            min(mono + REBUILD_S, document.expires_mono),
            board.mark,
        )
        self._cache[key] = answer
        return answer

    def headers(self, document: Document) -> list[tuple[bytes, bytes]]:
        """The headers of a document for the next tenth of a second; validity is what remains."""
        left = document.valid_until_mono - self._board.clock.monotonic() - REBUILD_S
        return [
            (b"content-type", b"application/json"),
            (b"content-language", b"sv"),
            (b"cache-control", b"no-store"),
            (b"etag", document.tag.encode()),
            (b"remissvakt-valid-for", f"{math.floor(max(0.0, left) * 10) / 10:.1f}".encode()),
        ]


class StatusGate:
    """ASGI in front of the application: answers clinic status itself, passes on the rest."""

    def __init__(self, app: App, prebuilt: Prebuilt, allows: Callable[[str], bool]) -> None:
        self._app, self._prebuilt, self._allows = app, prebuilt, allows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if (
            not path.startswith(PREFIX)
            or not path.endswith(SUFFIX)
            or scope["type"] != "http"
            or scope["method"] != "GET"
            or not self._allows(scope["client"][0] if scope.get("client") else "")
        ):
            await self._app(scope, receive, send)
            return
        query = scope["query_string"]
        unit = parse_qs(query.decode("latin-1")).get("unit", [None])[0] if query else None
        try:
            answer = self._prebuilt.clinic(path[len(PREFIX) : -len(SUFFIX)], unit)
        except Exception:  # noqa: BLE001 - the application meets it too, and says it as problem+json
            await self._app(scope, receive, send)
            return
        for name, value in scope["headers"]:
            if name == b"if-none-match" and value == answer.document.tag.encode():
                await _unchanged(answer, send)
                return
        await send(answer.start)
        await send(answer.body)


async def _unchanged(answer: Answer, send: Send) -> None:
    """304 while the answer is still valid; its body again when it is not."""
    headers: list[tuple[bytes, bytes]] = answer.start["headers"]
    if dict(headers)[b"remissvakt-valid-for"] == b"0.0":
        await send(answer.start)
        await send(answer.body)
        return
    await send({**answer.start, "status": NOT_MODIFIED, "headers": headers[:-1]})
    await send({"type": "http.response.body", "body": b""})
