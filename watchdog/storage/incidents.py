"""Incidents and their timelines."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from watchdog.model.incident import EventKind, Incident, IncidentEvent
from watchdog.model.outage import Reason
from watchdog.model.text import Text
from watchdog.storage.engine import Database
from watchdog.storage.rows import insert_once, row, upsert
from watchdog.storage.tables import incident_events, incidents

MOST_BECAUSE, MOST_EVIDENCE = 600, 300
REAL = incidents.c.drill.is_(False)
"""What was exercised happened to nobody: a path's past and present are its real incidents."""


async def save(db: AsyncConnection, incident: Incident, events: list[IncidentEvent]) -> None:
    """Store an incident and the events that changed it, in the caller's transaction.

    One that another node has declared, and people were told of, is not undone by a node that knew of
    a suspicion only.
    """
    table = incidents.c
    if incident.declared_at is None:
        declared = (table.id == incident.id, table.declared_at.is_not(None))
        known = await db.execute(select(table.id).where(*declared, table.cleared_at.is_(None)))
        if known.first() is not None:
            await note(db, events)
            return
    await upsert(db, incidents, row(incident))
    await note(db, events)


async def note(db: AsyncConnection, events: Iterable[IncidentEvent]) -> None:
    """Store events of an incident, in the caller's transaction; one that is there already stays."""
    for event in events:
        values = row(event)
        because, evidence = values.pop("because"), values.pop("evidence") or Text("", "")
        await insert_once(
            db,
            incident_events,
            {
                **values,
                # what a database refuses for its length would hold up all that comes after it
                "because_sv": because.sv[:MOST_BECAUSE],
                "because_en": because.en[:MOST_BECAUSE],
                "evidence_sv": evidence.sv[:MOST_EVIDENCE],
                "evidence_en": evidence.en[:MOST_EVIDENCE],
            },
        )


class Incidents:
    """Reading them back, and keeping one that nobody is told of."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, incident: Incident) -> None:
        """Store an incident without events or notices: what the sandbox shows."""
        async with self._database.transaction() as db:
            await save(db, incident, [])

    async def get(self, ident: str) -> Incident | None:
        found = await self._select(select(incidents).where(incidents.c.id == ident))
        return found[0] if found else None

    async def of_path(self, path: str, since: datetime) -> list[Incident]:
        """A path's unfinished incidents, and those that ended after `since`; newest first."""
        unfinished = incidents.c.cleared_at.is_(None) & incidents.c.unconfirmed.is_(False)
        query = select(incidents).where(
            incidents.c.path == path,
            REAL,
            unfinished | (incidents.c.cleared_at > since),
        )
        return await self._select(
            query.order_by(incidents.c.opened_at.desc(), incidents.c.id.desc())
        )

    async def newest(self, path: str) -> str:
        """The id of a path's newest incident; empty if it never had one."""
        query = select(incidents.c.id).where(incidents.c.path == path, REAL)
        query = query.order_by(incidents.c.opened_at.desc(), incidents.c.id.desc()).limit(1)
        async with self._database.read() as db:
            return (await db.execute(query)).scalar() or ""

    async def open(self) -> list[Incident]:
        """Every incident that has not ended, of every path."""
        ended = incidents.c.cleared_at.is_not(None) | incidents.c.closed_at.is_not(None)
        query = select(incidents).where(~ended, incidents.c.unconfirmed.is_(False), REAL)
        return await self._select(query.order_by(incidents.c.opened_at.desc()))

    async def open_drills(self) -> list[Incident]:
        """Drills that have not ended."""
        query = select(incidents).where(~REAL, incidents.c.cleared_at.is_(None))
        return await self._select(query.order_by(incidents.c.opened_at))

    async def listed(self, *, limit: int = 100, declared_only: bool = True) -> list[Incident]:
        """Incidents, newest first, drills among them."""
        query = select(incidents).order_by(incidents.c.opened_at.desc(), incidents.c.id.desc())
        if declared_only:
            query = query.where(incidents.c.declared_at.is_not(None))
        return await self._select(query.limit(limit))

    async def timeline(self, ident: str) -> list[IncidentEvent]:
        query = select(incident_events).where(incident_events.c.incident == ident)
        async with self._database.read() as db:
            rows = (await db.execute(query.order_by(incident_events.c.number))).mappings().all()
        return [_event(dict(found)) for found in rows]

    async def is_noted(self, path: str, by: str, since: datetime) -> bool:
        """True if somebody has put something into a timeline of the path since then."""
        mine = incidents.c.id == incident_events.c.incident
        query = select(incident_events.c.number).join(incidents, mine)
        query = query.where(incidents.c.path == path, incident_events.c.by == by)
        async with self._database.read() as db:
            found = await db.execute(query.where(incident_events.c.at >= since).limit(1))
            return found.first() is not None

    async def _select(self, query: Any) -> list[Incident]:
        async with self._database.read() as db:
            rows = (await db.execute(query)).mappings().all()
        return [_incident(dict(found)) for found in rows]


def _incident(found: dict[str, Any]) -> Incident:
    found["reason"] = Reason(found["reason"])
    return Incident(**found)


def _event(found: dict[str, Any]) -> IncidentEvent:
    found["because"] = Text(found.pop("because_sv"), found.pop("because_en"))
    evidence = Text(found.pop("evidence_sv"), found.pop("evidence_en"))
    found["evidence"] = evidence if evidence.sv else None
    found["kind"] = EventKind(found["kind"])
    return IncidentEvent(**found)
