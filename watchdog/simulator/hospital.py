"""A whole hospital in one process: engines, RIS, worklist, PACS, webhook receiver. Real sockets."""

import asyncio
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watchdog.clock import Clock
from watchdog.simulator import dicom
from watchdog.simulator.dicom import DicomServer
from watchdog.simulator.engine import Engine
from watchdog.simulator.faults import Fault, FaultKind
from watchdog.simulator.log import HospitalLog
from watchdog.simulator.ris import Ris
from watchdog.simulator.web import Hooks, application
from watchdog.webserver import WebServer


@dataclass(slots=True)
class Lane:
    """One way of referrals: an engine and the RIS behind it."""

    engine: Engine
    ris: Ris
    worklist: DicomServer


class Hospital:
    """Start it, break it, read its log."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        lanes: tuple[str, ...] = ("om", "biztalk"),
        seed: int = 1,
        secrets: dict[str, str] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.clock = folder, clock
        self.log = HospitalLog(folder / "hospital.jsonl", clock)
        self.hooks = Hooks(secrets or {}, clock, folder / "webhooks.jsonl")
        self._names, self._chance = lanes, random.Random(seed)  # noqa: S311 - a simulation
        self.lanes: dict[str, Lane] = {}
        self.pacs = dicom.pacs()
        self._web = WebServer(application(self), clock)
        self.http_port = 0

    async def start(self, ports: dict[str, int] | None = None) -> None:
        """Open every port; `ports` fixes those of engines, by lane."""
        for name in self._names:
            ris = Ris(name, self.log, self.clock, self.folder)
            engine = Engine(name, await ris.start(), self.log, self.clock, self._chance)
            await engine.start((ports or {}).get(name, 0))
            worklist = dicom.worklist(lambda ris=ris: list(ris.orders.values()))
            worklist.port = (ports or {}).get(f"{name}_worklist", 0)
            worklist.open()
            self.lanes[name] = Lane(engine, ris, worklist)
        self.pacs.port = (ports or {}).get("pacs", 0)
        self.pacs.open()
        self.http_port = await self._web.start((ports or {}).get("http", 0))
        self.log.add("fault", "started", seed=self._chance.getstate()[1][0])

    async def close(self) -> None:
        lanes = self.lanes.values()
        for lane in lanes:
            await lane.engine.close()
        # each DICOM server hears of it within half a second: all of them in the same one
        await asyncio.gather(self.pacs.shut(), *(lane.worklist.shut() for lane in lanes))
        for lane in lanes:
            await lane.ris.close()
        await self._web.close()
        self.log.close()

    async def inject(self, lane: str, fault: Fault) -> None:
        """Break one lane, or mend it (kind none). Logged with the hospital's own clock."""
        kind = fault.kind
        found = self.lanes[lane]
        self.log.add(
            "fault",
            "injected" if kind is not FaultKind.NONE else "lifted",
            lane=lane,
            fault=kind.value,
        )
        found.ris.fault = fault
        await found.engine.inject(fault)
        if kind is FaultKind.WORKLIST_DOWN:
            await found.worklist.shut()
        else:
            found.worklist.open()
        if kind is FaultKind.PACS_DOWN:
            await self.pacs.shut()
        else:
            self.pacs.open()

    def describe(self) -> dict[str, Any]:
        """Ports and faults."""
        return {
            "http": self.http_port,
            "pacs": {"ae": self.pacs.title, "port": self.pacs.port},
            "lanes": {
                name: {
                    "engine": lane.engine.port,
                    "worklist": {"ae": lane.worklist.title, "port": lane.worklist.port},
                    "sql": str(lane.ris.database),
                    "fault": lane.engine.fault.kind.value,
                    "queued": lane.engine.waiting,
                    "orders": len(lane.ris.orders),
                }
                for name, lane in self.lanes.items()
            },
        }
