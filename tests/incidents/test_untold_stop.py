"""A stop of sending that a crash left untold is told, whatever else was told since."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.incidents import an_outage
from watchdog.incidents.life import BREAKER
from watchdog.incidents.setting import Setting, Step
from watchdog.model.incident import EventKind, IncidentEvent
from watchdog.model.text import Text
from watchdog.runner import startup
from watchdog.storage.states import PathControl

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
STOPPED = NOW - timedelta(minutes=10)


def update(by: str, at: datetime) -> IncidentEvent:
    because = Text("Därför.", "Because.")
    return IncidentEvent(
        incident="inc_1", number=3, kind=EventKind.UPDATED, at=at, because=because, by=by
    )


@pytest.mark.parametrize(
    ("timeline", "told"),
    [
        ([], 1),
        ([update("remissvakt", NOW)], 1),
        ([update(BREAKER, STOPPED - timedelta(hours=1))], 1),
        ([update(BREAKER, STOPPED + timedelta(seconds=1)), update("remissvakt", NOW)], 0),
    ],
    ids=["nothing was told", "something else was", "an earlier stop was", "it was"],
)
async def test_only_what_told_of_that_stop_counts(timeline: list[IncidentEvent], told: int) -> None:
    kept: list[Step] = []

    async def is_noted(_: str, by: str, since: datetime) -> bool:
        return any(event.by == by and event.at >= since for event in timeline)

    async def record(_: object, step: Step) -> None:
        kept.append(step)

    place: Any = SimpleNamespace(id="p", scenario="engine_down")
    now = Setting(path=place, site=place, now=NOW, mono=0.0, fresh_id="inc_2")
    control = PathControl(
        path="p", sending="rejected", by="remissvakt", reason="answered AE", at=STOPPED
    )
    watch: Any = SimpleNamespace(
        id="p", control=control, incident=an_outage(NOW), lock=asyncio.Lock()
    )
    watcher: Any = SimpleNamespace(
        runtime=SimpleNamespace(incidents=SimpleNamespace(is_noted=is_noted)),
        advance=SimpleNamespace(setting=lambda _: now, record=record),
    )
    await startup._tell_of_stop(watcher, watch)
    assert [events[0].by for _, events in kept] == [BREAKER] * told
