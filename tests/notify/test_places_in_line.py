"""The line of an endpoint: outages stored at the same moment, and what the journal kept."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from watchdog.cli import sample
from watchdog.cli.check import write_sample
from watchdog.clock import SystemClock
from watchdog.config.load import load
from watchdog.errors import StorageError
from watchdog.runner.dispatch import Dispatcher
from watchdog.runner.startup import take_over
from watchdog.runtime import Watcher, build, build_watcher
from watchdog.storage.migrate import upgrade

PATHS = ("sas_om_ris", "halland_vas_biztalk_ris")


async def _started(folder: Path) -> Watcher:
    """As after a restart: from the configuration and the database."""
    config, routines = load(folder / "remissvakt.yaml", test_environment=True)
    runtime = build(config, routines, SystemClock(), f"sqlite:///{folder / 'x.sqlite'}")
    await upgrade(runtime.database)
    made = await build_watcher(runtime)
    await take_over(made)
    return made


async def _ended(watcher: Watcher) -> None:
    await watcher.sender.close()
    await watcher.runtime.close()


@pytest.fixture
async def watcher(tmp_path: Path) -> AsyncIterator[Watcher]:
    write_sample(tmp_path / "remissvakt.yaml", sample.Sample())
    made = await _started(tmp_path)
    yield made
    await _ended(made)


async def _declared_without_a_database(watcher: Watcher, patch: pytest.MonkeyPatch) -> str:
    """The id of an outage that is in the journal, and not in the database yet."""

    async def takes_nothing(*_: object) -> None:
        raise StorageError("the database is away")

    with patch.context() as away:
        away.setattr("watchdog.storage.incidents.save", takes_nothing)
        return await watcher.people.declare(PATHS[0], "eva.ek", "prov")


async def _both_break(watcher: Watcher) -> None:
    await asyncio.gather(*(watcher.people.declare(path, "eva.ek", "prov") for path in PATHS))


async def test_notices_of_two_outages_never_share_a_place_in_an_endpoints_line(
    watcher: Watcher,
) -> None:
    await _both_break(watcher)
    stored = await watcher.runtime.outbox.listed()
    places = Counter((notice.endpoint, notice.order) for notice in stored)
    assert {notice.endpoint for notice in stored} >= {"it", "tib_sas", "tib_halland"}
    assert [place for place, times in places.items() if times > 1] == []


async def test_an_endpoint_is_told_one_thing_at_a_time(watcher: Watcher) -> None:
    await _both_break(watcher)
    under_way: Counter[str] = Counter()
    most: Counter[str] = Counter()

    class Slow:
        async def send(self, notice: object, endpoint: object) -> None:
            name = endpoint.id  # pyright: ignore[reportAttributeAccessIssue]
            under_way[name] += 1
            most[name] = max(most[name], under_way[name])
            await asyncio.sleep(0.05)
            under_way[name] -= 1

    real, watcher.sender = watcher.sender, Slow()  # pyright: ignore[reportAttributeAccessIssue]
    running = asyncio.create_task(Dispatcher(watcher).run())
    async with asyncio.timeout(5):
        while await watcher.runtime.outbox.oldest_waiting(watcher.runtime.clock.now()) is not None:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait([running])
    watcher.sender = real
    assert set(most) >= {"it", "tib_sas", "tib_halland"}
    assert max(most.values()) == 1


async def test_what_an_earlier_run_left_in_the_journal_stands_before_what_this_one_stores(
    watcher: Watcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _declared_without_a_database(watcher, monkeypatch)
    left = {n.id: n.order for n in watcher.runtime.journal.heads(watcher.runtime.clock.now())}
    assert left
    await _ended(watcher)

    again = await _started(tmp_path)
    await again.people.declare(PATHS[1], "eva.ek", "prov")
    stored = {notice.id: notice.order for notice in await again.runtime.outbox.listed()}
    await _ended(again)
    assert set(left) < set(stored)
    newer = [order for ident, order in stored.items() if ident not in left]
    assert max(left.values()) < min(newer)


async def test_an_outage_that_only_the_journal_holds_can_be_acknowledged(
    watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    ident = await _declared_without_a_database(watcher, monkeypatch)
    await watcher.people.acknowledge(ident, "tib_sas", "Eva Ek", "")
    current = watcher.watches[PATHS[0]].incident
    assert current is not None
    assert "tib_sas" not in current.awaited
