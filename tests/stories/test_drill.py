"""A drill rings up the people of a real outage, says so of itself, and changes nothing for clinics."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.world import HALMSTAD, PATHS, World
from watchdog.errors import StorageError
from watchdog.simulator.faults import FaultKind
from watchdog.storage.engine import Database

PATH = PATHS["biztalk"]


async def ask(world: World, route: str, **body: str) -> tuple[int, dict[str, Any]]:
    key = await world.runtime.keys.make("admin", "it", world.clock.now())
    answer = await world.http.post(route, json=body, headers={"authorization": f"Bearer {key}"})
    return answer.status_code, answer.json()


def told(world: World, kind: str) -> dict[str, dict[str, Any]]:
    """Endpoint to what it was told last."""
    return {hook["endpoint"]: hook["data"] for hook in world.hooks(kind)}


async def heard(world: World, kind: str, *who: str) -> dict[str, dict[str, Any]]:
    async with asyncio.timeout(10):
        while not set(who) <= set(told(world, kind)):
            await asyncio.sleep(0.05)
    return told(world, kind)


async def test_a_drill_goes_through_the_whole_chain_and_clinics_go_on_as_usual(
    tmp_path: Path,
) -> None:
    async with World(tmp_path) as world:
        await world.healthy(1)
        reason = "kvartalsövning, patient 18900101-9802"
        status, done = await ask(world, "/v1/drills", path=PATH, reason=reason)
        assert status == 200, done
        ident = done["detail"]
        because = (await heard(world, "declared", "it"))["it"]["because"]["sv"]
        assert "kvartalsövning" in because
        assert "9802" not in because
        asked = await heard(world, "advice_changed", "tib_halland", "radiology_halmstad")
        for data in (*asked.values(), *(await heard(world, "declared", "it")).values()):
            assert (data["drill"], data["incident"]) == (True, ident)
            assert data["sms"].startswith("ÖVNING REMISSVAKT")
            assert data["say"].startswith("Detta är en övning.")
        assert asked["tib_halland"]["workflow"]["urgent"] == "paper_and_fax"

        page = await world.http.get(f"/incidents/{ident}?lang=sv")
        assert "ÖVNING. Inget har hänt." in page.text
        clinic = await world.clinic(HALMSTAD)
        assert (clinic["state"], clinic["workflow"]["urgent"]) == ("normal", "electronic")
        assert (await world.path())["incident"] is None
        for route in ("clear", "override", "close"):  # what is done to it never touches the path
            answer = await ask(world, f"/v1/incidents/{ident}/{route}", reason="det är över nu")
            assert answer[0] == 409
            assert f"remissvakt drill end {ident}" in answer[1]["detail"]
        assert world.watcher.watches[PATH].incident is None

        page = urlsplit(asked["tib_halland"]["acknowledge"]).path
        assert "ÖVNING" in (await world.http.get(page)).text
        assert "Kvitterat." in (await world.http.post(page, content=b"name=Eva+Ek")).text

        await world.stop_service()
        await world.start_service()  # it goes on where it was
        await world.healthy(1)
        assert (await ask(world, f"/v1/drills/{ident}/end", reason="slut"))[0] == 200
        over = await heard(world, "cleared", "tib_halland", "radiology_halmstad", "it")
        assert {data["drill"] for data in over.values()} == {True}
        shown = (await world.http.get(f"/v1/incidents/{ident}")).json()
        assert (shown["drill"], shown["status"]) == (True, "closed")
        kinds = [event["kind"] for event in shown["timeline"]]
        assert kinds == ["declared", "advice_changed", "acknowledged", "cleared"]
        assert (await world.clinic(HALMSTAD))["suspect_windows"] == []


async def test_the_end_of_a_drill_that_the_database_does_not_take_is_told_as_soon_as_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        await world.healthy(0.5)
        drilling = world.watcher.drilling
        ident = await drilling.begin(PATH, "eva", "övning")
        await heard(world, "advice_changed", "tib_halland")
        monkeypatch.setattr(Database, "transaction", _away)
        assert "as soon as" in await drilling.end(ident, "eva", "slut")
        await asyncio.sleep(2.5)  # time passes over it twice
        assert told(world, "cleared") == {}
        monkeypatch.undo()
        over = await heard(world, "cleared", "tib_halland", "it")
        assert {data["incident"] for data in over.values()} == {ident}


@contextlib.asynccontextmanager
async def _away(_: Database) -> AsyncIterator[None]:
    raise StorageError("the database is away")
    yield


async def test_a_drill_ends_when_it_becomes_serious(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        await world.healthy(1)
        _, done = await ask(world, "/v1/drills", path=PATH, reason="övning")
        await heard(world, "declared", "it")
        await world.breaks(FaultKind.SWALLOW)
        await world.until(lambda now: now["workflow"]["urgent"] == "paper_and_fax")
        over = await heard(world, "cleared", "it", "tib_halland")
        assert {data["incident"] for data in over.values()} == {done["detail"]}
        real: list[dict[str, Any]] = []
        async with asyncio.timeout(10):
            while not real:
                advised = [hook["data"] for hook in world.hooks("advice_changed", "tib_halland")]
                real = [data for data in advised if data["incident"] != done["detail"]]
                await asyncio.sleep(0.05)
        assert {data["drill"] for data in real} == {False}
        assert not any("ÖVNING" in data["sms"] for data in real)
        again = await ask(world, "/v1/drills", path=PATH, reason="övning")
        assert (again[0], again[1]["code"]) == (409, "refused")
