"""What people do by hand: declare, clear, close, commission; and who hears of it, once."""

import asyncio
from functools import partial

import pytest

from tests.support.patience import comes_true
from tests.support.world import World
from watchdog.errors import Refused
from watchdog.simulator.faults import FaultKind
from watchdog.storage.states import PathControl

PATH = "halland_vas_biztalk_ris"


async def test_an_outage_declared_by_hand_stands_while_the_detector_recovers(world: World) -> None:
    await world.healthy(0.5)
    ident = await world.watcher.people.declare(PATH, "story", "we know better")
    told = await world.state("outage", 2)
    assert (told["reason"], told["workflow"]["urgent"]) == ("declared_by_hand", "paper_and_fax")
    await world.breaks(FaultKind.REFUSE)
    await asyncio.sleep(3)
    await world.mends()
    assert await world.states_during(6) == ["outage"]

    await world.watcher.people.clear(ident, "story", "mended")
    await world.state("normal", 3)
    await world.hooked("cleared", "tib_halland")
    await world.cleaned()


async def test_a_clear_by_hand_is_refused_while_the_probes_do_not_pass(world: World) -> None:
    await world.healthy(0.5)
    ident = await world.watcher.people.declare(PATH, "story", "seen by people")
    await world.breaks(FaultKind.REFUSE)
    await asyncio.sleep(3)
    with pytest.raises(Refused, match="do not pass"):
        await world.watcher.people.clear(ident, "story", "too early")
    assert (await world.clinic())["state"] == "outage"


async def test_neither_a_stop_nor_a_resume_hides_that_an_order_was_rejected(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.healthy(0.5)
    people, watch = world.watcher.people, world.watcher.watches[PATH]
    await world.breaks(FaultKind.NAK)
    await world.path_until(lambda path: path["sending"] == "rejected")

    async def is_stored() -> bool:
        control = (await world.runtime.states.controls()).get(PATH)
        return control is not None and control.sending == "rejected"

    assert await comes_true(is_stored)
    why = (await world.runtime.states.controls())[PATH].reason
    assert "stopped by itself" in await people.stop(PATH, "story", "to be sure")
    await world.stop_service()
    await world.start_service()
    people, watch = world.watcher.people, world.watcher.watches[PATH]
    assert (watch.sending, watch.control and watch.control.reason) == ("rejected", why)

    store = world.runtime.states.control
    answers = ["AR"]

    async def rejected_meanwhile(control: PathControl) -> None:
        await store(control)
        while answers:
            await world.watcher.keeper.open_breaker(watch, f"an order was answered {answers.pop()}")

    monkeypatch.setattr(world.runtime.states, "control", rejected_meanwhile)
    with pytest.raises(Refused, match="stopped by itself meanwhile"):
        await people.resume(PATH, "story", "mended")
    assert watch.sending == "rejected"

    assert await comes_true(is_stored)
    await world.mends()
    await people.resume(PATH, "story", "mended")
    await world.path_until(lambda path: path["sending"] == "on")


async def test_an_incident_is_closed_by_a_person_after_the_clean_up(world: World) -> None:
    await world.healthy()
    await world.breaks(FaultKind.QUEUE)
    told = await world.state("outage")
    ident = told["incident"]
    await world.mends()
    await world.state("normal")
    with pytest.raises(Refused, match="neither cancelled nor handed over"):
        await world.watcher.people.close(ident, "story", "too early")
    await world.cleaned()
    await world.watcher.people.close(ident, "story", "all entered")
    stored = await world.runtime.incidents.get(ident)
    assert stored is not None
    assert stored.status == "closed"
    kinds = [event.kind.value for event in await world.runtime.incidents.timeline(ident)]
    assert kinds[0] == "suspected"
    assert kinds[-1] == "closed"


async def test_a_notice_is_sent_once_where_its_receiver_takes_it(world: World) -> None:
    await world.healthy(1)
    for round_ in range(6):
        ident = await world.watcher.people.declare(PATH, "story", f"round {round_}")
        await asyncio.sleep(0.15)
        assert await comes_true(partial(_cleared, world, ident))  # once the probes pass
        await asyncio.sleep(0.15)

    async def all_told() -> bool:
        return len(world.hospital.hooks.received) >= 6 * 3 * 2

    assert await comes_true(all_told)
    await asyncio.sleep(1)
    got = [(hook["endpoint"], hook["webhook_id"]) for hook in world.hospital.hooks.received]
    assert len(got) == len(set(got))


async def test_a_path_is_commissioned_by_one_order_proven_and_cancelled(world: World) -> None:
    await world.healthy(0.2)
    detail = await world.watcher.people.commissioning.commission(PATH, "story")
    assert "arrived and was cancelled" in detail
    record = (await world.runtime.states.commissions())[PATH]
    assert record.fingerprint == world.watcher.watches[PATH].config.fingerprint


async def _cleared(world: World, ident: str) -> bool:
    """False where the probes do not pass just now: a person asks again."""
    try:
        await world.watcher.people.clear(ident, "story", "mended")
    except Refused:
        return False
    return True
