"""One service in processes of its own, a hospital, and a PostgreSQL that may be lost."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.support.beside import OnPostgreSQL
from tests.support.nodes import NodeProcess
from tests.support.postgresql import Server, fresh_database
from watchdog.cli import sample as sample_file
from watchdog.cli.check import write_sample
from watchdog.clock import SystemClock
from watchdog.simulator.hospital import Hospital
from watchdog.storage.engine import Database
from watchdog.storage.keys import Keys


class Single(OnPostgreSQL):
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
