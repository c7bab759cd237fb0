"""Cancels spare the RIS that takes them: two a second over all its paths, and no other RIS's."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample
from watchdog.clock import ManualClock
from watchdog.config.load import load
from watchdog.model.cadence import BENCH, RIS_CANCELS_PER_S, STANDARD, Cadence
from watchdog.model.order import Order, OrderState
from watchdog.model.site import PathConfig
from watchdog.service.cleanup import Cleaner
from watchdog.service.keeping import Keeper
from watchdog.service.watch import Watch

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Kept:
    """Stores in memory, and leads; what would be transmitted is counted."""

    def __init__(self) -> None:
        self.stored: list[Order] = []

    def leads(self) -> bool:
        return True

    async def commit(self, order: Order) -> None:
        self.stored.append(order)

    def start(self, watch: Watch, work: Coroutine[None, None, None]) -> None:
        work.close()


def sample_path(folder: Path) -> PathConfig:
    write_sample(folder / "remissvakt.yaml", Sample())
    config, _ = load(folder / "remissvakt.yaml", test_environment=True)
    return config.paths["halland_vas_biztalk_ris"]


def watch(base: PathConfig, number: int, ris: str, cadence: Cadence = STANDARD) -> Watch:
    """A path to `ris` with one order that has arrived and waits for its cancel."""
    nothing = cast("Any", None)
    made = Watch(
        config=replace(base, id=f"p{number}", hops=("biztalk", ris), cadence=cadence),
        site=nothing,
        routine=nothing,
        detector=nothing,
        client=nothing,
        since=NOW,
    )
    order = Order(
        placer=f"RV{number}",
        control_id=f"c{number}",
        path=made.id,
        state=OrderState.ARRIVED,
        planned_at=NOW,
        e6_at=NOW,
        next_cancel_at=NOW,
    )
    made.put(order, ended=False)
    return made


async def cancelled(watches: list[Watch], seconds: float) -> list[float]:
    """When each cancel left: every path looks once a second, all of them at the same moment."""
    clock, kept = ManualClock(NOW), Kept()
    cleaner = Cleaner(cast("Keeper", kept), clock)
    left: list[float] = []

    async def clean_up(each: Watch) -> None:
        while True:
            if await cleaner.cancel_due(each):
                left.append(clock.monotonic())
            await clock.sleep(1.0)

    loops = [asyncio.create_task(clean_up(each)) for each in watches]
    await clock.advance(seconds)
    for loop in loops:
        loop.cancel()
    assert len(left) == len(kept.stored)
    return left


def most_in_a_second(left: list[float]) -> int:
    return max(sum(at <= other < at + 1.0 for other in left) for at in left)


async def test_paths_to_one_ris_share_two_cancels_a_second_and_get_them(tmp_path: Path) -> None:
    base = sample_path(tmp_path)
    left = await cancelled([watch(base, n, "ris") for n in range(40)], 10)
    assert most_in_a_second(left) == RIS_CANCELS_PER_S
    assert len(left) >= 10 * RIS_CANCELS_PER_S


async def test_paths_to_other_riss_do_not_wait_for_each_other(tmp_path: Path) -> None:
    base = sample_path(tmp_path)
    assert await cancelled([watch(base, n, f"ris{n}") for n in range(10)], 0.5) == [0.0] * 10


async def test_one_hospitals_ris_is_not_anothers_of_the_same_name(tmp_path: Path) -> None:
    base = sample_path(tmp_path)
    here = watch(base, 1, "ris")
    there = watch(replace(base, site="nal"), 2, "ris")
    assert await cancelled([here, there], 0.5) == [0.0, 0.0]


async def test_benchmarks_are_exempt_and_take_nobodys_turn(tmp_path: Path) -> None:
    base = sample_path(tmp_path)
    paths = [watch(base, n, "ris", BENCH) for n in range(10)]
    assert await cancelled([*paths, watch(base, 10, "ris")], 0.5) == [0.0] * 11


async def test_an_order_that_ended_while_it_waited_for_its_turn_is_not_cancelled(
    tmp_path: Path,
) -> None:
    base = sample_path(tmp_path)
    paths = [watch(base, n, "ris") for n in range(2)]
    clock, kept = ManualClock(NOW), Kept()
    cleaner = Cleaner(cast("Keeper", kept), clock)
    assert await cleaner.cancel_due(paths[0])
    waiting = asyncio.create_task(cleaner.cancel_due(paths[1]))
    await clock.advance(0.4)
    paths[1].orders.clear()
    await clock.advance(0.2)
    assert not await waiting
    assert len(kept.stored) == 1
