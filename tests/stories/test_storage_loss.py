"""The database goes away in the middle of an outage: what is decided is told, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import LiteralString
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from tests.support.postgresql import Server, fresh_database, own_server
from tests.support.world import HALMSTAD, PATHS, World
from watchdog.incidents import life
from watchdog.model.outage import Grounds, Phase, Reason, Transition
from watchdog.model.text import Text
from watchdog.simulator.faults import FaultKind

UNDER_WAY = 8
"""So many missing orders are enough to decide on, once they are old enough."""


@pytest.fixture
def postgres() -> "AsyncIterator[Server]":
    with own_server() as made:
        yield made


@pytest.fixture
async def world(tmp_path: Path, postgres: Server) -> AsyncIterator[World]:
    database = fresh_database(postgres.url, "loss")
    async with World(tmp_path, database=database) as made:
        await made.healthy()
        yield made


ON: LiteralString = "ALTER SYSTEM SET default_transaction_read_only = on"
OFF: LiteralString = "ALTER SYSTEM SET default_transaction_read_only = off"


def read_only(*, on: bool) -> Callable[[Server], None]:
    """It answers, and takes nothing: a standby after a failover, or a disk that an administrator shut."""

    def change(postgres: Server) -> None:
        with psycopg.connect(postgres.url, autocommit=True) as db:
            db.execute(ON if on else OFF)
            db.execute("SELECT pg_reload_conf()")

    return change


async def brought_in(world: World, patience_s: float = 20.0) -> None:
    """Wait until the journal's lines are in the database."""
    end = world.clock.monotonic() + patience_s
    while len(world.runtime.journal):
        assert world.clock.monotonic() < end, "the journal was not brought into the database"
        await asyncio.sleep(0.1)


async def nothing_lost(world: World) -> None:
    """Every stored notice was delivered, once; every delivered one is stored."""
    end = world.clock.monotonic() + 20
    while await world.runtime.outbox.listed(waiting=True):
        assert world.clock.monotonic() < end, "a notice was not delivered"
        await asyncio.sleep(0.1)
    stored = [(n.endpoint, n.event_id) for n in await world.runtime.outbox.listed()]
    got = [(hook["endpoint"], hook["webhook_id"]) for hook in world.hospital.hooks.received]
    assert set(got) == set(stored)
    assert len(got) - len(set(got)) <= 1  # a kill between delivery and note may repeat one


@pytest.mark.parametrize(
    ("lose", "find"),
    [(Server.kill, Server.start), (read_only(on=True), read_only(on=False))],
    ids=["killed", "read only"],
)
async def test_an_outage_is_declared_and_told_without_the_database(
    world: World, postgres: Server, lose: Callable[[Server], None], find: Callable[[Server], None]
) -> None:
    await world.breaks(FaultKind.SWALLOW)
    watch = world.watcher.watches[PATHS["biztalk"]]
    while len(watch.missing()) < UNDER_WAY:
        await asyncio.sleep(0.02)
    lose(postgres)
    sent = len(world.hospital.log.placers("engine", "received", "biztalk"))
    await world.state("outage")
    await world.hooked("declared", "it")
    await world.hooked("advice_changed", "tib_halland")
    asked = (await world.hooked("advice_changed", "tib_halland"))["data"]["acknowledge"]
    await world.http.post(urlsplit(asked).path, content=b"name=Eva+Ek")
    assert "tib_halland" not in world.watcher.watches[PATHS["biztalk"]].incident.awaited
    assert len(world.runtime.journal) > 0
    health = await world.http.get("/healthz")
    assert health.json()["checks"]["journal:records"][0]["status"] == "warn"
    # no order without a row in the book
    assert len(world.hospital.log.placers("engine", "received", "biztalk")) <= sent + 1

    find(postgres)
    await brought_in(world)
    incident = (await world.path())["incident"]
    stored = await world.runtime.incidents.get(incident)
    assert stored is not None
    assert stored.advised_at is not None
    kinds = [event.kind.value for event in await world.runtime.incidents.timeline(incident)]
    assert kinds[:4] == ["suspected", "declared", "advice_changed", "acknowledged"]
    await world.mends()
    await world.state("normal")
    await world.hooked("cleared", "tib_halland")
    await world.cleaned()
    await nothing_lost(world)


async def test_a_restart_finds_in_the_journal_what_the_database_never_saw(
    world: World, postgres: Server
) -> None:
    postgres.kill()
    declared = await world.watcher.people.declare(PATHS["biztalk"], "eva", "RIS står stilla")
    await world.hooked("declared", "it")
    await world.stop_service()
    postgres.start()
    await world.start_service()
    told = await world.clinic()
    assert (told["state"], told["incident"]) == ("outage", declared)
    await nothing_lost(world)


async def test_a_person_may_declare_over_http_without_the_database(
    world: World, postgres: Server
) -> None:
    key = await world.runtime.keys.make("declare", "jour", world.clock.now())
    await asyncio.sleep(2.5)  # the service learns of the key
    postgres.kill()
    head = {"authorization": f"Bearer {key}"}
    body = {"path": PATHS["biztalk"], "reason": "RIS står stilla"}
    answer = await world.http.post("/v1/incidents", json=body, headers=head)
    assert answer.status_code == 200, answer.text
    assert (await world.clinic())["workflow"]["urgent"] == "paper_and_fax"
    wrong = {"authorization": f"Bearer {key[:-1]}x"}
    refused = await world.http.post("/v1/incidents", json=body, headers=wrong)
    assert refused.status_code == 401
    clear = await world.http.post(
        f"/v1/incidents/{answer.json()['detail']}/clear", json={"reason": "fel"}, headers=head
    )
    assert clear.status_code in (403, 503)
    assert (await world.clinic())["state"] == "outage"
    postgres.start()
    await brought_in(world)


async def test_a_database_that_hangs_stops_neither_answers_nor_evaluation(
    world: World, postgres: Server
) -> None:
    seen: set[str] = set()
    postgres.freeze()
    try:
        asked = [world.http.get(path) for path in ("/healthz", "/metrics") for _ in range(10)]
        waiting = asyncio.gather(*asked)  # they ask the database
        await asyncio.sleep(0.1)
        for path in ("/readyz", "/livez", "/v1/status"):
            assert (await world.http.get(path)).status_code == httpx.codes.OK
        async with asyncio.timeout(4):
            await waiting
        end = world.clock.monotonic() + 6
        while world.clock.monotonic() < end:
            began = world.clock.monotonic()
            told = await world.http.get(f"/v1/clinics/{HALMSTAD}/status")
            assert told.status_code == httpx.codes.OK
            assert world.clock.monotonic() - began < 0.5
            seen.add(told.json()["reason"])
            await asyncio.sleep(0.05)
        await world.watcher.people.declare(PATHS["biztalk"], "eva", "RIS står stilla")
        await world.hooked("declared", "it", 5)
    finally:
        postgres.thaw()
    # nothing can be sent, so nothing is known after a while; but it is evaluated all the time
    assert "not_evaluated" not in seen
    await brought_in(world)
    await nothing_lost(world)


async def test_a_clear_that_waits_holds_up_no_later_declaration(
    world: World, postgres: Server
) -> None:
    path = PATHS["biztalk"]
    first = await world.watcher.people.declare(path, "eva", "RIS står stilla")
    await world.hooked("declared", "it")
    postgres.kill()
    watch, advance = world.watcher.watches[path], world.watcher.advance
    async with watch.lock:
        assert watch.incident is not None
        setting = advance.setting(watch)
        step = life.clear_by_hand(watch.incident, setting, "eva", "det gick över", Phase.CLEAR)
        await advance.record(watch, step)
    assert watch.unstored  # the end waits for the database
    second = await world.watcher.people.declare(path, "eva", "det kom tillbaka")
    assert second != first
    end = world.clock.monotonic() + 10
    while len({h["data"]["incident"] for h in world.hooks("declared", "it")}) < 2:
        assert world.clock.monotonic() < end, "nobody heard of the second outage"
        await asyncio.sleep(0.05)
    postgres.start()
    await brought_in(world)
    await nothing_lost(world)


async def suspected(world: World) -> None:
    """The detector suspects the path, as it would if orders went missing again."""
    watch, advance = world.watcher.watches[PATHS["biztalk"]], world.watcher.advance
    transition = Transition(
        before=Phase.CLEAR,
        after=Phase.SUSPECTED,
        mono=world.clock.monotonic(),
        t=0.0,
        reason=Reason.SUSPECTED,
        because=Text("Remisser dröjer.", "Orders are late."),
        grounds=Grounds(),
    )
    async with watch.lock:
        step = life.after(watch.incident, transition, advance.setting(watch))
        await advance.record(watch, step)
    assert [unstored.events[0].kind.value for unstored in watch.unstored] == [
        "cleared",
        "suspected",
    ]


async def test_an_all_clear_that_cannot_be_stored_is_not_told(
    world: World, postgres: Server
) -> None:
    ident = await world.watcher.people.declare(PATHS["biztalk"], "eva", "RIS står stilla")
    await world.hooked("advice_changed", "tib_halland")
    postgres.kill()
    assert "stands until" in await world.watcher.people.clear(ident, "eva", "det gick över")
    for moment in range(20):
        told = await world.clinic()
        assert (told["state"], told["reason"]) == ("outage", "declared_by_hand")
        assert (told["incident"], told["workflow"]["urgent"]) == (ident, "paper_and_fax")
        await asyncio.sleep(0.1)
        if moment == 9:  # a mere suspicion behind it does not let it go
            await suspected(world)
    assert world.hooks("cleared") == []

    postgres.start()
    cleared = (await world.hooked("cleared", "tib_halland"))["data"]
    assert cleared["incident"] == ident
    # it does not speak of the outage that it ends; what the path is by now is another matter
    assert cleared["state"] != "outage"
    assert cleared["workflow"]["urgent"] != "paper_and_fax"
    await world.state("normal")
    await nothing_lost(world)
