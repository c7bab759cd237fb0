"""Every way to a person is used once a day; one that is not taken within a minute shows."""

import asyncio
from pathlib import Path

import pytest

from tests.support.world import World
from watchdog.runner import daily, selfcheck


async def test_the_daily_test_shows_a_receiver_that_takes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daily, "LOOK_S", 0.1)
    monkeypatch.setattr(daily, "TAKEN_WITHIN_S", 1.5)
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
