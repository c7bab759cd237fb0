"""Waiting for what must come, on a machine that may have much else to do."""

import asyncio
import time
from collections.abc import Awaitable, Callable

PATIENCE_S = 90.0
"""Far more than anything takes."""


async def comes_true(what: Callable[[], Awaitable[bool]]) -> bool:
    """Ask until it is so: True, or False if it was not within PATIENCE_S."""
    end = time.monotonic() + PATIENCE_S
    while not await what():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.05)
    return True
