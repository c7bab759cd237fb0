"""Somebody subscribes while the service runs, and is told as those of the configuration are."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import World
from watchdog.simulator.faults import FaultKind

WHO = "on_call"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path) as made:
        await made.healthy()
        yield made


async def signed_in(world: World) -> dict[str, str]:
    key = await world.runtime.keys.make("admin", "eva", world.clock.now())
    return {"authorization": f"Bearer {key}"}


async def subscribed(world: World, head: dict[str, str], **more: Any) -> None:
    """A webhook at the hospital, with a secret where the administrator puts it."""
    folder = world.runtime.config.secrets_folder
    assert folder is not None
    value = "whsec_" + base64.b64encode(b"s" * 32).decode()
    await asyncio.to_thread((folder / WHO).write_text, value, "ascii")
    world.hospital.hooks.secrets[WHO] = value
    url = f"http://127.0.0.1:{world.hospital.http_port}/hooks/{WHO}"
    body = {"id": WHO, "role": "it", "sites": ["halland"], "url": url, "secret": WHO, **more}
    answer = await world.http.post("/v1/subscriptions", json=body, headers=head)
    assert answer.status_code == 200, answer.text


async def test_a_subscriber_is_told_until_it_ends_its_subscription(world: World) -> None:
    head = await signed_in(world)
    await subscribed(world, head)
    answer = await world.http.post(f"/v1/subscriptions/{WHO}/test", headers=head)
    assert answer.status_code == 200, answer.text
    await world.stop_service()
    await world.start_service()  # it is remembered
    await world.breaks(FaultKind.SWALLOW)
    await world.hooked("declared", WHO)
    listed = (await world.http.get("/v1/subscriptions", headers=head)).json()["subscriptions"]
    mine = next(each for each in listed if each["id"] == WHO)
    assert (mine["configured"], mine["sites"]) == (False, ["halland"])
    assert sum(each["configured"] for each in listed) == len(world.runtime.config.endpoints)
    assert world.hooks("test", WHO)

    answer = await world.http.delete(f"/v1/subscriptions/{WHO}", headers=head)
    assert answer.status_code == 200, answer.text
    await world.mends()
    await world.hooked("cleared", "it")
    assert world.hooks("cleared", WHO) == []
    again = await world.http.delete(f"/v1/subscriptions/{WHO}", headers=head)
    assert again.status_code == 409


async def test_nobody_waits_for_a_subscriber_that_is_told_as_the_duty_officer_is(
    world: World,
) -> None:
    head = await signed_in(world)
    await subscribed(world, head, role="duty_officer")
    await world.breaks(FaultKind.SWALLOW)
    await world.hooked("advice_changed", WHO)
    incident = (await world.path())["incident"]
    answer = (await world.http.get(f"/v1/incidents/{incident}")).json()
    assert WHO not in str(answer["awaiting"])
