"""A world whose service has a wall clock that is moved by hand; its hospital keeps the right time."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from standardwebhooks.webhooks import Webhook

from tests.support.world import World
from watchdog.clock import SystemClock
from watchdog.simulator.web import Hooks

FAR_S = 7200.0
HOLD_OFF_S = 6.0
BACKWARDS = 2
"""So many small steps back in a row."""


class JumpingClock(SystemClock):
    """The machine's clocks with the wall time moved; with `all_clocks` the monotonic time too."""

    def __init__(self, *, all_clocks: bool = False) -> None:
        self.offset_s, self._all = 0.0, all_clocks

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.offset_s)

    def monotonic(self) -> float:
        return super().monotonic() + (self.offset_s if self._all else 0.0)


class Jumps:
    """Draws jumps, never further than two hours from the right time."""

    def __init__(self, chance: random.Random, clock: JumpingClock) -> None:
        self._chance, self._clock = chance, clock
        self._back = 0
        self.made = Counter[str]()

    def back_an_hour(self) -> None:
        """As a summer time that was a mistake is taken back."""
        if self._clock.offset_s < 3600.0 - FAR_S:  # there is no room: forth first
            self._clock.offset_s += 3600.0
        self._clock.offset_s -= 3600.0
        self.made["hour"] += 1

    def jump(self) -> str:
        """Move the wall clock; what was done, in words."""
        chance, before = self._chance, self._clock.offset_s
        kind = (
            "back again" if self._back else chance.choice(("far", "far", "hour", "small", "back"))
        )
        match kind:
            case "far":
                after = chance.uniform(-FAR_S, FAR_S)
            case "hour":
                after = before + chance.choice((-3600.0, 3600.0))
            case "small":
                after = before + chance.uniform(-5.0, 5.0)
            case _:
                self._back = self._back - 1 if self._back else BACKWARDS
                after = before - chance.uniform(1.0, 1200.0)
        if abs(after) > FAR_S:  # the other way, and no further
            after = max(-FAR_S, min(FAR_S, 2 * before - after))
        self._clock.offset_s = after
        self.made[kind] += 1
        return f"{kind} {after - before:+.0f} s to {after:+.0f} s"


class Receivers(Hooks):
    """Receivers of notices that do not mind an old signature; `careful` ones do, as most will.

    A careful receiver refuses what was signed more than five minutes ago or ahead (Standard
    Webhooks), so while our clock is that wrong no notice gets through: each waits, and is told later.
    """

    careful = False

    def take(self, name: str, headers: dict[str, str], body: bytes) -> int:
        if not self.careful:
            ident, text, key = headers["webhook-id"], body.decode(), Webhook(self.secrets[name])
            stamp = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
            if key.sign(ident, stamp, text) in headers["webhook-signature"].split():
                now = self.clock.now()
                headers = headers | {
                    "webhook-timestamp": str(int(now.timestamp())),
                    "webhook-signature": key.sign(ident, now, text),
                }
        return super().take(name, headers, body)


class ClockWorld(World):
    """Halmstad's RIS is read by polling only, Borås's tells us itself: both ways see the jumps."""

    clock: JumpingClock

    def __init__(self, folder: Path, *, all_clocks: bool = False) -> None:
        super().__init__(folder, edit=_polled, hold_off_s=HOLD_OFF_S)
        self._jumping = JumpingClock(all_clocks=all_clocks)

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        hooks = self.hospital.hooks
        self.receivers = Receivers(hooks.secrets, hooks.clock, hooks.file)
        self.hospital.hooks = self.receivers
        return self

    async def start_service(self) -> None:
        """With a clock of its own; the hospital has begun with the right one."""
        self.clock = self._jumping
        await super().start_service()

    async def nothing_left(self, patience_s: float) -> tuple[int, float]:
        """(notices, seconds until all is well) once the clock is right: told, taken, cancelled."""
        self.clock.offset_s = 0.0
        began = self.clock.monotonic()
        await self.cleaned(patience_s)
        while waiting := await self.runtime.outbox.listed(waiting=True):
            assert self.clock.monotonic() - began < patience_s, (
                f"{len(waiting)} notices wait, the next until {waiting[-1].next_attempt_at}"
            )
            await asyncio.sleep(0.1)
        took = self.clock.monotonic() - began
        stored = {(n.endpoint, n.event_id) for n in await self.runtime.outbox.listed(100_000)}
        hooks: list[dict[str, Any]] = self.hospital.hooks.received
        got = {(hook["endpoint"], hook["webhook_id"]) for hook in hooks if hook["verified"]}
        assert got == stored, f"never delivered: {sorted(stored - got)[:3]}"
        return len(stored), took


def _polled(text: str) -> str:
    """Without the listener of the second path, which is Halmstad's."""
    lines = text.splitlines(keepends=True)
    listening = [n for n, line in enumerate(lines) if "kind: listener" in line]
    del lines[listening[1]]
    return "".join(lines)
