"""Two installations watch each other: own hospital's path, own database, own host; here two of each."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.app import create_app
from tests.support.world import World
from watchdog.simulator.faults import FaultKind
from watchdog.simulator.ports import free_port
from watchdog.webserver import WebServer

NAMES = ("north", "south")


def configured(me: str, ports: dict[str, int]):
    """The sample's text with a name, an own port, and the other as its peer."""
    other = next(name for name in NAMES if name != me)

    def edit(text: str) -> str:
        text = re.sub(r"^instance: .*$", f"instance: {me}", text, flags=re.MULTILINE)
        return f'{text}\npeers:\n  - {{id: {other}, url: "http://127.0.0.1:{ports[other]}"}}\n'

    return edit


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[World, World]]:
    ports = {name: free_port() for name in NAMES}
    folders = {name: tmp_path / name for name in NAMES}
    for folder in folders.values():
        folder.mkdir()
    async with (
        World(folders["north"], edit=configured("north", ports)) as north,
        World(folders["south"], edit=configured("south", ports)) as south,
    ):
        servers = {
            name: WebServer(create_app(world.runtime, world.watcher), world.clock)
            for name, world in zip(NAMES, (north, south), strict=True)
        }
        for name, server in servers.items():
            await server.start(ports[name])
        await asyncio.gather(north.healthy(1), south.healthy(1))
        yield north, south
        for server in servers.values():
            await server.close()


async def test_one_that_sees_an_outage_is_believed_and_both_that_answer_must_agree_to_its_end(
    pair: tuple[World, World],
) -> None:
    north, south = pair
    await south.breaks(FaultKind.SWALLOW)
    await south.state("outage")
    told = await north.state("outage", 5)
    assert told["reason"] == "watchdogs_disagree"
    mine = await north.path_until(lambda path: path["own_state"] == "normal")
    assert mine["disagreement"] is True
    assert (await south.path())["disagreement"] is False  # what it hears is not its own echo

    heard = await north.hooked("declared", "it")
    assert "south" in heard["data"]["because"]["sv"]
    await north.hooked("updated", "tib_halland")
    incident = (await north.path_until(lambda path: bool(path["incident"])))["incident"]

    await south.mends()
    await south.state("normal")
    ended = await north.hooked("cleared", "it")
    assert ended["data"]["incident"] == incident
    await a_silent_one_is_a_warning_and_no_veto(north, south)


async def a_silent_one_is_a_warning_and_no_veto(north: World, south: World) -> None:
    await south.breaks(FaultKind.SWALLOW)
    await north.state("outage", 20)
    await south.stop_service()
    await north.until(lambda told: told["state"] in ("normal", "degraded"))  # its own evidence
    for _ in range(150):
        checks = (await north.http.get("/healthz")).json()["checks"]
        found = checks.get("peer:south", [{"status": "pass"}])[0]["status"]
        if found == "warn":
            return
        await asyncio.sleep(0.1)
    raise AssertionError("nothing warns that the peer is silent")
