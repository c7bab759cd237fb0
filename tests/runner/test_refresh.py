"""What time alone changes is looked for in each path once a tick, and never in all of them at once."""

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from watchdog.clock import ManualClock
from watchdog.model.cadence import BENCH, STANDARD, Cadence
from watchdog.runner.common import CommonLoops

PATHS, SECONDS = 200, 10


class Looks:
    """A board that remembers which paths it was asked to look at together."""

    def __init__(self) -> None:
        self.seen: list[set[str]] = []

    def refresh(self, only: Collection[str]) -> None:
        self.seen.append(set(only))


async def looks(cadence: Cadence, *, late_s: float = 0.0) -> list[set[str]]:
    """What was looked at in ten seconds, ten times a second; the first time `late_s` after the start."""
    clock, board = ManualClock(datetime(2026, 11, 23, tzinfo=UTC)), Looks()
    watched = {f"p{n}": SimpleNamespace(cadence=cadence) for n in range(PATHS)}
    runtime = SimpleNamespace(
        clock=clock, board=board, config=SimpleNamespace(watched=watched), database=None
    )
    clock.sleep = clock.advance  # type: ignore[method-assign]
    loops = CommonLoops(cast("Any", SimpleNamespace(runtime=runtime)))
    await clock.advance(late_s)
    while clock.monotonic() < late_s + SECONDS:
        await loops.refresh()
    return board.seen


async def test_each_path_is_looked_at_once_a_tick() -> None:
    counts = Counter(path for seen in await looks(STANDARD) for path in seen)
    assert len(counts) == PATHS
    assert min(counts.values()) >= SECONDS - 2
    assert max(counts.values()) <= SECONDS


async def test_no_look_is_at_all_of_them_but_the_first_after_a_long_pause() -> None:
    assert max(map(len, await looks(STANDARD))) <= PATHS / 5
    first, *others = await looks(STANDARD, late_s=7.3)
    assert len(first) == PATHS
    assert max(map(len, others)) <= PATHS / 5


async def test_where_a_tick_is_shorter_each_look_is_at_all_of_them() -> None:
    counts = Counter(path for seen in await looks(BENCH) for path in seen)
    assert min(counts.values()) >= 5 * SECONDS
