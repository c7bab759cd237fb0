"""A hospital and a service in one process: real sockets, real database, bench cadence."""

import asyncio
import contextlib
import dataclasses
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from api.app import create_app
from tests.support.beside import PATHS, Beside
from tests.support.patience import PATIENCE_S
from tests.support.schema import newest_schema
from watchdog.cli import sample as sample_file
from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample
from watchdog.clock import SystemClock
from watchdog.config.load import load
from watchdog.model.order import OrderState
from watchdog.runner.loops import Runner
from watchdog.runtime import Runtime, Watcher, build, build_watcher
from watchdog.simulator.hospital import Hospital
from watchdog.simulator.nodes import Nodes

HALMSTAD, BORAS, SKENE = "halmstad_emergency", "boras_emergency", "skene_ward"
EVERYONE = {"tib_halland", "radiology_halmstad", "it"}


class World(Beside):
    """Start it, break it, ask it as a clinic would, and hold it against the hospital's own log."""

    def __init__(
        self,
        folder: Path,
        *,
        database: str = "",
        edit: Callable[[str], str] = lambda text: text,
        all_sites: bool = False,
        **sample: Any,
    ) -> None:
        self.folder, self._database, self._edit = folder, database, edit
        self._sample, self._all_sites = sample, all_sites
        self.clock = SystemClock()
        self.hospital: Hospital
        self.nodes: Nodes
        """Systems of NÄL, Kronoberg and Sahlgrenska, with `all_sites`."""
        self.runtime: Runtime
        self.watcher: Watcher
        self.runner: Runner
        self._task: asyncio.Task[None] | None = None
        self.http: httpx.AsyncClient

    async def __aenter__(self) -> "World":
        secrets = write_sample(self.folder / "remissvakt.yaml", Sample())
        self.hospital = Hospital(self.folder / "hospital", self.clock, secrets=secrets)
        await self.hospital.start()
        values = sample_file.of_hospital(
            self.hospital.describe(),
            look_every_s=0.2 if self._all_sites else 2.0,
            feedback_om=0,
            feedback_biztalk=0,
        )
        if self._all_sites:
            self.nodes = Nodes(self.clock)
            await self.nodes.start()
            values = dataclasses.replace(values, nodes=self.nodes.ports())
        text = sample_file.text(dataclasses.replace(values, **self._sample))
        (self.folder / "remissvakt.yaml").write_text(self._edit(text), "utf-8")
        await self.start_service()
        return self

    async def start_service(self) -> None:
        """Start it, as after a restart: from the configuration and the database."""
        config, routines = load(self.folder / "remissvakt.yaml", test_environment=True)
        self.runtime = build(config, routines, self.clock, self._database or None)
        await newest_schema(self.runtime.database)
        self.watcher = await build_watcher(self.runtime)
        self.runner = Runner(self.watcher)
        self._task = asyncio.create_task(self.runner.run())
        ready = asyncio.create_task(self.runner.ready.wait())
        await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._task.done():
            await self._task
        for lane, path in PATHS.items():
            listener = self.runner.listeners.get(path)
            if listener is not None:
                self.hospital.lanes[lane].ris.feedback = ("127.0.0.1", listener.port)
        transport = httpx.ASGITransport(app=create_app(self.runtime, self.watcher))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    async def stop_service(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await self.http.aclose()
        await self.runtime.close()

    async def __aexit__(self, *_: object) -> None:
        await self.stop_service()
        await self.hospital.close()
        if self._all_sites:
            await self.nodes.close()

    # ---- what a story does

    async def clinic(self, name: str = HALMSTAD, **query: str) -> dict[str, Any]:
        """What the clinic API says."""
        answer = await self.http.get(f"/v1/clinics/{name}/status", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def path(self, lane: str = "biztalk") -> dict[str, Any]:
        return (await self.http.get(f"/v1/paths/{PATHS[lane]}")).json()

    async def until(
        self,
        seen: Callable[[dict[str, Any]], bool],
        patience_s: float = PATIENCE_S,
        name: str = HALMSTAD,
    ) -> dict[str, Any]:
        """Ask the clinic API until it says so; the answer."""
        return await self._until(lambda: self.clinic(name), seen, patience_s)

    async def path_until(
        self, seen: Callable[[dict[str, Any]], bool], lane: str = "biztalk"
    ) -> dict[str, Any]:
        """The same of a path."""
        return await self._until(lambda: self.path(lane), seen, PATIENCE_S)

    async def _until(
        self,
        ask: Callable[[], Awaitable[dict[str, Any]]],
        seen: Callable[[dict[str, Any]], bool],
        patience_s: float,
    ) -> dict[str, Any]:
        end = self.clock.monotonic() + patience_s
        told: dict[str, Any] = {}
        while self.clock.monotonic() < end:
            told = await ask()
            if seen(told):
                return told
            await asyncio.sleep(0.03)
        raise AssertionError(f"not seen in {patience_s} s; last: {told.get('state')} {told}")

    async def state(
        self, wanted: str, patience_s: float = PATIENCE_S, name: str = HALMSTAD
    ) -> dict[str, Any]:
        return await self.until(lambda told: told["state"] == wanted, patience_s, name)

    async def healthy(self, seconds: float = 3.0) -> None:
        """Wait until both are normal, then let the detector learn."""
        await self.state("normal", name=HALMSTAD)
        await self.state("normal", name=BORAS)
        await asyncio.sleep(seconds)

    async def states_during(self, seconds: float, name: str = HALMSTAD) -> list[str]:
        """Every published state seen in that time, without repeats."""
        seen: list[str] = []
        end = self.clock.monotonic() + seconds
        while self.clock.monotonic() < end:
            state = (await self.clinic(name))["state"]
            if seen[-1:] != [state]:
                seen.append(state)
            await asyncio.sleep(0.03)
        return seen

    # ---- the oracle

    def in_ris(self, lane: str = "biztalk") -> set[str]:
        """Orders that the hospital saw arrive."""
        return set(self.hospital.log.placers("ris", "arrived", lane))

    def uncancelled(self, lane: str | None = None) -> set[str]:
        """Orders that the hospital saw arrive and not be cancelled."""
        log = self.hospital.log
        return set(log.placers("ris", "arrived", lane)) - set(log.placers("ris", "cancelled", lane))

    async def stop_sending(self) -> None:
        for path in PATHS.values():
            await self.watcher.people.stop(path, "story", "the story ends")

    async def cleaned(self, patience_s: float = PATIENCE_S) -> None:
        """Stop sending, and wait until the hospital holds no order of ours."""
        await self.stop_sending()
        await asyncio.sleep(0.5)
        end = self.clock.monotonic() + patience_s
        while self.clock.monotonic() < end:
            owed = {o.placer for o in await self.runtime.book.find(states=(OrderState.DEBT,))}
            if not self.uncancelled() - owed and not await self._arrived_open():
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"not cancelled: {self.uncancelled()} {await self._arrived_open()}")

    async def _arrived_open(self) -> int:
        states = (OrderState.ARRIVED, OrderState.CANCEL_SENT)
        return len(await self.runtime.book.find(states=states))
