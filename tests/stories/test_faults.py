"""One story per fault of the simulated hospital: what is published, what the clinic does, what is left.

The end of each is fixed by design decisions, section 1.
"""

import asyncio
import socket

import pytest

from tests.support.world import BORAS, EVERYONE, World
from watchdog.service.keeping import Keeper
from watchdog.simulator.faults import FaultKind


async def declared_and_recovered(world: World, kind: FaultKind, **more: float) -> None:
    """The common course of an outage: declared, paper, mended, all clear, cleaned."""
    await world.healthy()
    await world.breaks(kind, **more)
    await world.state("outage")
    declared = (await world.hooked("declared", "it"))["data"]
    assert declared["workflow"]["non_urgent"] == "hold"
    # where deciding took longer than the hold-off, paper begins with the declaration
    at = {e.kind.value: e.at for e in await world.runtime.incidents.timeline(declared["incident"])}
    held_off = at.get("advice_changed") != at["declared"]
    wanted = "electronic_and_phone" if held_off else "paper_and_fax"
    assert declared["workflow"]["urgent"] == wanted
    told = await world.until(lambda t: t["workflow"]["urgent"] == "paper_and_fax")
    assert told["workflow"]["non_urgent"] == "hold"
    assert told["instruction"]["urgent"]["fax"][0]["number"] == "035-44 72 1"
    await world.state("normal", name=BORAS)
    await world.mends()
    told = await world.state("normal", 60)
    assert told["workflow"]["urgent"] == "electronic"
    assert told["suspect_windows"][0]["to"] is not None
    for endpoint in EVERYONE:
        cleared = await world.hooked("cleared", endpoint)
        # about a second long: a slow machine may be asked before it and after it only
        recovering = world.hooks("recovering", endpoint)[0]
        assert recovering["data"]["state"] == "recovering"
        assert world.hospital.hooks.received.index(recovering) < (
            world.hospital.hooks.received.index(cleared)
        )
    await world.cleaned()
    assert world.uncancelled() == set()


async def test_a_closed_port_becomes_an_outage(world: World) -> None:
    await declared_and_recovered(world, FaultKind.REFUSE)


async def test_a_silent_engine_becomes_an_outage(world: World) -> None:
    await declared_and_recovered(world, FaultKind.SILENT)


async def test_an_engine_that_acknowledges_and_swallows_becomes_an_outage(world: World) -> None:
    await declared_and_recovered(world, FaultKind.SWALLOW)


async def test_a_queue_becomes_an_outage_and_every_queued_order_is_cancelled(world: World) -> None:
    await declared_and_recovered(world, FaultKind.QUEUE)
    # each of them; a cancel that was not read back in time is sent again, with the same number
    assert world.in_ris() == set(world.hospital.log.placers("ris", "cancelled", "biztalk"))


async def test_the_same_on_postgresql(world_on_postgresql: World) -> None:
    await declared_and_recovered(world_on_postgresql, FaultKind.QUEUE)


async def test_the_loss_of_thirty_percent_becomes_an_outage(world: World) -> None:
    await world.healthy(6)
    await world.breaks(FaultKind.LOSE, percent=30)
    told = await world.state("outage", 90)
    assert told["reason"] in ("partial_loss", "referrals_not_arriving")
    await world.mends()
    await world.state("normal", 60)
    await world.cleaned()


async def test_a_rejected_order_is_degraded_at_once_and_nothing_more_is_sent(world: World) -> None:
    await world.healthy()
    await world.breaks(FaultKind.NAK)
    await world.until(lambda t: t["reason"] == "probe_rejected", 3)
    told = await world.state("degraded")
    assert told["reason"] == "probe_rejected"
    assert told["workflow"]["urgent"] == "electronic"
    assert (await world.path())["sending"] == "rejected"
    await world.hooked("updated", "it")
    assert world.hooks("updated", "tib_halland") == []

    await world.mends()
    told = await world.state("unknown", 10)  # no evidence any more: never back to health by itself
    assert told["workflow"]["urgent"] == "electronic_and_phone"
    assert len(world.hospital.log.placers("engine", "nak")) == 1

    await world.watcher.people.resume("halland_vas_biztalk_ris", "story", "mended")
    await world.state("normal")
    await world.cleaned()


async def test_a_rejection_on_a_path_that_is_slow_already_is_told_too(world: World) -> None:
    await world.healthy(8)
    await world.breaks(FaultKind.SLOW, factor=25)
    await world.until(lambda t: t["reason"] == "slow")
    await world.breaks(FaultKind.NAK)
    told = await world.hooked("updated", "it")
    assert "provremiss avvisades" in told["data"]["because"]["sv"]
    assert (await world.path())["sending"] == "rejected"


async def test_a_stop_after_a_rejection_survives_a_restart(world: World) -> None:
    await world.healthy(1)
    await world.breaks(FaultKind.NAK)
    await world.until(lambda t: t["reason"] == "probe_rejected", 5)
    await world.mends()

    await world.stop_service()
    sent = len(world.hospital.log.placers("engine", "took", "biztalk"))
    await world.start_service()
    await asyncio.sleep(2)

    assert len(world.hospital.log.placers("engine", "took", "biztalk")) == sent
    assert (await world.clinic())["state"] in ("unknown", "degraded")
    assert (await world.path())["sending"] == "rejected"


async def test_a_stop_that_a_crash_left_untold_is_told_after_the_restart_and_only_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*_: object) -> None:
        raise asyncio.CancelledError

    await world.healthy(1)
    monkeypatch.setattr(Keeper, "tell_stopped", killed)
    await world.breaks(FaultKind.NAK)
    await world.path_until(lambda path: path["sending"] == "rejected")
    await world.stop_service()
    monkeypatch.undo()
    assert world.hooks("updated", "it") == []

    await world.start_service()
    told = await world.hooked("updated", "it")
    assert "stoppat av sig själv" in told["data"]["because"]["sv"]
    await world.stop_service()
    await world.start_service()
    await world.path_until(lambda path: path["sending"] == "rejected")
    await asyncio.sleep(1)
    said = [hook["data"]["because"]["sv"] for hook in world.hooks("updated", "it")]
    assert said == [told["data"]["because"]["sv"]]


async def test_a_rejection_behind_the_engine_is_possibly_caused_by_our_order(world: World) -> None:
    await world.healthy()
    await world.breaks(FaultKind.NAK_BEHIND)
    await world.state("outage")
    notice = await world.hooked("declared", "it")
    assert notice["data"]["possibly_caused_by_probe"] is True
    assert notice["data"]["orders"][0]["placer"].startswith("WD")
    await world.mends()
    await world.state("normal")
    await world.cleaned()


async def test_slow_orders_are_degraded_and_never_an_outage(world: World) -> None:
    await world.healthy(8)
    await world.breaks(FaultKind.SLOW, factor=25)
    told = await world.until(lambda t: t["reason"] == "slow", 30)
    assert told["state"] == "degraded"
    assert told["workflow"]["urgent"] == "electronic"
    assert "outage" not in await world.states_during(3)
    await world.cleaned()


async def test_damaged_letters_are_degraded(world: World) -> None:
    await world.healthy(1)
    await world.breaks(FaultKind.TEXT_DAMAGE)
    told = await world.until(lambda t: t["reason"] == "text_damage", 10)
    assert told["state"] == "degraded"
    assert told["workflow"]["urgent"] == "electronic"
    await world.mends()
    await world.state("normal")
    await world.cleaned()


async def test_orders_delivered_twice_change_nothing(world: World) -> None:
    await world.healthy(1)
    await world.breaks(FaultKind.DUPLICATE)
    assert await world.states_during(4) == ["normal"]
    assert world.hospital.log.placers("ris", "duplicate", "biztalk")
    await world.cleaned()


async def test_acknowledgements_for_other_messages_change_nothing(world: World) -> None:
    await world.healthy(1)
    await world.breaks(FaultKind.WRONG_ACK_ID)
    assert await world.states_during(5) == ["normal"]
    await world.mends()
    await world.cleaned()


async def test_a_blind_reader_with_a_well_send_side_is_unknown_and_no_outage(tmp_path) -> None:
    def only_the_worklist(text: str) -> str:
        lines = text.splitlines()
        return "\n".join(line for line in lines if "kind: listener" not in line)

    async with World(tmp_path, edit=only_the_worklist) as world:
        await world.state("normal", name=BORAS)
        await asyncio.sleep(2)
        await world.breaks(FaultKind.WORKLIST_DOWN, lane="om")
        told = await world.until(lambda t: t["state"] == "unknown", 10, BORAS)
        assert told["workflow"]["urgent"] == "electronic_and_phone"
        assert told["workflow"]["non_urgent"] == "hold"
        assert await world.states_during(4, BORAS) == ["unknown"]
        await world.mends("om")
        await world.state("normal", name=BORAS)
        await world.cleaned()


async def test_a_dead_pacs_leaves_the_referral_path_as_it_was(world: World) -> None:
    await world.healthy(1)
    await world.breaks(FaultKind.PACS_DOWN, lane="om")
    with_echo = await asyncio.to_thread(_echo, world.hospital.pacs.port)
    assert with_echo is False
    assert await world.states_during(3, BORAS) == ["normal"]
    await world.mends("om")
    assert await asyncio.to_thread(_echo, world.hospital.pacs.port) is True


async def test_flapping_gives_at_most_one_all_clear_per_true_recovery(world: World) -> None:
    await world.healthy()
    await world.breaks(FaultKind.FLAP, half_s=1.5)
    await world.state("outage")
    states = await world.states_during(12)
    await world.mends()
    await world.state("normal")
    ups = sum(1 for line in world.hospital.log.lines if line["event"] == "up")
    assert states.count("normal") <= 1
    assert len(world.hooks("cleared", "it")) <= 2
    assert ups >= 4
    await world.cleaned()


async def test_a_short_restart_is_an_outage_and_nobody_is_put_on_paper(tmp_path) -> None:
    async with World(tmp_path, hold_off_s=20) as world:
        await world.healthy()
        await world.breaks(FaultKind.RESTART, half_s=3)
        told = await world.state("outage")
        assert told["workflow"]["urgent"] == "electronic_and_phone"
        assert told["changes_at"] is not None
        assert "outage" not in (await world.states_during(0.1))[1:]
        await world.state("normal")
        await world.hooked("cleared", "it")
        assert world.hooks("advice_changed") == []
        assert world.hooks("cleared", "tib_halland") == []
        await world.cleaned()


def _echo(port: int) -> bool:
    """True if the PACS answers a C-ECHO."""
    from pynetdicom import AE  # noqa: PLC0415
    from pynetdicom.sop_class import Verification  # noqa: PLC0415

    try:  # pynetdicom forgets to close a socket that was refused
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    ae = AE()
    ae.connection_timeout = ae.acse_timeout = ae.dimse_timeout = 1
    ae.add_requested_context(Verification)
    association = ae.associate("127.0.0.1", port)
    if not association.is_established:
        return False
    status = association.send_c_echo()
    association.release()
    return bool(status) and status.Status == 0
