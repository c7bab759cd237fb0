"""One service in processes of its own, a hospital, and a PostgreSQL that may be lost."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from tests.support.nodes import NodeProcess
from tests.support.postgresql import Server, fresh_database
from watchdog.cli import sample as sample_file
from watchdog.cli.check import write_sample
from watchdog.clock import SystemClock
from watchdog.simulator.faults import Fault, FaultKind
from watchdog.simulator.hospital import Hospital
from watchdog.storage.engine import Database
from watchdog.storage.keys import Keys

PATHS = ("sas_om_ris", "halland_vas_biztalk_ris")
STOP: LiteralString = (
    "INSERT INTO requests VALUES (%s, 'stop', %s, 'faults', now(), NULL, '', '')"
    " ON CONFLICT DO NOTHING"
)


class Single:
    """Start it, break it, and hold it against the hospital's own log and the database's rows."""

    def __init__(
        self,
        folder: Path,
        server: Server,
        edit: Callable[[str, int], str] = lambda text, _: text,
        *,
        cadence: str = "bench",
        apart: bool = False,
    ) -> None:
        """`edit` is given the configuration and the port of the hospital's receivers."""
        self.folder, self.server, self._edit = folder, server, edit
        self.cadence, self._apart = cadence, apart
        self.clock = SystemClock()
        self.url = ""
        self.hospital: Hospital
        self.node: NodeProcess
        """The one that answers."""
        self.watching: NodeProcess
        """The one that watches: the same, but for `apart`."""

    async def __aenter__(self) -> "Single":
        secrets = write_sample(self.folder / "remissvakt.yaml", sample_file.Sample())
        self.hospital = Hospital(self.folder / "hospital", self.clock, secrets=secrets)
        await self.hospital.start()
        values = sample_file.of_hospital(
            self.hospital.describe(),
            look_every_s=2.0,
            feedback_om=0,
            feedback_biztalk=0,
            cadence=self.cadence,
        )
        text = self._edit(sample_file.text(values), self.hospital.http_port)
        (self.folder / "remissvakt.yaml").write_text(text, "utf-8")
        self.url = fresh_database(self.server.url, "single")
        watches, answers = ("run", "api") if self._apart else ("serve", "serve")
        self.watching = self.node = NodeProcess(watches, self.folder, None, self.url, watches)
        await self.watching.start()
        if self._apart:
            self.node = NodeProcess(answers, self.folder, None, self.url, answers)
            self.node.log = self.folder / "api.jsonl"
            await self.node.start()
        async with asyncio.timeout(10):
            while await self.node.clinic() is None:  # it answers 503 until it knows anything
                await asyncio.sleep(0.05)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.node.stop()
        await self.watching.stop()
        await self.hospital.close()

    @property
    def journal(self) -> Path:
        """What the process decides while the database takes nothing."""
        return self.folder / "var" / "journal.jsonl"

    async def key(self, role: str) -> dict[str, str]:
        """The header by which a person with a new key of that role is known."""
        database = Database(self.url, self.clock)
        try:
            made = await Keys(database).make(role, "jour", self.clock.now())
        finally:
            await database.close()
        return {"authorization": f"Bearer {made}"}

    async def breaks(self, kind: FaultKind, lane: str = "biztalk") -> None:
        await self.hospital.inject(lane, Fault(kind=kind))

    async def mends(self, lane: str = "biztalk") -> None:
        await self.hospital.inject(lane, Fault())

    def hooks(self, kind: str, endpoint: str) -> list[dict[str, Any]]:
        """Verified webhooks of one kind, as their receiver noted them."""
        return [
            hook
            for hook in self.hospital.hooks.received
            if hook["verified"]
            and hook["endpoint"] == endpoint
            and hook["type"] == f"se.remissvakt.incident.{kind}.v1"
        ]

    def taken(self, since: datetime, lane: str = "biztalk") -> list[str]:
        """Placer numbers of new orders that an engine was handed since then, with repeats."""
        return [
            str(line["placer"])
            for line in self.hospital.log.lines
            if line["event"] == "took"
            and line["control"] == "NW"
            and lane in ("", line["lane"])
            and datetime.fromisoformat(line["at"]) > since
        ]

    async def rows(self, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """What the database says. psycopg.Error if it says nothing."""

        def ask() -> list[tuple[Any, ...]]:
            with psycopg.connect(self.url, connect_timeout=2) as db:
                return db.execute(query, values).fetchall()

        return await asyncio.to_thread(ask)

    async def stop_sending(self) -> None:
        """As a person does by command, on every path."""

        def ask() -> None:
            with psycopg.connect(self.url, autocommit=True) as db:
                for path in PATHS:
                    wanted = json.dumps({"path": path, "reason": "the trials end"})
                    db.execute(STOP, (f"stop-{path}", wanted))

        await asyncio.to_thread(ask)
