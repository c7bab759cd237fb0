"""The watchdog looks at itself every ten seconds, and proves once an hour that it would still fire.

Source: hazards, R11. What fails here is told by `/healthz`, the metrics and the log, and stops the
outgoing heartbeat, so that somebody outside hears of it; it is never an outage of a path.
"""

import asyncio
import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import structlog

from watchdog.detection.shadow import declared_after_s
from watchdog.errors import StorageError
from watchdog.model.health import Check, Fitness
from watchdog.runtime import Watcher
from watchdog.storage.meta import write_and_read
from watchdog.within import within

log = structlog.get_logger()
EVERY_S, SHADOW_EVERY_S, ANSWER_S = 10.0, 3600.0, 2.0
CLOCK_MOST_S = 2.0
"""The wall clock may differ this much from the monotonic one between two looks."""
DISK_LEAST, FILES_MOST = 0.15, 0.8
NOTICE_MOST_S = 60.0


class SelfCheck:
    """Looks; what it found is in `watcher.checks`."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher, self._clock = watcher, watcher.runtime.clock
        self._apart: float | None = None
        self._shadow_at = -math.inf
        self._shadow: float | None = None

    async def turn(self) -> None:
        """One look at everything."""
        found = [
            self._evaluator(),
            self._prober(),
            self._clocks(),
            *await self._stored(),
            *self._journal(),
            self._files(),
            await self._would_fire(),
            *self._peers(),
            *self._watcher.lasting.values(),
        ]
        before = self._watcher.checks
        for check in found:
            known = before.get(check.name)
            if check.fitness is not Fitness.WELL and (
                known is None or known.fitness is not check.fitness
            ):
                log.warning(
                    "self_check", check=check.name, value=check.value, fitness=check.fitness.value
                )
        self._watcher.checks = {check.name: check for check in found}
        self._watcher.checked = self._clock.monotonic()
        self._watcher.runtime.board.looked(found)
        await self._clock.sleep(EVERY_S)

    def _check(self, name: str, value: float | None, unit: str, fitness: Fitness) -> Check:
        return Check(name=name, value=value, unit=unit, fitness=fitness, at=self._clock.now())

    def _evaluator(self) -> Check:
        """The oldest evaluation, as a share of the age at which a path reads `unknown`."""
        mono = self._clock.monotonic()
        watches = [*self._watcher.watches.values(), *self._watcher.groups.watches.values()]
        worst = max(
            ((mono - w.evaluated) / w.config.cadence.evaluation_limit_s for w in watches), default=0
        )
        shown = worst if math.isfinite(worst) else None
        return self._check("evaluator:share", shown, "share", _fail(worst > 1))

    def _prober(self) -> Check:
        """By how much the order that is most overdue is late, as a share of what may pass unnoticed."""
        mono = self._clock.monotonic()
        worst = 0.0
        for watch in self._watcher.watches.values():
            cadence = watch.config.cadence
            due = watch.detector.next_probe_at(mono)
            if math.isfinite(due):  # else none is wanted, or the first is about to leave
                worst = max(
                    worst, (mono - due) / max(cadence.interval_s, cadence.evaluation_limit_s)
                )
        return self._check("prober:late", worst, "share", _warn(worst > 1))

    def _clocks(self) -> Check:
        apart = self._clock.now().timestamp() - self._clock.monotonic()
        jumped = abs(apart - self._apart) if self._apart is not None else 0.0
        self._apart = apart
        return self._check("clock:jump", jumped, "s", _warn(jumped > CLOCK_MOST_S))

    async def _stored(self) -> list[Check]:
        runtime, now = self._watcher.runtime, self._clock.now()
        began = self._clock.monotonic()
        try:
            await within(ANSWER_S, write_and_read(runtime.database, now.isoformat()))
            oldest = await within(ANSWER_S, runtime.outbox.oldest_waiting(now))
        except StorageError:  # detection and status go on without it, orders and clears do not
            return [self._check("database:write", None, "s", Fitness.WARN)]
        waiting = (now - oldest).total_seconds() if oldest else 0.0
        took = self._clock.monotonic() - began
        return [
            self._check("database:write", took, "s", Fitness.WELL),
            self._check("outbox:oldestAge", waiting, "s", _warn(waiting > NOTICE_MOST_S)),
        ]

    def _journal(self) -> Iterator[Check]:
        """Where it would be written if the database took nothing: may it, and is there room?"""
        folder = self._watcher.runtime.config.journal_file.parent
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent  # it is made with the first line
        refused = not os.access(folder, os.W_OK | os.X_OK)
        yield self._check("journal:write", float(refused), "refused", _warn(refused))
        try:
            usage = shutil.disk_usage(folder)
        except OSError:
            yield self._check("disk:free", None, "share", Fitness.WARN)
            return
        free = usage.free / usage.total
        yield self._check("disk:free", free, "share", _warn(free < DISK_LEAST))

    def _peers(self) -> Iterator[Check]:
        """A peer that does not answer is lost redundancy; seconds for which its word still holds."""
        board, mono = self._watcher.runtime.board, self._clock.monotonic()
        for peer in self._watcher.runtime.config.peers:
            left = board.peers_until.get(peer.id, -math.inf) - mono
            shown = left if math.isfinite(left) else None
            yield self._check(f"peer:{peer.id}", shown, "s", _warn(left <= 0))

    def _files(self) -> Check:
        """Open descriptors, as a share of what this process may open."""
        own = Path("/proc/self/fd")
        if not own.exists():
            return self._check("files:open", None, "share", Fitness.WELL)
        share = len(os.listdir(own)) / os.sysconf("SC_OPEN_MAX")  # noqa: PTH208 - names, no paths
        return self._check("files:open", share, "share", _warn(share > FILES_MOST))

    async def _would_fire(self) -> Check:
        mono = self._clock.monotonic()
        if mono - self._shadow_at >= SHADOW_EVERY_S:
            self._shadow_at = mono
            self._shadow = await asyncio.to_thread(declared_after_s)
        return self._check("detector:shadow", self._shadow, "s", _fail(self._shadow is None))


def _fail(failing: bool) -> Fitness:
    return Fitness.FAIL if failing else Fitness.WELL


def _warn(wanting: bool) -> Fitness:
    return Fitness.WARN if wanting else Fitness.WELL
