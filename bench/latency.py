"""An open loop: requests leave when they are due, whatever became of the ones before."""

import asyncio
import time
from typing import Any
from urllib.parse import urlsplit

from bench.served import CLINIC, service

RATE = 500
CONNECTIONS = 50


def measure(seconds: float) -> dict[str, Any]:
    """Latency from the due time, in ms."""
    with service() as url:
        return asyncio.run(_run(url, seconds))


async def _run(url: str, seconds: float) -> dict[str, Any]:
    parts = urlsplit(url)
    took: list[float] = []
    errors = 0
    due: asyncio.Queue[float | None] = asyncio.Queue()
    request = f"GET {CLINIC} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()

    async def worker() -> None:
        nonlocal errors
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        while (at := await due.get()) is not None:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            took.append(time.monotonic() - at)
            errors += head.split(b" ", 2)[1][:1] == b"5"
        writer.close()

    workers = [asyncio.create_task(worker()) for _ in range(CONNECTIONS)]
    began = time.monotonic()
    for number in range(int(RATE * seconds)):
        at = began + number / RATE
        wait = at - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        due.put_nowait(at)
    for _ in workers:
        due.put_nowait(None)
    await asyncio.gather(*workers)
    took.sort()

    def quantile(share: float) -> float:
        return round(took[min(len(took) - 1, int(share * len(took)))] * 1000, 2)

    return {
        "requests": len(took),
        "rate_per_s": RATE,
        "p50_ms": quantile(0.5),
        "p99_ms": quantile(0.99),
        "p999_ms": quantile(0.999),
        "errors": errors,
    }
