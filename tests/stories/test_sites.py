"""From a broken system to what a clinic reads and the receiving unit is told, at all five hospitals."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.sites import LJUNGBY, NAL, SU, told, unit_told
from tests.support.world import BORAS, HALMSTAD, SKENE, World
from watchdog.simulator.faults import FaultKind


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, all_sites=True) as found:
        yield found


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
    skene = (await told(world, SKENE, "om_or_ris_down"))["instruction"]["urgent"]["fax"]
    same = skene[0]["number"] == urgent["fax"][0]["number"]  # at night; by day Skene has its own
    officer = (await unit_told(world, "tib_sas"))["sms"]
    assert ("033-616 19 57" in officer) is same
    assert ("Varje klinik har sitt faxnummer." in officer) is not same
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
