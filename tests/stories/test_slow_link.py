"""The way to the database takes its time: answers stay quick and honest, and what is decided is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.support.link import Link
from tests.support.postgresql import fresh_database
from tests.support.world import HALMSTAD, PATHS, World
from watchdog.simulator.faults import FaultKind

ANSWERED_S = 0.5
KNOWN_S = 5.0
"""Far longer than evidence counts with the `bench` cadence: by then a dead path may not read normal."""


@pytest.fixture
async def slow_world(tmp_path: Path, postgresql: str) -> AsyncIterator[tuple[World, Link]]:
    """A healthy world, and its link to the database."""
    url = fresh_database(postgresql, "slow_link")
    parts = urlsplit(url)
    link = Link(parse_qs(parts.query)["host"][0] + "/.s.PGSQL.5432")
    await link.start()
    behind = f"postgresql://{parts.username}:@127.0.0.1:{link.port}{parts.path}"
    try:
        async with World(tmp_path, database=behind) as world:
            await world.healthy()
            yield world, link
            link.slow(0)
    finally:
        await link.close()


@asynccontextmanager
async def asked_all_the_time(world: World) -> AsyncIterator[list[str]]:
    """Every state that Halmstad was told meanwhile; each answer quick."""
    states: list[str] = []

    async def ask() -> None:
        while True:
            began = world.clock.monotonic()
            answer = await world.http.get(f"/v1/clinics/{HALMSTAD}/status")
            assert answer.status_code == httpx.codes.OK
            assert world.clock.monotonic() - began < ANSWERED_S
            states.append(answer.json()["state"])
            await asyncio.sleep(0.05)

    asking = asyncio.create_task(ask())
    yield states
    asking.cancel()
    ended = await asyncio.gather(asking, return_exceptions=True)
    assert isinstance(ended[0], asyncio.CancelledError), ended


@pytest.mark.parametrize("delay_s", [0.2, 2.0])
async def test_behind_a_slow_link_a_dead_path_is_never_normal_and_a_persons_word_is_told(
    slow_world: tuple[World, Link], delay_s: float
) -> None:
    world, link = slow_world
    link.slow(delay_s)
    await world.breaks(FaultKind.SWALLOW)
    async with asked_all_the_time(world) as states:
        await asyncio.sleep(KNOWN_S)
        known = len(states)
        await world.watcher.people.declare(PATHS["biztalk"], "eva", "RIS står stilla")
        await world.hooked("declared", "it")
        await asyncio.sleep(1.0)
    assert "normal" not in states[known:]
    assert states[-1] == "outage"

    link.slow(0)
    await world.mends()
    incident = (await world.path())["incident"]
    await world.watcher.people.clear(incident, "eva", "det går igen")
    await world.hooked("cleared", "it")
    await world.state("normal")
    await world.cleaned()
    async with asyncio.timeout(20):
        while len(world.runtime.journal) or await world.runtime.outbox.listed(waiting=True):
            await asyncio.sleep(0.1)
    stored = {(n.endpoint, n.event_id) for n in await world.runtime.outbox.listed()}
    told = [(hook["endpoint"], hook["webhook_id"]) for hook in world.hospital.hooks.received]
    assert set(told) == stored
    assert len(told) - len(stored) <= 1  # taken, and the note of it given up on the slow link
