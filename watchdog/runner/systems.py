"""The loops that look at every other system: one task per probe, a crash is an unknown look."""

import asyncio
import random

import structlog

from watchdog.model.system import FAILS, Look, Outcome
from watchdog.probes import control
from watchdog.probes.look import ProbeSettings, Seen, SystemProbe, timed
from watchdog.probes.registry import make_probe
from watchdog.runtime import Watcher

log = structlog.get_logger()
MOST_STAGGER_S = 5.0


class SystemLoops:
    """Runs every configured probe of every system until cancelled."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._clock = watcher.runtime.clock

    async def run(self) -> None:
        """Look at every system, each probe at its own interval."""
        async with asyncio.TaskGroup() as group:
            for system in self._watcher.runtime.config.systems.values():
                for index, settings in enumerate(system.probes):
                    group.create_task(self._forever(system.id, index, settings))

    async def _forever(self, system: str, index: int, settings: ProbeSettings) -> None:
        probe = make_probe(settings)
        name = f"{system}.{settings.model_dump()['kind']}"
        try:
            # not all at the same moment: a burst of looks is load that nobody asked for
            stagger = min(MOST_STAGGER_S, settings.every_s / 2)
            await self._clock.sleep(random.uniform(0, stagger))  # noqa: S311 - no secret
            while True:
                await self._once(probe, system, index, settings, name)
                await self._clock.sleep(settings.every_s)
        finally:
            await probe.close()

    async def _once(
        self, probe: SystemProbe, system: str, index: int, settings: ProbeSettings, name: str
    ) -> None:
        try:
            seen, spent = await timed(settings, probe.look)
        except Exception:
            log.exception("probe_crashed", probe=name)
            seen, spent = Seen(Outcome.UNKNOWN, "the probe itself failed"), 0.0
        if seen.outcome in FAILS and await self._blind(system):
            seen = Seen(Outcome.UNKNOWN, f"no control answers either; {seen.detail}")
        look = Look(
            probe=name,
            target=system,
            crosses=settings.crosses,
            outcome=seen.outcome,
            detail=seen.detail,
            seconds=round(spent, 3),
        )
        takes_s = 2 * settings.timeout_s + control.TIMEOUT_S
        self._watcher.systems.saw(system, index, look, settings.every_s, takes_s)

    async def _blind(self, system: str) -> bool:
        """A look failed: does anything answer that should, if we see at all?"""
        config = self._watcher.runtime.config
        controls = config.controls_of(config.systems[system].site)
        passed = await asyncio.gather(*(control.passes(each) for each in controls))
        return bool(controls) and not any(passed)
