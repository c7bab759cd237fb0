"""What every installation of the tests stands beside: a hospital to break, receivers, rows to read."""

import asyncio
import json
from datetime import datetime
from typing import Any, LiteralString

import psycopg

from tests.support.patience import PATIENCE_S
from watchdog.clock import SystemClock
from watchdog.simulator.faults import Fault, FaultKind
from watchdog.simulator.hospital import Hospital

PATHS = {"om": "sas_om_ris", "biztalk": "halland_vas_biztalk_ris"}
"""The path through each lane of the hospital."""
STOP: LiteralString = (
    "INSERT INTO requests VALUES (%s, 'stop', %s, 'tests', now(), NULL, '', '')"
    " ON CONFLICT DO NOTHING"
)


class Beside:
    """A hospital whose lanes break and mend, and whose receivers note what they are told."""

    clock: SystemClock
    hospital: Hospital

    async def breaks(self, kind: FaultKind, lane: str = "biztalk", **more: Any) -> None:
        await self.hospital.inject(lane, Fault(kind=kind, **more))

    async def mends(self, lane: str = "biztalk") -> None:
        await self.hospital.inject(lane, Fault())

    def hooks(self, kind: str, endpoint: str | None = None) -> list[dict[str, Any]]:
        """Verified webhooks of one kind, as their receiver noted them."""
        return self.hospital.hooks.told(kind, endpoint)

    async def hooked(
        self, kind: str, endpoint: str, patience_s: float = PATIENCE_S
    ) -> dict[str, Any]:
        """The last of them, once there is one."""
        end = self.clock.monotonic() + patience_s
        while self.clock.monotonic() < end:
            if found := self.hooks(kind, endpoint):
                return found[-1]
            await asyncio.sleep(0.05)
        heard = [
            line["type"].split(".")[-2]
            for line in self.hospital.hooks.received
            if line["endpoint"] == endpoint
        ]
        raise AssertionError(f"{endpoint} never heard {kind} in {patience_s} s, but {heard}")

    def sent(self, since: datetime | None = None, lane: str | None = None) -> list[str]:
        """Placer numbers of new orders that an engine was handed since then, with repeats."""
        return [
            str(line["placer"])
            for line in self.hospital.log.lines
            if line["event"] == "took"
            and line["control"] == "NW"
            and lane in (None, line["lane"])
            and (since is None or datetime.fromisoformat(line["at"]) > since)
        ]


class OnPostgreSQL(Beside):
    """As processes of their own, with a database that can be asked past them."""

    url: str

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
                for path in PATHS.values():
                    wanted = json.dumps({"path": path, "reason": "the trials end"})
                    db.execute(STOP, (f"stop-{path}", wanted))

        await asyncio.to_thread(ask)
