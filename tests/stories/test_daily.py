"""Every way to a person is used once a day; one that is not taken within a minute shows."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.world import PATHS, World
from watchdog.runner import daily, selfcheck
from watchdog.service import drilling


async def test_the_daily_test_shows_a_receiver_that_takes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daily, "LOOK_S", 0.1)
    monkeypatch.setattr(daily, "TAKEN_WITHIN", timedelta(seconds=1.5))
    monkeypatch.setattr(selfcheck, "EVERY_S", 0.1)

    def edit(text: str) -> str:
        test = '{at: "00:00", endpoints: [tib_sas, it]}'
        wrong = text.replace("/hooks/tib_sas", "/hooks/nobody")
        return wrong.replace("notify:\n", f"notify:\n  daily_test: {test}\n")

    async with World(tmp_path, edit=edit) as world:
        async with asyncio.timeout(10):
            while daily.NAME not in world.watcher.checks:
                await asyncio.sleep(0.05)
        found = (await world.http.get("/healthz")).json()
        check = found["checks"][daily.NAME][0]
        assert (check["observedValue"], check["status"], found["status"]) == (1, "warn", "warn")
        (told,) = world.hooks("test", "it")
        assert told["data"]["sms"].startswith("REMISSVAKT PROV.")
        await world.stop_service()
        await world.start_service()
        await asyncio.sleep(1)
        assert len(world.hooks("test", "it")) == 1  # once a day, restarts included


async def test_a_drill_goes_the_whole_way_every_day_to_the_test_channel_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = timedelta(seconds=2)
    monkeypatch.setattr(daily, "LOOK_S", 0.1)
    monkeypatch.setattr(daily, "TAKEN_WITHIN", brief)
    monkeypatch.setattr(daily, "DAILY", brief)
    monkeypatch.setattr(drilling, "DAILY", brief)
    monkeypatch.setattr(selfcheck, "EVERY_S", 0.1)

    def edit(text: str) -> str:
        test = f'{{at: "00:00", endpoints: [it], drill: {PATHS["biztalk"]}}}'
        return text.replace("notify:\n", f"notify:\n  daily_test: {test}\n")

    async with World(tmp_path, edit=edit) as world:
        await world.healthy(1)
        begun = (await world.hooked("advice_changed", "it"))["data"]
        assert begun["drill"] is True
        assert begun["sms"].startswith("ÖVNING REMISSVAKT")
        await world.stop_service()  # whoever goes on with it tells nobody else either
        await world.start_service()
        over = (await world.hooked("cleared", "it"))["data"]
        assert (over["incident"], over["drill"]) == (begun["incident"], True)
        await world.state("normal", 5)  # after the restart, as soon as an order has arrived
        async with asyncio.timeout(10):
            while (check := world.watcher.checks.get(daily.DRILL)) is None or check.value:
                await asyncio.sleep(0.05)
        told = (await world.http.get("/healthz")).json()["checks"][daily.DRILL][0]
        assert (told["observedValue"], told["status"]) == (0, "pass")
        drill = [hook for hook in world.hospital.hooks.received if "test" not in hook["type"]]
        assert {hook["endpoint"] for hook in drill} == {"it"}
        # once a day, restarts included; a notice whose node ended before it could mark it comes twice
        assert len({hook["webhook_id"] for hook in drill}) == 2
