"""Which scenario it is: real sockets, a real DICOM archive, and what the clinic is told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.patience import comes_true
from tests.support.world import BORAS, World
from watchdog.simulator.faults import FaultKind


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, look_every_s=0.2) as found:
        yield found


async def _site(world: World, site: str = "sas") -> dict[str, Any]:
    answer = await world.http.get(f"/v1/systems/{site}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _becomes(
    world: World,
    wanted: list[str],
    site: str = "sas",
    kinds: tuple[str, ...] = ("scenario", "well", "unknown", "unstated"),
    down: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(300):
        found = await _site(world, site)
        seen_down = {name for name, state in _states(found).items() if state == "down"}
        if found["scenarios"] == wanted and found["kind"] in kinds and down <= seen_down:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"never {wanted}: {found}")


def _states(found: dict[str, Any]) -> dict[str, str]:
    return {system["id"]: system["state"] for system in found["systems"]}


async def test_a_dead_archive_is_that_scenario_and_leaves_referrals_alone(world: World) -> None:
    await world.healthy(0.5)
    await world.breaks(FaultKind.PACS_DOWN, lane="om")
    found = await _becomes(world, ["pacs_down"])
    assert _states(found)["sectra_pacs"] == "down"
    assert _states(found)["order_management"] == "up"
    assert found["places"] == {}
    told = await world.clinic(BORAS)
    assert (told["state"], told["workflow"]["urgent"]) == ("normal", "electronic")
    await world.mends("om")
    await _becomes(world, [], kinds=("well", "unknown"))


async def test_an_order_tool_that_swallows_is_told_with_the_place_where_it_broke(
    world: World,
) -> None:
    await world.healthy(0.5)
    await world.breaks(FaultKind.SWALLOW, lane="om")
    found = await _becomes(world, ["om_or_ris_down"])
    place = found["places"]["sas_om_ris"]
    assert (place["after"], place["before"]) == ("order_management", "sectra_ris")
    told = await world.until(lambda t: t["instruction"] is not None, name=BORAS)
    assert told["instruction"]["urgent"]["scenario"] == "om_or_ris_down"
    assert told["instruction"]["urgent"]["images"]["where"] == ["ids7_web"]


async def test_an_outage_that_people_declare_is_a_total_stop_where_the_archive_is_away_too(
    world: World,
) -> None:
    await world.healthy(0.5)
    await world.hospital.pacs.shut()
    await _becomes(world, ["pacs_down"])
    ident = await world.watcher.people.declare("sas_om_ris", "eva", "remisser saknas i RIS")
    told = await world.until(lambda t: t["instruction"] is not None, name=BORAS)
    urgent = told["instruction"]["urgent"]
    assert (urgent["scenario"], told["workflow"]["urgent"]) == ("total_outage", "paper_and_fax")
    stored = await world.runtime.incidents.get(ident)
    assert stored is not None
    assert stored.scenario == "total_outage"  # people were told of that chapter from the first


async def test_no_referrals_and_no_images_is_a_total_stop(world: World) -> None:
    await world.healthy(0.5)
    await world.breaks(FaultKind.SWALLOW, lane="om")
    await _becomes(world, ["om_or_ris_down"])
    await world.hospital.pacs.shut()
    # two probes of their own see it, each after its own time: the archive and its web page
    await _becomes(world, ["total_outage"], down=frozenset({"sectra_pacs", "ids7_web"}))
    told = await world.until(
        lambda t: (
            bool(t["instruction"]) and t["instruction"]["urgent"]["scenario"] == "total_outage"
        ),
        name=BORAS,
    )
    assert "ids7_web" not in told["instruction"]["urgent"]["images"]["where"]


async def test_an_engine_that_refuses_is_the_other_hospitals_scenario(world: World) -> None:
    await world.healthy(0.5)
    await world.breaks(FaultKind.REFUSE)
    found = await _becomes(world, ["engine_down"], "halland")
    assert _states(found)["biztalk"] == "down"
    assert (await _site(world))["scenarios"] == []


async def test_a_site_that_nobody_knows_is_not_found(world: World) -> None:
    answer = await world.http.get("/v1/systems/nowhere")
    assert answer.status_code == 404


async def _timeline(world: World, incident: str) -> list[dict[str, Any]]:
    """What people did about an incident, in the order of their doing."""
    events = (await world.http.get(f"/v1/incidents/{incident}")).json()["timeline"]
    return [event for event in events if event["kind"] == "acknowledged"]


async def _awaited(world: World, incident: str) -> list[str]:
    found = (await world.http.get(f"/v1/incidents/{incident}")).json()
    return list(found["awaiting"])


def _with_a_second_path(text: str) -> str:
    """Another sender through the same order tool; its arrivals are read from the worklist alone."""
    start, end = text.index("  sas_om_ris:"), text.index("  halland_vas_biztalk_ris:")
    lines = text[start:end].splitlines(keepends=True)
    second = "".join(line for line in lines if "kind: listener" not in line)
    second = second.replace("sas_om_ris", "sas_asynja_om_ris", 1)
    second = second.replace("OM till RIS, SÄS", "Asynja till RIS").replace(
        "OM to RIS", "Asynja to RIS"
    )
    return text[:end] + second + text[end:]


async def test_paths_that_break_at_one_place_are_one_cause_to_tell_and_to_acknowledge(
    tmp_path: Path,
) -> None:
    async with World(tmp_path, edit=_with_a_second_path, look_every_s=0.2) as world:
        await world.healthy(0.5)
        await world.breaks(FaultKind.SWALLOW, lane="om")
        places = {"sas_om_ris", "sas_asynja_om_ris"}

        async def both_told() -> bool:
            return {h["data"]["path"] for h in world.hooks("declared", "it")} == places

        assert await comes_true(both_told)
        told = {h["data"]["path"]: h["data"] for h in world.hooks("declared", "it")}
        first, second = sorted(told.values(), key=lambda data: data["declared_at"])
        assert first["same_cause_as"] is None
        assert second["same_cause_as"] == first["incident"]
        assert "Samma fel som" in second["sms"]
        assert set((await _site(world))["places"]) == places

        async def both_changed() -> bool:
            told = world.hooks("advice_changed", "tib_sas")
            return {h["data"]["incident"] for h in told} == idents

        idents = {first["incident"], second["incident"]}
        assert await comes_true(both_changed)
        asked = next(
            h
            for h in world.hooks("advice_changed", "tib_sas")
            if h["data"]["incident"] == second["incident"]
        )
        page = await world.http.get(urlsplit(asked["data"]["acknowledge"]).path)
        assert "Är felet detsamma gäller din kvittens även där." in page.text
        assert first["incident"] in page.text
        # whoever was shown nothing of the other speaks of this one alone
        people = world.watcher.people
        assert "and" not in await people.acknowledge(
            second["incident"], "radiology_boras", "Bo", ""
        )
        assert await _awaited(world, first["incident"]) == ["radiology_boras", "tib_sas"]
        # on the page one word is enough for one cause
        form = f"name=Eva+Ek&also={first['incident']}".encode()
        done = await world.http.post(urlsplit(asked["data"]["acknowledge"]).path, content=form)
        assert "Kvitterat." in done.text
        assert await _awaited(world, second["incident"]) == []
        assert await _awaited(world, first["incident"]) == ["radiology_boras"]
        assert "Samma fel som" in (await _timeline(world, first["incident"]))[-1]["because"]["sv"]
