"""What changes a path by itself is weighed within a tick; an evaluation is as old as its beginning."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import AsyncMock

import pytest

from tests.support.assembled import PATH, assembled
from tests.support.incidents import an_outage
from watchdog.clock import ManualClock
from watchdog.detection.path import PathDetector
from watchdog.model.incident import EventKind, IncidentEvent
from watchdog.model.observation import cold_profile
from watchdog.model.text import Text
from watchdog.runner.startup import adopt
from watchdog.runtime import Watcher
from watchdog.service.watch import Watch
from watchdog.storage import incidents

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DATABASE_S = 3.0


@pytest.fixture
async def clock() -> ManualClock:
    made = ManualClock(NOW)
    await made.advance(1000)
    return made


@pytest.fixture
async def watcher(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Watcher]:
    async with assembled(tmp_path, clock) as made:
        yield made


@pytest.fixture
def watch(watcher: Watcher, clock: ManualClock) -> Watch:
    """Evaluated just now, and nothing under way."""
    found = watcher.watches[PATH]
    cadence = found.config.cadence
    found.detector = PathDetector(cold_profile(cadence.interval_s, 10.0), cadence, starting=False)
    found.evaluated = found.last_heartbeat = clock.monotonic()
    return found


def left_alone_s(watcher: Watcher, watch: Watch, clock: ManualClock) -> float:
    return watcher.advance.wanted_at(watch) - clock.monotonic()


async def test_a_breaker_that_opens_is_weighed_within_a_tick(
    watcher: Watcher, watch: Watch, clock: ManualClock
) -> None:
    tick_s = watch.config.cadence.tick_s
    assert left_alone_s(watcher, watch, clock) > tick_s
    assert await watcher.keeper.open_breaker(watch, "order rejected")
    assert watch.stirred.is_set(), "who sleeps until it is wanted must wake"
    assert left_alone_s(watcher, watch, clock) <= tick_s


async def test_an_outage_that_was_adopted_is_weighed_within_a_tick(
    watcher: Watcher, watch: Watch, clock: ManualClock
) -> None:
    theirs = an_outage(clock.now(), path=PATH, site=watch.site.id)
    told = IncidentEvent(
        incident=theirs.id,
        number=1,
        kind=EventKind.DECLARED,
        at=clock.now(),
        because=Text("Inget kommer fram.", "Nothing arrives."),
    )
    async with watcher.runtime.database.transaction() as db:
        await incidents.save(db, theirs, [told])
    await adopt(watcher)
    assert watch.incident == theirs
    assert watch.stirred.is_set()
    assert left_alone_s(watcher, watch, clock) <= watch.config.cadence.tick_s


async def test_an_evaluation_that_waited_for_the_database_is_as_old_as_its_beginning(
    watcher: Watcher, watch: Watch, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(_: Watch) -> None:
        await clock.advance(DATABASE_S)

    monkeypatch.setattr(watcher.advance._recorder, "store_pending", slow)
    monkeypatch.setattr(watcher.advance._recorder, "store_state", AsyncMock())
    began = clock.now()
    await watcher.advance.advance(watch)
    assert clock.now() == began + timedelta(seconds=DATABASE_S)
    assert watcher.advance.views.view(watch).evaluated_at == began
    assert watcher.advance.views.state(watch).evaluated_at == began
