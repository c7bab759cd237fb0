"""The audit: what people did, append-only, each row hashed over the one before it.

The database refuses to change or take out a row (a trigger). Whoever drops that trigger breaks the chain
from there on, and `remissvakt audit verify` says where. Taking out the newest rows leaves a shorter
chain that holds: compare its newest digest with the one that the service logged with every row.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from watchdog.storage.engine import Database
from watchdog.storage.tables import audit

log = structlog.get_logger()
START = "0" * 64
LOCK_ID = 0x41554449  # "AUDI"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that a person did."""

    number: int
    at: datetime
    by: str
    what: str
    subject: str
    detail: str
    """JSON: arguments and outcome."""
    digest: str


@dataclass(frozen=True, slots=True)
class Broken:
    """Where the chain no longer holds, and how."""

    number: int
    why: str


async def append(
    db: AsyncConnection,
    *,
    at: datetime,
    by: str,
    what: str,
    subject: str,
    detail: Mapping[str, object] | None = None,
) -> Entry:
    """Add a row in the caller's transaction; whoever else adds one waits until it is committed."""
    if db.dialect.name == "postgresql":
        await db.execute(text("SELECT pg_advisory_xact_lock(:i)"), {"i": LOCK_ID})
    else:  # SQLite takes its write lock at the first write, which is to be before we read
        await db.execute(update(audit).where(audit.c.number < 0).values(what=""))
    newest = select(audit).order_by(audit.c.number.desc()).limit(1)
    last = (await db.execute(newest)).mappings().first()
    number, before = (last["number"] + 1, last["digest"]) if last is not None else (1, START)
    values = {
        "number": number,
        "at": at,
        "by": by[:120],
        "what": what[:40],
        "subject": subject[:120],
        "detail": json.dumps(detail or {}, ensure_ascii=False, sort_keys=True),
    }
    digest = _digest(before, values)
    await db.execute(audit.insert().values(**values, digest=digest))
    log.info("audit", number=number, what=what, digest=digest)
    return Entry(**values, digest=digest)  # pyright: ignore[reportArgumentType]


async def listed(database: Database, limit: int = 200) -> list[Entry]:
    """Newest first."""
    query = select(audit).order_by(audit.c.number.desc()).limit(limit)
    async with database.read() as db:
        return [Entry(**found) for found in (await db.execute(query)).mappings()]


async def verify(database: Database) -> tuple[int, str, Broken | None]:
    """(rows that hold, the newest digest, where it breaks or None)."""
    before, good = START, 0
    async with database.read() as db:
        rows = await db.execute(select(audit).order_by(audit.c.number))
        for found in rows.mappings():
            row = dict(found)
            digest = row.pop("digest")
            if row["number"] != good + 1:
                return good, before, Broken(good + 1, "a row is missing")
            if _digest(before, row) != digest:
                return good, before, Broken(good + 1, "the row was changed")
            before, good = digest, good + 1
    return good, before, None


def _digest(before: str, values: Mapping[str, object]) -> str:
    """Over the digest before, and every column; the time in UTC to the microsecond."""
    at = values["at"]
    assert isinstance(at, datetime)  # noqa: S101 - for the type checker
    plain = {**values, "at": at.astimezone(UTC).isoformat(timespec="microseconds")}
    plain_text = before + json.dumps(plain, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(plain_text.encode()).hexdigest()
