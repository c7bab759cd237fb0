"""What people ask of the running service, from the command line or the API: stored, done, answered."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from watchdog.storage import audit
from watchdog.storage.engine import Database
from watchdog.storage.rows import insert_once
from watchdog.storage.tables import requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One wish; `outcome` is empty until it was carried out (`done`) or refused (`refused`)."""

    id: str
    kind: str
    arguments: dict[str, Any]
    by: str
    at: datetime
    done_at: datetime | None = None
    outcome: str = ""
    detail: str = ""


class Requests:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, request: Request) -> None:
        async with self._database.transaction() as db:
            await insert_once(db, requests, _row(request))

    async def waiting(self) -> list[Request]:
        """Not yet carried out, oldest first."""
        query = select(requests).where(requests.c.done_at.is_(None)).order_by(requests.c.at)
        async with self._database.read() as db:
            return [_request(dict(found)) for found in (await db.execute(query)).mappings()]

    async def get(self, ident: str) -> Request | None:
        async with self._database.read() as db:
            query = select(requests).where(requests.c.id == ident)
            found = (await db.execute(query)).mappings().first()
        return _request(dict(found)) if found is not None else None

    async def done(self, request: Request, now: datetime, outcome: str, detail: str) -> None:
        """It was carried out or refused; the audit has it in the same transaction."""
        async with self._database.transaction() as db:
            await _done(db, replace(request, done_at=now, outcome=outcome, detail=detail))


async def keep(db: AsyncConnection, request: Request) -> None:
    """A request that was carried out without the database, with its row in the audit; only once."""
    query = select(requests.c.done_at).where(requests.c.id == request.id)
    known = (await db.execute(query)).first()
    if known is None:
        await insert_once(db, requests, _row(request))
    if known is None or known.done_at is None:
        await _done(db, request)


async def _done(db: AsyncConnection, request: Request) -> None:
    assert request.done_at is not None  # noqa: S101 - for the type checker
    await db.execute(
        update(requests)
        .where(requests.c.id == request.id)
        .values(done_at=request.done_at, outcome=request.outcome, detail=request.detail)
    )
    arguments = request.arguments
    await audit.append(
        db,
        at=request.done_at,
        by=request.by or f"{arguments.get('name', '')} (typed)",
        what=request.kind,
        subject=str(arguments.get("incident") or arguments.get("path", "")),
        detail={"arguments": arguments, "outcome": request.outcome, "answer": request.detail},
    )


def _row(request: Request) -> dict[str, Any]:
    return {**asdict(request), "arguments": json.dumps(request.arguments)}


def _request(found: dict[str, Any]) -> Request:
    found["arguments"] = json.loads(found["arguments"])
    return Request(**found)
