"""Every canary passes while a share of one sender's real referrals vanishes: the tap must tell."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.tapped import tapped
from tests.support.world import PATHS, World
from watchdog.clock import SystemClock
from watchdog.hl7.client import MllpClient

SENDERS = ("VAS_NORTH", "VAS_SOUTH", "VAS_WEST")
GAP_S = 0.06


class Traffic:
    """Three senders; what the engine copies to both sides of the tap."""

    def __init__(self, ports: dict[str, int]) -> None:
        self.ill, self.share, self.number = "", 0.0, 0
        self._chance = random.Random(7)
        clock = SystemClock()
        self._sides = {
            side: MllpClient("127.0.0.1", port, clock=clock, ack_timeout_s=2, keep=True, tls=None)
            for side, port in ports.items()
        }

    async def run(self) -> None:
        while True:
            self.number += 1
            sender = self._chance.choice(SENDERS)
            await self._copy("sent", sender)
            if sender != self.ill or self._chance.random() >= self.share:
                await self._copy("arrived", sender)
            await asyncio.sleep(GAP_S)

    async def close(self) -> None:
        for client in self._sides.values():
            await client.close()

    async def _copy(self, side: str, sender: str) -> None:
        text = (
            f"MSH|^~\\&|{sender}|H|RIS|H|20261121120000||ORM^O01^ORM_O01|C{side}{self.number}|P|2.3.1\r"
            f"ORC|NW|R{self.number}\rOBR|1|R{self.number}\r"
        )
        await self._sides[side].send(text.encode(), f"C{side}{self.number}")


@asynccontextmanager
async def copied(
    world: World, path: str, ill: str, share: float = 0.0
) -> AsyncGenerator[Traffic, None]:
    """Real orders on their way, copied to both sides of the path's tap."""
    traffic = Traffic(world.runner.taps[path])
    traffic.ill, traffic.share = ill, share
    running = asyncio.create_task(traffic.run())
    try:
        yield traffic
    finally:
        running.cancel()
        await asyncio.wait([running])
        await traffic.close()


@pytest.mark.parametrize("share", [0.3])
async def test_a_share_of_one_senders_referrals_vanishes_while_every_canary_passes(
    tmp_path: Path, share: float
) -> None:
    async with World(tmp_path, edit=tapped) as world:
        path = PATHS["biztalk"]
        async with copied(world, path, "") as traffic:
            await world.healthy(6)
            real = (await world.http.get(f"/v1/paths/{path}/real")).json()
            assert real["sent"] > 40
            assert real["sent"] - real["arrived"] <= 2
            await world.state("normal")

            traffic.ill, traffic.share = "VAS_SOUTH", share
            told = await world.until(lambda t: t["state"] == "outage", 60)
            assert told["reason"] == "sender_loss"
            real = (await world.http.get(f"/v1/paths/{path}/real")).json()
            assert real["oldest_missing_s"] > 1
            assert real["sent"] - real["arrived"] >= 4
            assert not [o for o in world.watcher.watches[path].missing() if o.state == "lost"]

        await world.stop_service()
        await world.start_service()
        async with copied(world, path, "VAS_SOUTH", share) as traffic:
            await asyncio.sleep(4)
            assert (await world.clinic())["incident"] == told["incident"]
            assert world.watcher.watches[path].detector.recovery.sender.startswith("VAS_SOUTH")
            traffic.share = 0.0
            await world.state("normal", 60)
