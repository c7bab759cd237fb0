"""From a broken system to what a clinic reads and the receiving unit is told, at all five hospitals."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import BORAS, HALMSTAD, World
from watchdog.errors import Refused, StorageError
from watchdog.model.outage import Phase
from watchdog.simulator.faults import FaultKind
from watchdog.storage.engine import Database

NAL, LJUNGBY, SU = "nal_emergency", "ljungby_emergency", "su_dermatology"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, all_sites=True) as found:
        yield found


async def told(world: World, clinic: str, scenario: str) -> dict[str, Any]:
    """What the clinic reads once that chapter of its routine is in force, for urgent referrals."""

    def in_force(answer: dict[str, Any]) -> bool:
        return bool(
            answer["instruction"] and answer["instruction"]["urgent"]["scenario"] == scenario
        )

    return await world.until(in_force, name=clinic)


async def unit_told(world: World, endpoint: str, kind: str = "advice_changed") -> dict[str, Any]:
    return (await world.hooked(kind, endpoint))["data"]


def facts(statements: list[dict[str, Any]]) -> set[str]:
    return {fact for statement in statements for fact in statement["source"]}


def usable(instruction: dict[str, Any]) -> list[str]:
    return [route["id"] for route in instruction["routes"] if route["usable"]]


async def test_sas_a_dead_archive_is_told_beside_well_referrals(world: World) -> None:
    await world.healthy(0.5)
    await world.state("normal", name=BORAS)
    await world.breaks(FaultKind.PACS_DOWN, lane="om")
    answer = await world.until(lambda t: bool(t["also"]) and t["state"] == "normal", name=BORAS)
    assert answer["workflow"]["urgent"] == "electronic"
    also = answer["also"][0]
    assert (also["scenario"], also["watched"]) == ("pacs_down", "sas_images")
    assert also["instruction"]["urgent"]["images"]["where"] == ["modality"]
    notice = await unit_told(world, "radiology_boras")
    assert notice["scenario"] == "pacs_down"
    assert "PACS ligger nere" in notice["sms"]
    assert any("Ring TiB" in step["sv"] for step in notice["steps"])
    await world.mends("om")
    assert (await unit_told(world, "radiology_boras", "cleared"))["state"] == "normal"
    await world.until(lambda t: not t["also"], name=BORAS)


async def test_sas_an_order_tool_that_swallows_sends_paper_to_boras(world: World) -> None:
    await world.healthy(0.5)
    await world.breaks(FaultKind.SWALLOW, lane="om")
    answer = await told(world, BORAS, "om_or_ris_down")
    urgent = answer["instruction"]["urgent"]
    assert urgent["fax"][0]["number"] == "033-616 19 57"
    assert {"S0-16", "S0-17", "S0-19"} <= facts(urgent["steps"])
    notice = await unit_told(world, "radiology_boras")
    assert "033-616 19 57" in notice["sms"]
    assert any("Bemanna faxen" in step["sv"] for step in notice["steps"])


async def test_halmstad_a_dead_engine_faxes_the_urgent_and_holds_the_rest(world: World) -> None:
    await world.healthy(0.5)
    await world.breaks(FaultKind.REFUSE)
    answer = await told(world, HALMSTAD, "engine_down")
    assert answer["workflow"] == {
        "very_urgent": "paper_and_fax",
        "urgent": "paper_and_fax",
        "non_urgent": "hold",
    }
    assert answer["instruction"]["urgent"]["fax"][0]["flags"] == ["too_few_digits"]
    notice = await unit_told(world, "radiology_halmstad")
    assert "035-44 72 1 (kontrollera numret)" in notice["sms"]
    assert any("Boka patienten för hand" in step["sv"] for step in notice["steps"])


async def test_nal_a_dead_mei_sends_very_urgent_ones_deidentified(world: World) -> None:
    await world.state("normal", name=NAL)
    await world.nodes.shut("mei")
    answer = await told(world, NAL, "ris_or_mei_down")
    assert answer["workflow"] == {
        "very_urgent": "paper_and_fax",
        "urgent": "electronic_and_phone",
        "non_urgent": "hold",
    }
    very = answer["instruction"]["very_urgent"]
    assert very["fax"] == []  # the reader's fax is for staff
    assert {"S2-11", "S2-15"} <= facts(very["steps"])
    notice = await unit_told(world, "radiology_nal")
    assert any("Kontakta extern granskare genast" in step["sv"] for step in notice["steps"])
    await world.nodes.open("mei")
    await world.state("normal", name=NAL)
    assert (await unit_told(world, "radiology_nal", "cleared"))["scenario"] == "ris_or_mei_down"


async def test_nal_images_take_the_ways_that_are_open(world: World) -> None:
    await world.state("normal", name=NAL)
    await world.nodes.shut("bfr")
    await world.nodes.shut("image_transfer")
    answer = await told(world, NAL, "image_transfer_down")
    assert answer["workflow"]["very_urgent"] == "electronic"

    def bfr_is_closed(now: dict[str, Any]) -> bool:
        return usable(now["instruction"]["urgent"]) == ["from_modality", "teleradiology"]

    closed = await world.until(bfr_is_closed, name=NAL)
    ways = {route["id"]: route for route in closed["instruction"]["urgent"]["routes"]}
    assert "2025-05-06" in ways["syngo_via"]["reason"]["sv"]  # works, and stays closed
    assert ways["bfr"]["reason"]["sv"] == "BFR fungerar inte."


async def test_kronoberg_ljungby_goes_around_a_dead_link_computer(world: World) -> None:
    await world.state("normal", name=LJUNGBY)
    await world.nodes.shut("gateway_z97117")
    answer = await told(world, LJUNGBY, "outbound_z97117_down")
    urgent = answer["instruction"]["urgent"]
    assert answer["workflow"]["urgent"] == "electronic"  # referrals are not touched
    assert usable(urgent)[0] == "ljungby_via_blekinge"
    assert urgent["causes"][0]["source"] == ["S3-18"]
    assert urgent["causes"][0]["rank"] == "shown"
    vaxjo = await world.clinic(LJUNGBY, unit="radiology_vaxjo")
    assert usable(vaxjo["instruction"]["urgent"]) == ["dvd"]  # no detour of its own (S3-51)
    notice = await unit_told(world, "radiology_kronoberg")
    assert notice["steps"][0]["sv"].startswith("Börja med att starta om länkdatorerna")


@pytest.mark.parametrize(
    ("node", "scenario"),
    [
        ("gateway_z83680", "outbound_z83680_down"),
        ("skane", "outbound_skane_cannot_receive"),
        ("inbound", "inbound_down"),
    ],
)
async def test_kronoberg_each_broken_node_is_its_own_chapter(
    world: World, node: str, scenario: str
) -> None:
    await world.state("normal", name=LJUNGBY)
    await world.nodes.shut(node)
    answer = await told(world, LJUNGBY, scenario)
    assert answer["instruction"]["urgent"]["images"]["where"] == ["media"]
    await world.nodes.open(node)
    await world.state("normal", name=LJUNGBY)


async def test_su_melior_in_read_only_mode_then_gone_then_back(world: World) -> None:
    await world.state("normal", name=SU)
    world.nodes.web["melior"].read_only = True
    answer = await told(world, SU, "melior_read_only")
    assert answer["instruction"]["urgent"]["images"] == {
        "electronic": True,
        "where": ["picsara"],
        "source": ["S4-08"],
        "note": None,
    }
    await world.nodes.shut("melior")
    gone = await told(world, SU, "melior_down")
    assert "media" in gone["instruction"]["urgent"]["images"]["where"]
    assert gone["workflow"]["urgent"] == "electronic"
    it = await world.hooked("updated", "it")
    assert it["data"]["scenario"] == "melior_down"
    world.nodes.web["melior"].read_only = False
    await world.nodes.open("melior")
    assert (await world.state("normal", name=SU))["reason"] == "systems_work"
    cleared = await unit_told(world, "picsara_su", "cleared")
    assert "efterarbetet" in cleared["sms"]


async def test_su_a_dead_picsara_has_no_images_at_all(world: World) -> None:
    await world.state("normal", name=SU)
    await world.nodes.shut("picsara")
    answer = await told(world, SU, "picsara_down")
    assert {"S4-12", "S4-13", "S4-14"} <= facts(answer["instruction"]["urgent"]["steps"])
    notice = await unit_told(world, "picsara_su")
    assert "Picsara ligger nere" in notice["sms"]


async def test_a_group_that_cannot_be_seen_is_unknown_and_never_an_outage(world: World) -> None:
    await world.state("normal", name=SU)
    systems = world.watcher.systems
    for key in [key for key in systems._looks if key[0] in ("melior", "picsara")]:
        del systems._looks[key]
    systems.saw = lambda *_: None  # our own eyes are shut
    answer = await world.state("unknown", name=SU)
    assert answer["workflow"]["urgent"] == "electronic"  # Picsara carries no referrals
    assert world.hooks("declared") == []


async def test_a_declared_group_stands_after_a_restart(world: World) -> None:
    await world.state("normal", name=SU)
    await world.nodes.shut("picsara")
    first = await told(world, SU, "picsara_down")
    await world.stop_service()
    await world.start_service()
    again = await told(world, SU, "picsara_down")
    assert again["incident"] == first["incident"]
    await world.nodes.open("picsara")
    await world.state("normal", name=SU)


async def test_a_group_stays_in_its_outage_while_the_all_clear_cannot_be_stored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.state("normal", name=SU)
    await world.nodes.shut("picsara")
    first = await told(world, SU, "picsara_down")
    watch = next(w for w in world.watcher.groups.watches.values() if w.scenario == "picsara_down")
    monkeypatch.setattr(Database, "transaction", _away)
    await world.nodes.open("picsara")
    while not watch.unstored or watch.fold.phase is not Phase.CLEAR:
        await asyncio.sleep(0.05)
    answer = await world.clinic(SU)
    assert (answer["state"], answer["reason"]) == ("outage", "system_down")
    assert answer["incident"] == first["incident"]
    monkeypatch.undo()
    await world.state("normal", name=SU)


@contextlib.asynccontextmanager
async def _away(_: Database) -> AsyncIterator[None]:
    raise StorageError("the database is away")
    yield


async def test_what_no_probe_sees_is_declared_and_cleared_by_a_person(world: World) -> None:
    await world.state("normal", name=LJUNGBY)
    people = world.watcher.people
    group = "kronoberg_image_transfer"
    with pytest.raises(Refused, match="answers for outbound_z97117_down"):
        await people.declare(group, "Anna", "calls from Skåne", "engine_down")
    ident = await people.declare(group, "Anna", "nothing comes from Skåne", "inbound_down")
    answer = await told(world, LJUNGBY, "inbound_down")
    assert (answer["state"], answer["incident"]) == ("outage", ident)
    assert (await unit_told(world, "radiology_kronoberg"))["scenario"] == "inbound_down"
    await people.clear(ident, "Anna", "it works again")
    await world.state("normal", name=LJUNGBY)
    assert (await unit_told(world, "radiology_kronoberg", "cleared"))["state"] == "normal"
    assert "closed" in await people.close(ident, "Anna", "entered")


async def test_a_declaration_beside_a_running_evaluation_is_stored_once_and_whole(
    world: World,
) -> None:
    await world.state("normal", name=SU)
    groups, watch = world.watcher.groups, world.watcher.groups.watches["su_picsara"]
    declared = asyncio.create_task(
        groups.declare("su_picsara", "Anna", "the screens are black", "picsara_down")
    )
    await asyncio.gather(*(groups.advance(watch) for _ in range(20)))
    ident = await declared
    await asyncio.gather(
        groups.clear("su_picsara", ident, "Anna", "they are back"),
        *(groups.advance(watch) for _ in range(20)),
    )
    events = await world.runtime.incidents.timeline(ident)
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert [event.kind.value for event in events] == ["declared", "advice_changed", "cleared"]
    assert watch.unstored == []
