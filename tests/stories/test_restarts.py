"""What a restart must not lose: an outage, its recovery, its orders, and those who were told of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.patience import comes_true
from tests.support.world import World
from watchdog.model.order import OrderState
from watchdog.runner import startup
from watchdog.simulator.faults import FaultKind

PATH = "halland_vas_biztalk_ris"


async def test_an_outage_and_its_orders_outlive_a_restart_and_who_was_told_hears_it_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def restarts() -> list[str]:
        hooks = world.hooks("updated", "tib_halland")
        return [x["webhook_id"] for x in hooks if "restarted" in x["data"]["because"]["en"]]

    await world.healthy()
    await world.breaks(FaultKind.QUEUE)
    told = await world.until(lambda told: told["workflow"]["urgent"] == "paper_and_fax")
    await world.stop_service()
    await world.start_service()
    again = await world.clinic()
    assert (again["state"], again["incident"]) == ("outage", told["incident"])
    assert again["workflow"]["urgent"] == "paper_and_fax"
    assert again["epoch"] == told["epoch"] + 1
    assert restarts() == []  # the advice is seconds old: nobody is rung up for that
    await world.stop_service()
    monkeypatch.setattr(startup, "ANNOUNCED_AGAIN_AFTER", timedelta(0))
    await world.start_service()
    await world.hooked("updated", "tib_halland")
    assert len(restarts()) == 1
    await world.mends()
    await world.state("normal")
    await world.cleaned()


async def test_a_restart_while_it_recovers_asks_everybody_anew_and_seeks_what_was_rejected(
    world: World,
) -> None:
    await world.healthy()
    await world.breaks(FaultKind.SWALLOW)
    await world.hooked("advice_changed", "tib_halland")
    await world.mends()
    await world.hooked("recovering", "tib_halland")
    await world.stop_sending()  # so it goes on recovering
    now = world.clock.now()
    ended = await world.runtime.book.find(states=(OrderState.CANCELLED,), path=PATH)
    rejected = replace(
        ended[-1],
        state=OrderState.REFUSED,
        planned_at=now,
        sent_at=now,
        e5_at=None,
        e6_at=None,
        ended_at=now,
    )
    await world.runtime.book.save(rejected)
    before = len(world.hooks("advice_changed", "tib_halland"))
    await world.stop_service()
    await world.start_service()
    assert rejected.placer in world.watcher.watches[PATH].orders

    async def asked_again() -> bool:
        return len(world.hooks("advice_changed", "tib_halland")) == before + 1

    assert await comes_true(asked_again)
    told = await world.clinic()
    assert (told["state"], told["workflow"]["urgent"]) == ("outage", "paper_and_fax")
    incident = (await world.http.get(f"/v1/incidents/{told['incident']}")).json()
    assert "tib_halland" in incident["awaiting"]
