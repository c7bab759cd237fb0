"""Figure F24: 300 connections with half a header against the real process, and clinics ask meanwhile.

Each connection sends the beginning of a request and then a byte now and then. All must be closed by
the server within six seconds of their opening; clinic status is asked on a connection of its own
from before they open until they have gone.
"""

import asyncio
import contextlib
import json
import random
import statistics
import time
from urllib.parse import urlsplit

from bench.served import CLINIC, service
from tests.faults.ending import say

MANY, WITHIN_S, P99_MS = 300, 6.0, 50.0
PATIENCE_S = 12.0
ASK_EVERY_S = 0.01


def p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


async def _half(port: int, chance: random.Random) -> float | None:
    """Seconds from opening until the server hung up; None if it never did."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /v1/status HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    ended = asyncio.ensure_future(_ended(reader))
    try:
        while time.monotonic() - began < PATIENCE_S:
            done, _ = await asyncio.wait({ended}, timeout=chance.uniform(0.3, 0.9))
            if done:
                return time.monotonic() - began
            with contextlib.suppress(ConnectionError):
                writer.write(b"a")
        return None
    finally:
        ended.cancel()
        writer.transport.abort()


async def _ended(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(ConnectionError):
        while await reader.read(4096):
            pass


async def ask(port: int, until: asyncio.Event, every_s: float = ASK_EVERY_S) -> list[float]:
    """Milliseconds of each answer of clinic status on one kept connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {CLINIC} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    took: list[float] = []
    try:
        while not until.is_set():
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"clinic status answered {head[:40]!r}")
            length = next(x for x in head.lower().split(b"\r\n") if x.startswith(b"content-length"))
            await reader.readexactly(int(length.split(b":")[1]))
            took.append(1000 * (time.perf_counter() - began))
            await asyncio.sleep(every_s)
    finally:
        writer.close()
    return took


async def _run(port: int, seed: int) -> dict[str, object]:
    chance, over = random.Random(seed), asyncio.Event()
    quiet_over = asyncio.Event()
    asyncio.get_running_loop().call_later(2.0, quiet_over.set)
    quiet = await ask(port, quiet_over)
    asking = asyncio.create_task(ask(port, over))
    closed = await asyncio.gather(*(_half(port, chance) for _ in range(MANY)))
    over.set()
    took = await asking
    late = [each for each in closed if each is None or each > WITHIN_S]
    result: dict[str, object] = {
        "seed": seed,
        "connections": MANY,
        "closed_in_time": MANY - len(late),
        "last_closed_s": round(max((c for c in closed if c is not None), default=0.0), 2),
        "first_closed_s": round(min((c for c in closed if c is not None), default=0.0), 2),
        "asked": len(took),
        "p99_ms": round(p99(took), 1),
        "worst_ms": round(max(took), 1),
        "p99_ms_before": round(p99(quiet), 1),
    }
    say(f"half_open: {json.dumps(result)}")
    if late:
        raise SystemExit(f"F24 is missed: {len(late)} of {MANY} were not closed in {WITHIN_S:g} s")
    if p99(took) >= P99_MS:
        raise SystemExit(f"F24 is missed: clinic status took {p99(took):.0f} ms at p99 meanwhile")
    return result


def run(trials: int, seed: int) -> dict[str, object]:
    """One service, 300 half heads. SystemExit if one outlives 6 s or a clinic waits."""
    del trials
    with service() as url:
        return asyncio.run(_run(urlsplit(url).port or 0, seed))
