"""Control probes: something that is not the path. If it fails as well, we are blind."""

import asyncio
import contextlib

from watchdog.model.site import Control

TIMEOUT_S = 2.0


async def passes(control: Control) -> bool:
    """True if a TCP connection to the control address opens within 2 s."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, writer = await asyncio.open_connection(control.host, control.port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
