"""Two nodes in processes of their own on one PostgreSQL, each behind its own link to it."""

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from deploy import two_nodes
from tests.support.beside import OnPostgreSQL
from tests.support.link import Link, Mode
from tests.support.postgresql import Server, fresh_database
from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample
from watchdog.clock import SystemClock
from watchdog.simulator.hospital import Hospital

COMMANDS = {"serve": ("serve", "--port", "0"), "api": ("api", "--port", "0"), "run": ("run",)}
CLINIC = "halmstad_emergency"


class NodeProcess:
    """One `remissvakt serve`, `run` or `api`."""

    def __init__(
        self, name: str, folder: Path, link: Link | None, database: str, command: str = "serve"
    ) -> None:
        self.name, self._link, self._command = name, link, command
        self._folder, self._database = folder, database
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.http: httpx.AsyncClient
        self.log = folder / "log.jsonl"

    @property
    def link(self) -> Link:
        """Its way to the database, if that can be broken."""
        assert self._link is not None
        return self._link

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        environment = {
            **os.environ,
            "REMISSVAKT_TEST_ENVIRONMENT": "1",
            "REMISSVAKT_DATABASE_URL": self._database,
        }
        start = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - our own command
                [*self._words(), str(self._folder / "remissvakt.yaml")],
                stdout=log,
                stderr=log,
                env=environment,
            )
        async with asyncio.timeout(30):
            while True:
                new = self.log.read_bytes()[start:].decode("utf-8", "replace")
                if self._command == "run" and '"event": "leading"' in new:
                    break
                if found := re.search(r'"port": (\d+), "event": "answering"', new):
                    self.port = int(found[1])
                    break
                if self._process.poll() is not None:
                    raise AssertionError(f"{self.name} did not start: {new[-3000:]}")
                await asyncio.sleep(0.05)
        if self._command != "run":
            self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=2)

    def _words(self) -> list[str]:
        return [sys.executable, "-m", "watchdog", *COMMANDS[self._command], "--config"]

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    async def kill(self) -> None:
        """As the kernel does when memory is short."""
        self.signal(signal.SIGKILL)
        await asyncio.to_thread(self._wait)
        await self._hang_up()

    def _wait(self) -> None:
        assert self._process is not None
        self._process.wait(20)

    async def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(self._wait)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            raise AssertionError(f"{self.name} did not end in 20 s after SIGTERM") from None
        finally:
            await self._hang_up()

    async def _hang_up(self) -> None:
        if self._command != "run":
            await self.http.aclose()

    async def clinic(self) -> dict[str, Any] | None:
        """What it tells a clinic; None if it does not answer."""
        try:
            answer = await self.http.get(f"/v1/clinics/{CLINIC}/status")
        except httpx.HTTPError:
            return None
        return answer.json() if answer.status_code == httpx.codes.OK else None

    def events(self, name: str) -> list[dict[str, Any]]:
        """Lines of its log of one kind."""
        if not self.log.exists():
            return []
        lines = self.log.read_text("utf-8").splitlines()
        wanted = f'"event": "{name}"'
        return [json.loads(text) for text in lines if text.startswith("{") and wanted in text]


class TwoNodes(OnPostgreSQL):
    """A hospital, a PostgreSQL, and nodes a and b."""

    def __init__(self, folder: Path, server: Server) -> None:
        self._folder, self._server = folder, server
        self.clock = SystemClock()
        self.hospital: Hospital
        self.nodes: dict[str, NodeProcess] = {}
        self.url, self.socket = "", ""

    async def __aenter__(self) -> "TwoNodes":
        secrets = write_sample(self._folder / "shared.yaml", Sample())
        self.hospital = Hospital(self._folder / "hospital", self.clock, secrets=secrets)
        await self.hospital.start()
        configs = two_nodes.configure(self._folder, self.hospital.describe())
        self.url = url = fresh_database(self._server.url, "nodes")
        parts = urlsplit(url)
        self.socket = parse_qs(parts.query)["host"][0] + "/.s.PGSQL.5432"
        for name, config in configs.items():
            link = Link(self.socket)
            await link.start()
            user = parts.username or "postgres"
            database = f"postgresql://{user}:@127.0.0.1:{link.port}{parts.path}"
            self.nodes[name] = NodeProcess(name, config.parent, link, database)
        await self.nodes["a"].start()
        await self.leads("a")
        await self.nodes["b"].start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for node in self.nodes.values():
            node.link.be(Mode.PASS)
        ended = await asyncio.gather(
            *(node.stop() for node in self.nodes.values()), return_exceptions=True
        )
        for node in self.nodes.values():
            await node.link.close()
        await self.hospital.close()
        for wrong in filter(None, ended):
            raise wrong

    async def leads(self, name: str, patience_s: float = 15.0, *, times: int = 1) -> float:
        """Wait until the node says so for the n-th time; seconds that it took."""
        began = self.clock.monotonic()
        while len(self.nodes[name].events("started")) < times:
            waited = self.clock.monotonic() - began
            assert waited < patience_s, f"{name} does not lead after {waited:.1f} s"
            await asyncio.sleep(0.1)
        return self.clock.monotonic() - began

    def leader(self) -> str:
        """The node that began to lead last."""
        epochs = {
            name: max((line["epoch"] for line in node.events("started")), default=0)
            for name, node in self.nodes.items()
        }
        return max(epochs, key=lambda name: epochs[name])

    async def state(self, name: str, wanted: str, patience_s: float = 20.0) -> dict[str, Any]:
        """Wait until the node tells the clinic this state."""
        end = self.clock.monotonic() + patience_s
        told: dict[str, Any] | None = None
        while self.clock.monotonic() < end:
            told = await self.nodes[name].clinic()
            if told is not None and told["state"] == wanted:
                return told
            await asyncio.sleep(0.15)
        last = told and {each: told[each] for each in ("state", "reason", "epoch", "revision")}
        raise AssertionError(f"{name} never said {wanted}; last: {last}")

    async def settled(
        self, patience_s: float = 40.0, owed: Callable[[], set[str]] = set[str]
    ) -> None:
        """Wait until the hospital holds no order of ours, but what was handed to people."""
        end = self.clock.monotonic() + patience_s
        log = self.hospital.log
        while self.clock.monotonic() < end:
            left = set(log.placers("ris", "arrived")) - set(log.placers("ris", "cancelled"))
            if not left or not left - owed():
                return
            await asyncio.sleep(0.2)
        raise AssertionError(f"not cancelled: {left}")
