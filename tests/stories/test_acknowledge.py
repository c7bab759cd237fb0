"""A person must say that it was seen: until then others are told too, and clinics ring before they fax."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.world import PATHS, World
from watchdog.model.notice import Notice
from watchdog.runner.reports import Reports
from watchdog.simulator.faults import FaultKind
from watchdog.storage import audit

RING = "Mottagande enhet har inte kvitterat. Ring innan ni faxar."


def _asked(text: str) -> str:
    """TiB's rung is IT after 2 s and a reminder each second; radiology has 2 s to acknowledge."""
    before, mark, after = text.partition("- {id: tib_halland, role: duty_officer,")
    asked = f"{mark} escalation: [{{after_s: 2, to: it}}], remind: {{every_s: 1, times: 30}},"
    text = before + asked + after
    # the night is over, whenever this runs
    text = text.replace("notify:\n", 'notify:\n  report_at: "00:00"\n', 1)
    start = text.index("- {id: it, role: it,")
    line = text[start : text.index("\n", start)]
    extra = line.replace("id: it, role: it", "id: admins, role: administrators")
    text = text.replace(line, f"{line}\n    {extra}")
    return text.replace(
        "    name: {sv: Halmstad", "    acknowledge_within_s: 2\n    name: {sv: Halmstad"
    )


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, edit=_asked) as made:
        await made.healthy()
        await made.breaks(FaultKind.SWALLOW)
        await made.until(lambda told: told["workflow"]["urgent"] == "paper_and_fax")
        yield made


def page_of(hook: dict[str, Any]) -> str:
    return urlsplit(hook["data"]["acknowledge"]).path


def steps(told: dict[str, Any]) -> list[str]:
    return [step["text"]["sv"] for step in told["instruction"]["urgent"]["steps"]]


async def waiting(world: World, endpoint: str) -> list[Notice]:
    return [n for n in await world.runtime.outbox.listed(waiting=True) if n.unless == endpoint]


async def test_who_acknowledges_is_reminded_no_more_and_nobody_in_his_place(world: World) -> None:
    first = await world.hooked("advice_changed", "tib_halland")
    answer = await world.http.post(page_of(first), content=b"name=Eva+Ekstr%C3%B6m")
    assert answer.status_code == 200
    assert "Kvitterat." in answer.text
    assert await waiting(world, "tib_halland") == []
    told = len(world.hooks("advice_changed"))
    await asyncio.sleep(3)
    assert len(world.hooks("advice_changed")) == told
    incident = (await world.http.get(f"/v1/incidents/{first['data']['incident']}")).json()
    assert incident["awaiting"] == ["radiology_halmstad"]
    said = [event for event in incident["timeline"] if event["kind"] == "acknowledged"]
    assert [(event["by"], event["because"]["sv"]) for event in said] == [
        ("Eva Ekström", "tib_halland har kvitterat: Eva Ekström.")
    ]
    rows = await audit.listed(world.runtime.database)
    assert [(row.what, row.by) for row in rows] == [("acknowledge", "Eva Ekström (typed)")]
    assert (await audit.verify(world.runtime.database))[2] is None


async def test_without_a_name_others_are_told_and_a_reader_of_links_changes_nothing(
    world: World,
) -> None:
    first = await world.hooked("advice_changed", "tib_halland")
    for _ in range(20):  # a mail scanner
        assert (await world.http.get(page_of(first))).status_code == 200
        assert (await world.http.head(page_of(first))).status_code in (200, 405)
    empty = await world.http.post(page_of(first), content=b"name=+")
    assert "minst två tecken" in empty.text
    assert (
        await world.http.post(page_of(first)[:-1] + "x", content=b"name=Eva")
    ).status_code == 404

    rung = await world.hooked("advice_changed", "it")
    assert rung["data"]["unanswered"] == {"endpoint": "tib_halland", "after_s": 2.0}
    assert "EJ KVITTERAT" in rung["data"]["sms"]
    assert page_of(rung) == page_of(first)  # IT acknowledges for TiB
    again = [h for h in world.hooks("advice_changed", "tib_halland") if "unanswered" in h["data"]]
    assert again
    await world.http.post(page_of(rung), content=b"name=Jour+IT")
    assert await waiting(world, "tib_halland") == []


async def test_a_silent_receiving_unit_is_rung_before_it_is_faxed(world: World) -> None:
    told = await world.until(lambda t: RING in steps(t), 10)
    assert steps(told)[0] == RING
    site = (
        await world.http.get("/v1/sites/halland/status", params={"unit": "halmstad_plan_2"})
    ).json()
    instruction = next(x for x in site["watched"] if x["id"] == PATHS["biztalk"])["instruction"]
    assert instruction["urgent"]["steps"][0]["text"]["sv"] == RING
    heard = await world.hooked("updated", "tib_halland")
    assert "radiology_halmstad har inte kvitterat" in heard["data"]["because"]["sv"]
    unit = await world.hooked("advice_changed", "radiology_halmstad")
    await world.http.post(page_of(unit), content=b"name=Bo")
    told = await world.until(lambda t: RING not in steps(t), 5)
    assert told["state"] == "outage"


async def test_the_end_takes_back_everything_that_waited(world: World) -> None:
    assert await waiting(world, "tib_halland")
    await world.mends()
    await world.state("normal")
    assert await waiting(world, "tib_halland") == []
    page = await world.http.get(page_of(await world.hooked("advice_changed", "tib_halland")))
    assert "inget att kvittera" in page.text


async def test_a_restart_loses_no_rung_and_no_reminder(world: World) -> None:
    await world.hooked("advice_changed", "tib_halland")
    before = {n.id for n in await waiting(world, "tib_halland")}
    await world.stop_service()
    await world.start_service()
    assert {n.id for n in await waiting(world, "tib_halland")} <= before
    await world.hooked("advice_changed", "it")


async def test_the_morning_report_comes_once_however_often_the_service_starts(
    world: World,
) -> None:
    (report,) = await _reports(world)
    assert report["verified"]
    assert "inga driftstopp" in report["data"]["sms"]
    await world.stop_service()
    await world.start_service()
    assert await Reports(world.watcher).write(world.clock.now()) == 1
    await asyncio.sleep(1.5)
    assert await _reports(world) == [report]


async def _reports(world: World) -> list[dict[str, Any]]:
    end = world.clock.monotonic() + 10
    while world.clock.monotonic() < end:
        hooks = world.hospital.hooks.received
        if found := [h for h in hooks if h["type"] == "se.remissvakt.report.v1"]:
            return found
        await asyncio.sleep(0.05)
    return []
