"""The journal: what was decided while the database took nothing, one fsynced line each.

A line counts as stored. It holds the same rows, with ids that the process made, so that bringing it
into the database twice changes nothing. Source: design decisions, section 5; hazards H27, R16.
"""

import asyncio
import os
import zlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import structlog
from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from watchdog.errors import StorageError
from watchdog.model.incident import Incident, IncidentEvent
from watchdog.model.notice import Attempt, Notice
from watchdog.storage import incidents, outbox, requests
from watchdog.storage.engine import Database
from watchdog.storage.requests import Request
from watchdog.storage.tables import incidents as incidents_table

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One decision with its notices, one try to deliver a notice of an earlier line, or one request."""

    at: datetime
    incident: Incident | None = None
    events: tuple[IncidentEvent, ...] = ()
    notices: tuple[Notice, ...] = ()
    attempt: Attempt | None = None
    next_at: datetime | None = None
    """When the notice of a try in vain is due again."""
    refused_at: datetime | None = None
    """Since when its receiver will not have it."""
    asked: Request | None = None
    """What a person had done meanwhile; for the audit."""


RECORD: TypeAdapter[Record] = TypeAdapter(Record)


class Journal:
    """A file beside the process; empty while the database is well."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = asyncio.Lock()
        self._bringing = False
        self._records, self._good = _read(path)
        """What is whole, and how many bytes that is: what follows them is cut off at the next line."""
        self._notices: dict[str, Notice] = {}
        for record in self._records:
            self._remember(record)

    def __len__(self) -> int:
        """How many lines the database has not taken yet."""
        return len(self._records)

    @property
    def taken(self) -> set[str]:
        """Ids of notices that were delivered from here."""
        return {ident for ident, each in self._notices.items() if each.delivered_at is not None}

    async def append(self, record: Record) -> None:
        """Write one line and wait until the disk has it. StorageError if it has not."""
        async with self._lock:
            await self._append(record)

    def heads(self, now: datetime, taken: Collection[str] = ()) -> list[Notice]:
        """As `Outbox.heads`, of what is only here."""
        first: dict[str, Notice] = {}
        for notice in sorted(self._notices.values(), key=lambda each: each.order):
            done = notice.delivered_at is not None or notice.dropped_at is not None
            passed = done or notice.is_aside(now) or notice.id in taken
            if notice.is_due(now) and not passed:
                first.setdefault(notice.endpoint, notice)
        return list(first.values())

    async def tried(
        self, attempt: Attempt, next_at: datetime | None, refused_at: datetime | None = None
    ) -> bool:
        """Note a try to deliver; False if the notice is not here (any more): the outbox has it."""
        async with self._lock:
            if attempt.notice not in self._notices:
                return False
            record = Record(at=attempt.at, attempt=attempt, next_at=next_at, refused_at=refused_at)
            await self._append(record)
            return True

    async def bring_into(self, database: Database) -> int:
        """Bring every line into the database and begin anew; how many. StorageError, nothing is lost.

        Lines may be written meanwhile: then all stay, and are brought in again with the next ones.
        """
        if not self._records or self._bringing:
            return 0
        self._bringing = True
        try:
            records, notices = list(self._records), list(self._notices.values())
            async with database.transaction() as db:
                for record in records:
                    await _store(db, record)
                for notice in notices:
                    await outbox.settle(db, notice)
            async with self._lock:
                if len(self._records) > len(records):
                    return 0
                await asyncio.to_thread(self._path.unlink, missing_ok=True)
                self._records.clear()
                self._good = 0
                self._notices.clear()
        finally:
            self._bringing = False
        log.info("journal_brought_in", records=len(records))
        return len(records)

    async def _append(self, record: Record) -> None:
        try:
            data = RECORD.dump_json(record)
            self._good = await asyncio.to_thread(_write, self._path, data, self._good)
        except OSError as error:
            raise StorageError(
                f"the journal {self._path} was not written: {error.strerror}"
            ) from error
        self._records.append(record)
        self._remember(record)

    def _remember(self, record: Record) -> None:
        for notice in record.notices:
            self._notices[notice.id] = notice
        if record.incident is not None:
            awaited = record.incident.awaited
            for ident, notice in self._notices.items():
                mine = notice.incident == record.incident.id
                if mine and notice.unless and notice.unless not in awaited:
                    self._notices[ident] = replace(notice, dropped_at=record.at)
        attempt = record.attempt
        if attempt is not None and attempt.notice in self._notices:
            self._notices[attempt.notice] = replace(
                self._notices[attempt.notice],
                attempts=attempt.number,
                last_error=attempt.outcome,
                delivered_at=None if attempt.outcome else attempt.at,
                next_attempt_at=record.next_at or attempt.at,
                refused_at=record.refused_at,
            )


async def _store(db: AsyncConnection, record: Record) -> None:
    incident, notices = record.incident, list(record.notices)
    if incident is not None:
        table = incidents_table.c
        columns = (table.number, table.awaiting, table.cleared_at, table.declared_at)
        query = select(*columns).where(table.id == incident.id)
        known = (await db.execute(query)).first()
        behind = known is None or known.number < incident.number
        # another node may have held it for a mere suspicion, and gone on; people were told by us
        ours_alone = known is not None and known.declared_at is None and incident.is_outage
        if ours_alone and known is not None:
            incident = replace(incident, number=max(known.number, incident.number))
        if known is None or ((behind or ours_alone) and known.cleared_at is None):
            await incidents.save(db, incident, list(record.events))
            await outbox.follow(db, incident, record.events, notices, record.at)
        else:  # it went on without us: what it has made needless since must not come back
            await incidents.note(db, record.events)
            await outbox.add(db, notices)
            await outbox.drop_needless(db, incident.id, known.awaiting.split(), record.at)
    if record.attempt is not None:
        await outbox.note(db, record.attempt)
    if record.asked is not None:
        await requests.keep(db, record.asked)


def _write(path: Path, data: bytes, good: int) -> int:
    """Put a line after the first `good` bytes; how many are good then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.exists()
    line = b"%08x %s\n" % (zlib.crc32(data), data)
    with path.open("ab") as file:
        os.ftruncate(file.fileno(), good)  # half a line, of a kill or a full disk
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    if fresh:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return good + len(line)


def _read(path: Path) -> tuple[list[Record], int]:
    """Every whole line, and their bytes; the first one that is not whole ends it."""
    found: list[Record] = []
    good = 0
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    for line in lines:
        checksum, _, data = line.removesuffix(b"\n").partition(b" ")
        if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(data):
            log.warning("journal_damaged", file=path.name, lines=len(lines) - len(found))
            break
        found.append(RECORD.validate_json(data))
        good += len(line)
    return found, good
