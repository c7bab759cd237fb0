"""What an API process says of another's evaluation is never younger than it is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.assembled import answering
from tests.support.states import a_path_state
from watchdog.clock import ManualClock
from watchdog.errors import NotReady, StorageError
from watchdog.model.outage import State
from watchdog.runner.follow import Follower
from watchdog.runtime import Runtime
from watchdog.storage.rows import upsert
from watchdog.storage.states import PathState
from watchdog.storage.tables import meta

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
LATE_S = 1.0


@pytest.fixture
async def clock() -> ManualClock:
    made = ManualClock(NOW)
    await made.advance(5)
    return made


@pytest.fixture
async def runtime(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Runtime]:
    async with answering(tmp_path, clock) as made:
        yield made


@pytest.mark.parametrize("slow", ["states", "incidents"])
async def test_a_database_that_answers_late_makes_no_evaluation_younger(
    runtime: Runtime, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    await runtime.states.save([_healthy(clock.now())])
    name = "all" if slow == "states" else "of_path"
    asked = getattr(getattr(runtime, slow), name)

    async def late(*words: object) -> object:
        found = await asked(*words)
        await clock.advance(LATE_S)
        return found

    monkeypatch.setattr(getattr(runtime, slow), name, late)
    evaluated = clock.monotonic()
    await Follower(runtime).look()
    seen = runtime.board.path("sas_om_ris").snapshot
    assert clock.monotonic() > evaluated
    assert seen.evaluated_mono <= evaluated
    assert seen.life_mono is not None
    assert seen.life_mono <= evaluated


async def test_the_age_of_the_evidence_does_not_depend_on_the_clock_of_who_asks(
    runtime: Runtime, clock: ManualClock
) -> None:
    follower = Follower(runtime)
    for beat in (0, 1):
        theirs = clock.now() + timedelta(minutes=10)  # the clock of who watches is ahead of ours
        old = timedelta(seconds=80, milliseconds=beat)
        state = replace(_healthy(theirs), life_at=theirs - old)
        await runtime.states.save([state])
        await follower.look()
        seen = runtime.board.path("sas_om_ris").snapshot
        assert seen.life_mono is not None
        assert seen.evaluated_mono - seen.life_mono == pytest.approx(old.total_seconds())
        await clock.advance(9)


async def test_the_numbers_are_the_leaders_whatever_changes_here(
    runtime: Runtime, clock: ManualClock
) -> None:
    board, follower = runtime.board, Follower(runtime)
    board.follows = True
    async with runtime.database.transaction() as db:
        await upsert(db, meta, {"key": "epoch", "value": "3"})
    await runtime.states.save(
        [
            replace(_healthy(clock.now()), epoch=3, revision=100),
            # of a leader that is no more, and of a path that is no more
            replace(_healthy(clock.now()), path="gone", epoch=2, revision=5000),
        ]
    )
    await follower.look()
    assert (board.epoch, board.revision) == (3, 100)
    before = board.mark
    await clock.advance(200)  # the database has not answered for so long
    assert board.refresh()
    assert board.effective(board.path("sas_om_ris")).state is State.UNKNOWN
    assert board.mark != before
    assert (board.epoch, board.revision) == (3, 100)


async def test_a_key_is_known_when_the_database_is_gone(
    runtime: Runtime, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await runtime.keys.make("read", "clinic", clock.now())
    await Follower(runtime).look()

    async def gone(_: str) -> None:
        raise StorageError("it is gone")

    monkeypatch.setattr(runtime.keys, "_read", gone)
    assert await runtime.keys.check(key) is not None
    assert await runtime.keys.check(f"{key[:-1]}x") is None


async def test_a_word_of_a_newer_version_makes_that_path_stale_and_no_other(
    runtime: Runtime, clock: ManualClock
) -> None:
    now = clock.now()
    await runtime.states.save([_healthy(now), replace(_healthy(now), path="sas_two", phase="new")])
    other = replace(runtime.config.paths["sas_om_ris"], id="sas_two")
    runtime.config.paths["sas_two"] = other
    await Follower(runtime).look()
    assert runtime.board.effective(runtime.board.path("sas_om_ris")).state is State.NORMAL
    with pytest.raises(NotReady):
        runtime.board.path("sas_two")


async def test_a_chapter_that_the_routine_here_does_not_have_is_the_paths_own(
    runtime: Runtime, clock: ManualClock
) -> None:
    await runtime.states.save([replace(_healthy(clock.now()), scenario="of_tomorrow")])
    await Follower(runtime).look()
    view = runtime.board.path("sas_om_ris")
    assert view.scenario == runtime.config.paths["sas_om_ris"].scenario


def _healthy(now: datetime) -> PathState:
    return a_path_state("sas_om_ris", now)
