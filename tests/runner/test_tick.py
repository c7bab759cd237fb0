"""A path is evaluated when that is wanted: sooner if it was stirred, and never round and round."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from watchdog.clock import SystemClock
from watchdog.runner.loops import Runner

IDLE_S, TICK_S = 10.0, 0.05


class Evaluating:
    """Wanted a tick after the last time if stirred, else ten seconds after it; counts what is done."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock
        self.evaluated, self.times, self.asked = clock.monotonic(), 0, 0

    def wanted_at(self, watch: Any) -> float:
        self.asked += 1
        return self.evaluated + (TICK_S if watch.stirred.is_set() else IDLE_S)

    async def advance(self, watch: Any) -> None:
        watch.stirred.clear()
        self.evaluated = self._clock.monotonic()
        self.times += 1


async def test_what_stirs_a_path_brings_its_evaluation_forward_once() -> None:
    clock = SystemClock()
    advance, watch = Evaluating(clock), SimpleNamespace(stirred=asyncio.Event())
    runner = cast("Any", SimpleNamespace(_watcher=SimpleNamespace(advance=advance), _clock=clock))

    async def ticking() -> None:
        while True:
            await Runner._tick(runner, cast("Any", watch))

    task = asyncio.create_task(ticking())
    await asyncio.sleep(4 * TICK_S)
    assert advance.times == 0
    watch.stirred.set()
    await asyncio.sleep(4 * TICK_S)
    assert advance.times == 1
    assert advance.asked < 10, "it sleeps, and does not ask again and again"
    task.cancel()
