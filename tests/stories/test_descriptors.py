"""A service that may open nothing more (EMFILE) hides no outage while it lasts, and forgets none of it."""

import asyncio
import resource
from pathlib import Path

from tests.support.patience import comes_true
from tests.support.postgresql import own_server
from tests.support.single import Single
from watchdog.simulator.faults import FaultKind

KNOWN_S = 6.0
"""A status of `bench` may be believed for 3 s, and what it says of the path is known within as much."""


async def _says(site: Single) -> str | None:
    told = await site.node.clinic()
    return None if told is None else str(told["state"])


async def test_without_descriptors_it_never_says_that_a_broken_path_is_well(tmp_path: Path) -> None:
    with own_server() as server:
        async with Single(tmp_path, server) as site:

            async def is_normal() -> bool:
                return await _says(site) == "normal"

            async def is_outage() -> bool:
                return await _says(site) == "outage"

            assert await comes_true(is_normal)
            before = resource.prlimit(site.node.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(site.node.pid, resource.RLIMIT_NOFILE, (3, before[1]))
            await site.breaks(FaultKind.SWALLOW)
            began, told = site.clock.monotonic(), list[str | None]()
            while (lasted := site.clock.monotonic() - began) < KNOWN_S + 4:
                state = await _says(site)
                if lasted > KNOWN_S:
                    told.append(state)
                await asyncio.sleep(0.2)
            assert told
            assert not {"normal", "maintenance"} & set(told)
            assert site.hooks("cleared") == []

            resource.prlimit(site.node.pid, resource.RLIMIT_NOFILE, before)
            assert await comes_true(is_outage)
            await site.hooked("declared", "it")
            await site.mends()
            assert await comes_true(is_normal)
            await site.hooked("cleared", "it")
