"""A real server on loopback in front of a quiet world: no hospital, a path set by hand."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from tests.support.incidents import an_outage
from tests.support.schema import newest_schema
from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample
from watchdog.clock import SystemClock
from watchdog.config.load import load
from watchdog.detection.effective import Snapshot
from watchdog.model.outage import Phase, Reason
from watchdog.runtime import Runtime, build
from watchdog.service.views import PathView
from watchdog.webserver import WebServer


@dataclass
class Served:
    runtime: Runtime
    http: httpx.AsyncClient
    url: str

    async def key(self, role: str = "admin") -> dict[str, str]:
        """The header of somebody who may do what the role may."""
        made = await self.runtime.keys.make(role, "test", self.runtime.clock.now())
        return {"authorization": f"Bearer {made}"}

    def publish(
        self, phase: Phase, reason: Reason, *, advised: bool = True, age_s: float = 0.0
    ) -> None:
        """Set both paths by hand."""
        clock = self.runtime.clock
        now, mono = clock.now(), clock.monotonic() - age_s
        for path in self.runtime.config.paths.values():
            incident = an_outage(
                now,
                id=f"inc_{path.site}",
                path=path.id,
                site=path.site,
                scenario=path.scenario,
                reason=reason,
                advised_at=now if advised else None,
                last_good_at=now,
            )
            self.runtime.board.publish(
                PathView(
                    config=path,
                    snapshot=Snapshot(
                        phase=phase,
                        reason=reason,
                        evaluated_mono=mono,
                        life_mono=mono,
                        evaluation_limit_s=15,
                        evidence_limit_s=90,
                        valid_for_s=45,
                    ),
                    since=now,
                    evaluated_at=now,
                    last_good_at=now,
                    last_arrival_at=now,
                    incident=incident if phase in (Phase.DECLARED, Phase.RECOVERING) else None,
                    recent=(),
                    open_orders=0,
                    sending="on",
                    p99_s=5.0,
                )
            )


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    file = tmp_path / "remissvakt.yaml"
    write_sample(file, Sample())
    config, routines = load(file, test_environment=True)
    clock = SystemClock()
    runtime = build(config, routines, clock)
    await newest_schema(runtime.database)
    server = WebServer(create_app(runtime), clock)
    port = await server.start()
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        yield Served(runtime, http, url)
    await server.close()
    await runtime.close()
