"""A heartbeat says that we are well now: an old look at ourselves is none."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from watchdog.clock import ManualClock
from watchdog.model.endpoint import Heartbeat
from watchdog.model.health import OLD_S, Check, Fitness
from watchdog.runner.heartbeat import Heartbeats

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age_s", "fitness", "beats"),
    [
        (0, Fitness.WELL, 1),
        (0, Fitness.WARN, 1),
        (0, Fitness.FAIL, 0),
        (OLD_S + 1, Fitness.WELL, 0),
    ],
)
async def test_it_beats_only_on_a_fresh_look_that_found_nothing_failing(
    age_s: float, fitness: Fitness, beats: int
) -> None:
    clock, sent = ManualClock(NOW), list[str]()

    async def beat(url: str, body: str) -> None:
        sent.append(url + body)

    look = Check(name="evaluator:share", value=0.1, unit="share", fitness=fitness, at=NOW)
    config = SimpleNamespace(instance="wd-a", watched={})
    runtime = SimpleNamespace(clock=clock, config=config, board=SimpleNamespace(epoch=1))
    watcher: Any = SimpleNamespace(
        runtime=runtime,
        checks={look.name: look},
        checked=clock.monotonic(),
        sender=SimpleNamespace(webhook=SimpleNamespace(beat=beat)),
    )
    await clock.advance(age_s)
    await Heartbeats(watcher, Heartbeat(url="https://outside"))._beat()
    assert len(sent) == beats
