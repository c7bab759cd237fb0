"""Two nodes on one PostgreSQL: one leads, the other shows the same and takes over; nobody is told twice.

Killed and paused processes, silent partitions and a hundred repetitions: `make faults`.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.link import Link, Mode
from tests.support.patience import PATIENCE_S, comes_true
from tests.support.postgresql import Server, fresh_database, own_server
from tests.support.world import HALMSTAD, PATHS, World
from watchdog.clock import SystemClock
from watchdog.config.load import load
from watchdog.errors import Fenced, StorageError
from watchdog.model.order import OrderState
from watchdog.runner.node import Node
from watchdog.runtime import Runtime, build
from watchdog.simulator.faults import FaultKind
from watchdog.storage.engine import Database
from watchdog.storage.leader import Leadership
from watchdog.storage.meta import epoch, next_epoch
from watchdog.storage.migrate import upgrade

TAKEOVER_S = 5.0
TOLD = (("declared", "it"), ("advice_changed", "tib_halland"), ("cleared", "it"))


@pytest.fixture
def postgres() -> Iterator[Server]:
    with own_server() as made:
        yield made


class Two:
    """Nodes a and b in this process, on the world's hospital; a's database is behind a link."""

    def __init__(self, world: World, link: Link, url: str) -> None:
        self.world, self.link = world, link
        parts = urlsplit(url)
        behind = f"postgresql://{parts.username}:@127.0.0.1:{link.port}{parts.path}"
        self.a, self.b = self._built("a", behind), self._built("b", url)
        self._tasks: list[asyncio.Task[None]] = []

    def _built(self, name: str, url: str) -> Runtime:
        # the RIS reports to one address; with two nodes that would be a floating one
        text = (self.world.folder / "remissvakt.yaml").read_text("utf-8")
        lines = [line for line in text.splitlines() if "kind: listener" not in line]
        file = self.world.folder / f"{name}.yaml"
        mine = "\n".join(lines).replace("instance: demo-a", f"instance: node-{name}")
        file.write_text(f"{mine}\njournal_file: var/journal-{name}.jsonl\n", "utf-8")
        config, routines = load(file, test_environment=True)
        return build(config, routines, self.world.clock, url)

    async def __aenter__(self) -> "Two":
        await upgrade(self.b.database)
        for runtime in (self.a, self.b):
            node = Node(runtime, Leadership(runtime.database, runtime.clock))
            self._tasks.append(asyncio.create_task(node.run()))
            await self.says(runtime, "normal")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.link.be(Mode.PASS)
        for task in reversed(self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.a.close()
        await self.b.close()

    async def says(self, runtime: Runtime, state: str, patience_s: float = 30.0) -> None:
        end = self.world.clock.monotonic() + patience_s
        told = ""
        while self.world.clock.monotonic() < end:
            if len(runtime.board.paths()) == len(runtime.config.watched):
                told = runtime.board.clinic(HALMSTAD).effective.state.value
                if told == state:
                    return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{runtime.config.instance} never said {state}, but {told}")


@pytest.fixture
async def two(tmp_path: Path, postgres: Server) -> AsyncIterator[Two]:
    async with World(tmp_path) as world:  # two services share one loop
        await world.stop_service()
        url = fresh_database(postgres.url, "two")
        link = Link(parse_qs(urlsplit(url).query)["host"][0] + "/.s.PGSQL.5432")
        await link.start()
        async with Two(world, link, url) as made:
            yield made
        await link.close()
        await world.start_service()


async def cleaned_up(two: Two) -> bool:
    """The hospital holds no order of ours but those whose cancels it swallowed: people have their list."""
    owed = {order.placer for order in await two.b.book.find(states=(OrderState.DEBT,))}
    return not two.world.uncancelled() - owed


async def test_the_one_that_follows_takes_over_and_the_other_steps_down(two: Two) -> None:
    world = two.world
    assert (two.a.watcher is not None, two.b.watcher is not None) == (True, False)
    await asyncio.sleep(3)
    await world.breaks(FaultKind.SWALLOW)
    await two.says(two.a, "outage")
    await two.says(two.b, "outage", 3)

    two.link.be(Mode.CUT)
    began = world.clock.monotonic()
    while two.b.board.epoch == two.a.board.epoch:
        assert world.clock.monotonic() - began < TAKEOVER_S
        await asyncio.sleep(0.02)
    await two.says(two.b, "outage", 1)
    assert two.b.board.epoch > two.a.board.epoch
    assert two.b.leads() is True
    while two.a.leads():  # it finds out at its next beat; until then the fence holds
        assert world.clock.monotonic() - began < TAKEOVER_S
        await asyncio.sleep(0.02)
    await world.hooked("advice_changed", "tib_halland")

    two.link.be(Mode.PASS)
    while two.a.watcher is not None:  # it finds that another leads
        assert world.clock.monotonic() - began < 30
        await asyncio.sleep(0.05)
    await world.mends()
    await two.says(two.b, "normal", PATIENCE_S)
    await two.says(two.a, "normal", 5)
    await world.hooked("cleared", "tib_halland")

    (ident,) = {hook["data"]["incident"] for hook in world.hooks("declared", "it")}
    happened = Counter(e.kind.value for e in await two.b.incidents.timeline(ident))
    # once, and once more for each relapse that a machine with much else to do may see
    assert happened["declared"] == happened["recovering"]
    for kind, endpoint in TOLD:
        told = {hook["webhook_id"] for hook in world.hooks(kind, endpoint)}
        assert len(told) == happened[kind]
    lines = world.hospital.log.lines
    orders = [x["placer"] for x in lines if x["event"] == "took" and x["control"] == "NW"]
    assert [placer for placer, times in Counter(orders).items() if times > 1] == []
    for path in PATHS.values():
        watcher = two.b.watcher
        assert watcher is not None
        await watcher.people.stop(path, "story", "the story ends")
    assert await comes_true(lambda: cleaned_up(two)), f"not cancelled: {world.uncancelled()}"


async def test_what_a_fenced_node_decides_is_not_stored(postgres: Server) -> None:

    url = fresh_database(postgres.url, "fence")
    old, new = Database(url, SystemClock()), Database(url, SystemClock())
    await upgrade(old)
    old.fence(await next_epoch(old))
    async with old.transaction():
        pass
    new.fence(await next_epoch(new))
    with pytest.raises(Fenced):
        async with old.transaction():
            raise AssertionError("a fenced node may not write")
    async with new.transaction():
        pass
    assert await epoch(old) == 2  # reading is free
    await old.close()
    await new.close()


async def test_who_took_the_lead_and_was_paused_before_it_raised_the_epoch_has_lost_it(
    postgres: Server,
) -> None:
    url = fresh_database(postgres.url, "late")
    old, new = Database(url, SystemClock()), Database(url, SystemClock())
    await upgrade(old)
    seen = await epoch(old)  # by the session that held the lock
    new.fence(await next_epoch(new, seen))  # meanwhile another has taken it and leads
    with pytest.raises(Fenced):
        await next_epoch(old, seen)
    async with new.transaction():
        pass  # and is not disturbed
    with pytest.raises(Fenced):
        new.mind_epoch(2)  # were the epoch another's, the heartbeat would find it
    await old.close()
    await new.close()


async def test_work_that_waited_for_the_database_is_not_stored_after_the_lead_was_lost(
    postgres: Server,
) -> None:
    url = fresh_database(postgres.url, "waited")
    database = Database(url, SystemClock())
    await upgrade(database)
    database.fence(await next_epoch(database))
    entered, go = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with database.transaction():
            entered.set()
            await go.wait()

    async def late() -> None:
        async with database.transaction():
            raise AssertionError("it may not write")

    holding = asyncio.create_task(hold())
    await entered.wait()
    waiting = asyncio.create_task(late())
    await asyncio.sleep(0)
    database.fence(None)
    go.set()
    await holding
    with pytest.raises(Fenced):
        await waiting
    await database.close()


async def test_a_transaction_that_a_former_leader_left_open_holds_nobody_up(
    postgres: Server,
) -> None:
    url, clock = fresh_database(postgres.url, "open"), SystemClock()
    old, new = Database(url, clock), Database(url, clock)
    await upgrade(old)
    old.fence(await next_epoch(old))
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(pytest.raises(StorageError))
        async with old.transaction():
            leadership = Leadership(new, clock)
            assert await leadership.take() is True
            began = clock.monotonic()
            assert await next_epoch(new, leadership.epoch_seen) == 2
            assert clock.monotonic() - began < 1.0
    await leadership.release()
    await old.close()
    await new.close()


async def test_a_leader_that_was_silent_too_long_has_lost_it(postgres: Server) -> None:

    url, clock = fresh_database(postgres.url, "lease"), SystemClock()
    databases = Database(url, clock), Database(url, clock)
    await upgrade(databases[0])
    first, second = (Leadership(each, clock) for each in databases)
    assert await first.take() is True
    keeping = asyncio.create_task(first.keep())
    await asyncio.sleep(2.6)
    assert first.holds() is True  # beats keep it
    assert await second.take() is False
    keeping.cancel()  # as if the process were paused
    began = clock.monotonic()
    while not await second.take():
        assert clock.monotonic() - began < TAKEOVER_S
        await asyncio.sleep(0.1)
    assert first.holds() is False  # it knew before the other could lead
    await asyncio.wait_for(first.keep(), 3)  # and finds its session ended
    await first.release()
    await second.release()
    for each in databases:
        await each.close()


async def test_a_session_is_freed_only_when_the_driver_has_let_go_of_it(postgres: Server) -> None:
    """Freed under an open question, its memory was read again when the link came back: for ever."""
    clock = SystemClock()
    url = fresh_database(postgres.url, "session")
    parts = urlsplit(url)
    link = Link(parse_qs(parts.query)["host"][0] + "/.s.PGSQL.5432")
    port = await link.start()
    through = Database(f"postgresql://{parts.username}:@127.0.0.1:{port}{parts.path}", clock)
    await upgrade(through)
    leadership = Leadership(through, clock)
    assert await leadership.take() is True
    session = leadership._session
    assert session is not None
    link.be(Mode.HOLD)
    await leadership.keep()  # gives up after a second without an answer
    assert session.asking is not None
    assert session.asking.done()
    assert session.connection.closed
    assert leadership.holds() is False
    link.be(Mode.PASS)
    await through.close()
    await link.close()
