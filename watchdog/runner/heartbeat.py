"""The outgoing heartbeat: somebody outside raises the alarm when it stays away (hazards, R12).

It says that this process watches and evaluates, and leaves only while that is so. Whoever listens
must share neither host, database nor network path with us, and rings within two minutes.
"""

import json
import math

import structlog

from watchdog.errors import DeliveryError
from watchdog.model.endpoint import Heartbeat
from watchdog.model.health import OLD_S, Fitness
from watchdog.runtime import Watcher

log = structlog.get_logger()
FIRST_S = 0.2


class Heartbeats:
    """Beats while the self-check finds nothing that fails."""

    def __init__(self, watcher: Watcher, heartbeat: Heartbeat) -> None:
        self._watcher, self._heartbeat = watcher, heartbeat
        self._well = True

    async def turn(self) -> None:
        """One beat, or none; the first one as soon as we have looked at ourselves."""
        clock = self._watcher.runtime.clock
        began = clock.monotonic()
        while math.isinf(self._watcher.checked) and clock.monotonic() - began < OLD_S:
            await clock.sleep(FIRST_S)
        await self._beat()
        await clock.sleep(self._heartbeat.every_s)

    async def _beat(self) -> None:
        checks = self._watcher.checks
        failing = sorted(n for n, check in checks.items() if check.fitness is Fitness.FAIL)
        age = self._watcher.runtime.clock.monotonic() - self._watcher.checked
        if failing or age > OLD_S:
            self._say("no_heartbeat", why=", ".join(failing) or "the look at ourselves has stopped")
            return
        config = self._watcher.runtime.config
        body = {
            "instance": config.instance,
            "epoch": self._watcher.runtime.board.epoch,
            "paths": len(config.watched),
            "warns": sorted(n for n, check in checks.items() if check.fitness is Fitness.WARN),
        }
        try:
            await self._watcher.sender.webhook.beat(self._heartbeat.url, json.dumps(body))
        except DeliveryError as error:
            self._say("heartbeat_not_taken", why=str(error))
            return
        self._well = True

    def _say(self, event: str, *, why: str) -> None:
        """Once, not every half minute."""
        if self._well:
            log.warning(event, why=why)
        self._well = False
