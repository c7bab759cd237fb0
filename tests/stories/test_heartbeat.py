"""Somebody outside hears that we watch, and hears nothing as soon as we do not."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.support.world import PATHS, World
from watchdog.runner import selfcheck


class Outside:
    """Takes heartbeats, as a dead man's switch does."""

    def __init__(self) -> None:
        self.beats: list[dict[str, object]] = []
        self.port = 0

    async def start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(x for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:"))
        self.beats.append(json.loads(await reader.readexactly(int(length.split(b":")[1]))))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    made = Outside()
    server = await made.start()
    yield made
    server.close()
    await server.wait_closed()


def configured(outside: Outside, every_s: int) -> Callable[[str], str]:
    """What writes the receiver into the configuration."""

    def edit(text: str) -> str:
        beat = f'{{url: "http://127.0.0.1:{outside.port}/beat", every_s: {every_s}}}'
        allow = f"    - {{network: 127.0.0.0/8, ports: [{outside.port}]}}"
        return text.replace("notify:\n", f"notify:\n  heartbeat: {beat}\n").replace(
            "  allow:\n", f"  allow:\n{allow}\n"
        )

    return edit


async def test_the_first_heartbeat_leaves_as_soon_as_we_have_looked_at_ourselves(
    tmp_path: Path, outside: Outside
) -> None:
    async with World(tmp_path, edit=configured(outside, 30)) as world:
        end = world.clock.monotonic() + 10
        while not outside.beats and world.clock.monotonic() < end:
            await asyncio.sleep(0.05)

    assert len(outside.beats) == 1


async def test_the_heartbeat_stops_while_a_path_is_not_evaluated_and_health_says_so(
    tmp_path: Path, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selfcheck, "EVERY_S", 0.2)

    async def beats_in(seconds: float) -> int:
        before = len(outside.beats)
        await asyncio.sleep(seconds)
        return len(outside.beats) - before

    async with World(tmp_path, edit=configured(outside, 1)) as world:
        await world.healthy(1)
        assert await beats_in(2.5) >= 2
        assert outside.beats[-1] == {"instance": "demo-a", "epoch": 1, "paths": 3, "warns": []}
        stuck = world.watcher.watches[PATHS["om"]].lock
        async with stuck:
            await asyncio.sleep(3.5)  # past the age at which the path reads unknown
            assert await beats_in(2) == 0
            health = await world.http.get("/healthz")
            assert (health.status_code, health.json()["status"]) == (503, "fail")
            assert health.json()["checks"]["prober:late"][0]["status"] == "warn"
            metrics = (await world.http.get("/metrics")).text
            assert 'remissvakt_self_check{check="evaluator:share"} 0.0' in metrics
        assert await beats_in(2.5) >= 1
        checks = (await world.http.get("/healthz")).json()["checks"]
        assert {name: check[0]["status"] for name, check in checks.items()} == dict.fromkeys(
            checks, "pass"
        )
        known = {"detector:shadow", "database:write", "disk:free", "clock:jump", "prober:late"}
        assert known <= set(checks)
