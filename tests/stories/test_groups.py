"""Groups of systems: what nobody can see, what a person declares, restarts, and another node's word."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.incidents import an_outage
from tests.support.sites import LJUNGBY, SU, told, unit_told
from tests.support.world import World
from watchdog.errors import Refused, StorageError
from watchdog.model.incident import EventKind, IncidentEvent
from watchdog.model.outage import Phase
from watchdog.model.text import Text
from watchdog.runner import startup
from watchdog.scenarios.group import GroupFold
from watchdog.storage import incidents
from watchdog.storage.engine import Database


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, all_sites=True) as found:
        yield found


async def test_a_group_that_cannot_be_seen_is_unknown_and_never_an_outage(world: World) -> None:
    await world.state("normal", name=SU)
    systems = world.watcher.systems
    for key in [key for key in systems._looks if key[0] in ("melior", "picsara")]:
        del systems._looks[key]
    systems.saw = lambda *_: None  # our own eyes are shut
    answer = await world.state("unknown", name=SU)
    assert answer["workflow"]["urgent"] == "electronic"  # Picsara carries no referrals
    assert world.hooks("declared") == []


async def test_a_declared_group_stands_after_a_restart_and_who_was_told_hears_it_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.state("normal", name=SU)
    await world.nodes.shut("picsara")
    first = await told(world, SU, "picsara_down")
    await world.stop_service()
    await world.start_service()
    again = await told(world, SU, "picsara_down")
    assert again["incident"] == first["incident"]
    assert world.hooks("updated", "it") == []  # the advice is seconds old
    await world.stop_service()
    monkeypatch.setattr(startup, "ANNOUNCED_AGAIN_AFTER", timedelta(0))
    await world.start_service()
    told_again = (await world.hooked("updated", "it"))["data"]
    assert "has restarted" in told_again["because"]["en"]
    assert told_again["incident"] == first["incident"]
    await world.nodes.open("picsara")
    await world.state("normal", name=SU)


async def test_two_persons_override_the_probes_of_a_group(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watchdog.incidents.override.LONGEST", timedelta(seconds=4))
    await world.state("normal", name=SU)
    await world.nodes.shut("picsara")
    first = await told(world, SU, "picsara_down")
    overriding, why = world.watcher.overriding, "The screens were looked at, and work."
    ident = first["incident"]
    assert "second person" in await overriding.override(ident, "Anna", why)
    with pytest.raises(Refused, match="another person"):
        await overriding.override(ident, "Anna", why)
    assert "Cleared by hand" in await overriding.override(ident, "Bo", why)
    softened = await world.state("recovering", name=SU)
    assert softened["reason"] == "cleared_by_hand"
    again = await world.state("outage", name=SU)  # the time ran out, the probes still fail
    assert again["incident"] == ident
    await world.nodes.open("picsara")
    await world.state("normal", name=SU)


async def test_a_group_that_another_node_declared_is_ours_to_end(world: World) -> None:
    await world.state("normal", name=SU)
    group = next(
        g for g in world.watcher.groups.watches.values() if "picsara_down" in g.config.scenarios
    )
    now = world.clock.now()
    theirs = an_outage(
        now, id="inc_theirs", path=group.id, site="su", scenario="picsara_down", by_hand=True
    )
    declared = IncidentEvent(
        incident=theirs.id, number=1, kind=EventKind.DECLARED, at=now, because=Text("Ja.", "Yes.")
    )
    async with world.runtime.database.transaction() as db:
        await incidents.save(db, replace(theirs, number=1, advised_at=now), [declared])
    await startup.adopt(world.watcher)
    adopted = await told(world, SU, "picsara_down")
    assert adopted["incident"] == theirs.id
    await world.watcher.people.clear(theirs.id, "Anna", "it works")
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


async def test_what_no_probe_sees_is_declared_and_cleared_by_a_person(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.state("normal", name=LJUNGBY)
    people = world.watcher.people
    group = "kronoberg_image_transfer"
    with pytest.raises(Refused, match="answers for outbound_z97117_down"):
        await people.declare(group, "Anna", "calls from Skåne", "engine_down")
    ident = await people.declare(group, "Anna", "nothing comes from Skåne", "inbound_down")
    answer = await told(world, LJUNGBY, "inbound_down")
    assert (answer["state"], answer["incident"]) == ("outage", ident)
    assert (await unit_told(world, "radiology_kronoberg"))["scenario"] == "inbound_down"
    fold = world.watcher.groups.watches[group].fold
    with monkeypatch.context() as stands_still:  # one of its systems is seen not to work
        stands_still.setattr(GroupFold, "tick", lambda *_: None)
        fold.phase = Phase.SUSPECTED
        with pytest.raises(Refused, match="do not pass"):
            await people.clear(ident, "Anna", "it works again")
        fold.phase = Phase.CLEAR
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
