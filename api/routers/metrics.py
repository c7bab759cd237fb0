"""Prometheus text, gathered at each scrape; labels are configured ids only, never text."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

import watchdog
from api.deps import ANSWER_S, RuntimeDep, WatcherDep
from watchdog.errors import StorageError
from watchdog.model.health import Fitness
from watchdog.model.outage import State
from watchdog.routines.check import days_left
from watchdog.runtime import Runtime, Watcher
from watchdog.within import within

router = APIRouter(tags=["health"])


@router.get("/metrics", operation_id="metrics")
async def metrics(found: RuntimeDep, beside: WatcherDep) -> Response:
    """Metrics named `remissvakt_…`, in base units."""
    registry = CollectorRegistry()
    registry.register(_Board(found, beside, await _stored(found)))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@dataclass(frozen=True, slots=True)
class _Stored:
    """What only the database knows."""

    orders: dict[str, int]
    waiting_s: float
    """Since when the oldest notice has been due."""
    failing: dict[str, tuple[int, float]]


async def _stored(found: Runtime) -> _Stored | None:
    """None while the database does not answer: its metrics are then left out, not nought."""
    try:
        return await within(ANSWER_S, _read(found, found.clock.now()))
    except StorageError:
        return None


async def _read(found: Runtime, now: datetime) -> _Stored:
    oldest = await found.outbox.oldest_waiting(now)
    return _Stored(
        orders=await found.book.counts(),
        waiting_s=(now - oldest).total_seconds() if oldest else 0.0,
        failing=await found.outbox.failing(now),
    )


class _Board(Collector):
    def __init__(self, runtime: Runtime, watcher: Watcher | None, stored: _Stored | None) -> None:
        self._runtime, self._watcher, self._stored = runtime, watcher, stored

    def collect(self) -> Iterable[Metric]:
        board = self._runtime.board
        state = GaugeMetricFamily(
            "remissvakt_path_state", "1 for the published state.", labels=["path", "state"]
        )
        evaluated = GaugeMetricFamily(
            "remissvakt_evaluated_timestamp_seconds", "Newest evaluation.", labels=["path"]
        )
        good = GaugeMetricFamily(
            "remissvakt_last_good_timestamp_seconds",
            "When the newest order known to have arrived was sent.",
            labels=["path"],
        )
        waiting = GaugeMetricFamily(
            "remissvakt_open_orders", "Orders not at their end, or looked for.", labels=["path"]
        )
        for view in board.paths():
            now = board.effective(view).state
            for each in State:
                state.add_metric([view.config.id, each.value], float(each is now))
            evaluated.add_metric([view.config.id], view.evaluated_at.timestamp())
            if view.last_good_at is not None:
                good.add_metric([view.config.id], view.last_good_at.timestamp())
            waiting.add_metric([view.config.id], view.open_orders)
        yield from (state, evaluated, good, waiting)
        yield self._routines()
        yield GaugeMetricFamily(
            "remissvakt_database_up", "The database answers.", value=float(self._stored is not None)
        )
        if self._stored is not None:
            yield from _of_database(self._stored)
        yield GaugeMetricFamily(
            "remissvakt_asyncio_tasks", "Tasks of this process.", value=len(asyncio.all_tasks())
        )
        yield GaugeMetricFamily("remissvakt_epoch", "Epoch in force.", value=board.epoch)
        yield GaugeMetricFamily("remissvakt_revision", "Revision in force.", value=board.revision)
        build = {"version": watchdog.__version__, "instance": self._runtime.config.instance}
        yield InfoMetricFamily("remissvakt_build", "This build.", value=build)
        if self._watcher is not None:
            yield self._own_checks(self._watcher)
            yield CounterMetricFamily(
                "remissvakt_transitions",
                "Changes of phase.",
                value=self._watcher.advance.transitions,
            )
            yield CounterMetricFamily(
                "remissvakt_arrivals_ignored",
                "Arrivals of numbers that are not ours.",
                value=self._watcher.arrivals.ignored,
            )

    def _own_checks(self, watcher: Watcher) -> Metric:
        found = GaugeMetricFamily(
            "remissvakt_self_check",
            "1 if the newest look at this part of ourselves passed.",
            labels=["check"],
        )
        for check in watcher.checks.values():
            found.add_metric([check.name], float(check.fitness is Fitness.WELL))
        return found

    def _routines(self) -> Metric:
        """Days until each routine expires; a routine without validity has no sample (H20)."""
        left = GaugeMetricFamily(
            "remissvakt_routine_valid_days",
            "Days until the routine's last day; negative once it has expired.",
            labels=["site"],
        )
        now = self._runtime.clock.now()
        for site in self._runtime.config.sites:
            days = days_left(self._runtime.routines[site], now)
            if days is not None:
                left.add_metric([site], days)
        return left


def _of_database(stored: _Stored) -> Iterable[Metric]:
    orders = GaugeMetricFamily("remissvakt_orders", "Rows by state.", labels=["state"])
    for name, count in stored.orders.items():
        orders.add_metric([name], count)
    tries = GaugeMetricFamily(
        "remissvakt_notice_tries",
        "Tries in vain of an endpoint's waiting notice; no sample: nothing fails.",
        labels=["endpoint"],
    )
    for endpoint, (count, _) in stored.failing.items():
        tries.add_metric([endpoint], count)
    yield orders
    yield tries
    yield GaugeMetricFamily(
        "remissvakt_outbox_oldest_age_seconds",
        "How long the oldest notice that is due has waited.",
        value=stored.waiting_s,
    )
