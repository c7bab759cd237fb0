"""Cancels spare the RIS that takes them: two a second over all its paths, and no other RIS's."""

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


async def cancelled(watches: list[Watch], seconds: float) -> list[int]:
    """How many cancels left, counted twenty times a second."""
    clock, kept = ManualClock(NOW), Kept()
    cleaner = Cleaner(cast("Keeper", kept), clock)
    counts: list[int] = []
    for _ in range(round(20 * seconds)):
        for each in watches:
            await cleaner.cancel_due(each)
        counts.append(len(kept.stored))
        await clock.advance(0.05)
    return counts


async def test_paths_to_one_ris_share_two_cancels_a_second(tmp_path: Path) -> None:
    base = sample_path(tmp_path)
    counts = await cancelled([watch(base, n, "ris") for n in range(10)], 3)
    per_s = [after - before for before, after in zip([0, *counts], counts[19:], strict=False)]
    assert max(per_s) <= RIS_CANCELS_PER_S
    assert counts[-1] == 6


async def test_paths_to_other_riss_do_not_wait_for_each_other(tmp_path: Path) -> None:
    base = sample_path(tmp_path)
    assert (await cancelled([watch(base, n, f"ris{n}") for n in range(10)], 0.1))[-1] == 10


async def test_one_hospitals_ris_is_not_anothers_of_the_same_name(tmp_path: Path) -> None:
    base = sample_path(tmp_path)
    here = watch(base, 1, "ris")
    there = watch(replace(base, site="nal"), 2, "ris")
    assert (await cancelled([here, there], 0.1))[-1] == 2


async def test_benchmarks_are_exempt(tmp_path: Path) -> None:
    base = sample_path(tmp_path)
    paths = [watch(base, n, "ris", BENCH) for n in range(10)]
    assert (await cancelled(paths, 0.1))[-1] == 10
