"""At which figures the watchdog's look at itself warns or fails."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from watchdog.clock import ManualClock
from watchdog.errors import StorageError
from watchdog.model.health import Fitness
from watchdog.runner import selfcheck
from watchdog.runner.selfcheck import SelfCheck

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


class Wrong(ManualClock):
    """A wall clock that may be set, beside a monotonic one that may not."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


@pytest.fixture
async def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A watcher that is well; a test makes one thing of it wrong."""

    async def none_waits(_: datetime) -> datetime | None:
        return None

    async def takes_it(*_: object) -> None:
        return

    monkeypatch.setattr(selfcheck, "write_and_read", takes_it)
    monkeypatch.setattr(selfcheck, "declared_after_s", lambda: 90.0)
    clock = Wrong(NOW)
    await clock.advance(1000)
    cadence = SimpleNamespace(evaluation_limit_s=15.0, interval_s=60.0)
    config = SimpleNamespace(cadence=cadence)
    watch = SimpleNamespace(
        evaluated=clock.monotonic(),
        config=config,
        detector=SimpleNamespace(next_probe_at=lambda now: now + 30),
    )
    return SimpleNamespace(
        runtime=SimpleNamespace(
            clock=clock,
            database=None,
            outbox=SimpleNamespace(oldest_waiting=none_waits),
            config=SimpleNamespace(journal_file=tmp_path / "journal.jsonl", peers=()),
            board=SimpleNamespace(peers_until={}, looked=lambda _: None),
        ),
        watches={"p": watch},
        groups=SimpleNamespace(watches={}),
        lasting={},
        checks={},
        checked=0.0,
    )


async def looked(look: SelfCheck) -> None:
    """One look, without the ten seconds after it."""
    turn = asyncio.ensure_future(look.turn())
    for _ in range(200):
        await asyncio.sleep(0.001)
        if look._watcher.checks:
            break
    turn.cancel()
    await asyncio.wait({turn})


async def fitness(beside: Any, name: str) -> Fitness:
    await looked(SelfCheck(beside))
    return beside.checks[name].fitness


async def test_what_is_well_passes(beside: Any) -> None:
    await looked(SelfCheck(beside))
    assert {check.fitness for check in beside.checks.values()} == {Fitness.WELL}


@pytest.mark.parametrize(("age_s", "found"), [(15.0, Fitness.WELL), (15.1, Fitness.FAIL)])
async def test_an_evaluation_fails_when_the_path_reads_unknown(
    beside: Any, age_s: float, found: Fitness
) -> None:
    beside.watches["p"].evaluated = beside.runtime.clock.monotonic() - age_s
    assert await fitness(beside, "evaluator:share") is found


@pytest.mark.parametrize(
    ("due", "found"),
    [
        (lambda now: now - 60, Fitness.WELL),
        (lambda now: now - 61, Fitness.WARN),
        (lambda _: float("inf"), Fitness.WELL),
        (lambda _: float("-inf"), Fitness.WELL),
    ],
    ids=["a whole interval late", "later", "none is wanted", "the first is about to leave"],
)
async def test_an_order_that_should_have_left_warns_after_an_interval(
    beside: Any, due: Callable[[float], float], found: Fitness
) -> None:
    beside.watches["p"].detector.next_probe_at = due
    assert await fitness(beside, "prober:late") is found


@pytest.mark.parametrize(("waits_s", "found"), [(60, Fitness.WELL), (61, Fitness.WARN)])
async def test_a_notice_that_waits_for_more_than_a_minute_warns(
    beside: Any, waits_s: int, found: Fitness
) -> None:
    async def oldest(now: datetime) -> datetime:
        return now - timedelta(seconds=waits_s)

    beside.runtime.outbox.oldest_waiting = oldest
    assert await fitness(beside, "outbox:oldestAge") is found


async def test_a_database_that_takes_nothing_warns_and_fails_nothing(
    beside: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuses(*_: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(selfcheck, "write_and_read", refuses)
    assert await fitness(beside, "database:write") is Fitness.WARN
    assert Fitness.FAIL not in {check.fitness for check in beside.checks.values()}


@pytest.mark.parametrize(("jump_s", "found"), [(2.0, Fitness.WELL), (-2.1, Fitness.WARN)])
async def test_a_wall_clock_that_was_set_warns(beside: Any, jump_s: float, found: Fitness) -> None:
    look = SelfCheck(beside)
    await looked(look)
    beside.checks = {}
    beside.runtime.clock.ahead = timedelta(seconds=jump_s)
    await looked(look)
    assert beside.checks["clock:jump"].fitness is found


@pytest.mark.parametrize(("free", "found"), [(15, Fitness.WELL), (14, Fitness.WARN)])
async def test_a_disk_that_fills_warns(
    beside: Any, monkeypatch: pytest.MonkeyPatch, free: int, found: Fitness
) -> None:
    usage = SimpleNamespace(total=100, free=free)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    assert await fitness(beside, "disk:free") is found


@pytest.mark.parametrize(("may", "found"), [(True, Fitness.WELL), (False, Fitness.WARN)])
async def test_a_journal_that_could_not_be_written_warns_before_it_is_wanted(
    beside: Any, monkeypatch: pytest.MonkeyPatch, may: bool, found: Fitness
) -> None:
    monkeypatch.setattr("os.access", lambda *_: may)  # root may write anywhere
    assert await fitness(beside, "journal:write") is found


async def test_descriptors_that_run_out_warn(beside: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sysconf", lambda _: 4)
    assert await fitness(beside, "files:open") is Fitness.WARN


async def test_a_detector_that_would_not_fire_fails(
    beside: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selfcheck, "declared_after_s", lambda: None)
    assert await fitness(beside, "detector:shadow") is Fitness.FAIL
