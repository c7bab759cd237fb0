"""What people ask of the running service, from the command line or the API: stored, done, answered."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

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
            await insert_once(
                db,
                requests,
                {
                    "id": request.id,
                    "kind": request.kind,
                    "arguments": json.dumps(request.arguments),
                    "by": request.by,
                    "at": request.at,
                    "done_at": None,
                    "outcome": "",
                    "detail": "",
                },
            )

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
            await db.execute(
                update(requests)
                .where(requests.c.id == request.id)
                .values(done_at=now, outcome=outcome, detail=detail)
            )
            subject = request.arguments.get("incident") or request.arguments.get("path", "")
            await audit.append(
                db,
                at=now,
                by=request.by or f"{request.arguments.get('name', '')} (typed)",
                what=request.kind,
                subject=str(subject),
                detail={"arguments": request.arguments, "outcome": outcome, "answer": detail},
            )


def _request(found: dict[str, Any]) -> Request:
    found["arguments"] = json.loads(found["arguments"])
    return Request(**found)
