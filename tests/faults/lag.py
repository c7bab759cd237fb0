"""Figure F12: how late the event loop is while hostile input arrives; p99 at most 50 ms.

The product's listeners, tap and API run here, on the loop that the service runs on, beside a coroutine
that wakes each 5 ms and notes how late it was. The attackers are processes of their own.
"""

import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvloop

from api.app import create_app
from tests.faults.attack import KINDS
from tests.faults.ending import say
from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample
from watchdog.cli.serve import settle
from watchdog.clock import SystemClock
from watchdog.config.load import load
from watchdog.runner.loops import Runner
from watchdog.runtime import build, build_watcher
from watchdog.storage.migrate import upgrade
from watchdog.webserver import WebServer

TICK_S, P99_MS = 0.005, 50.0
SECONDS, SETTLE_S = 6.0, 4.0
NAMED = ("notes", "endless", "giant_json")
"""What the threat list names, as a peer sends that waits for its answers; the others are worse, and
must hold too."""


@asynccontextmanager
async def service(folder: Path) -> AsyncIterator[dict[str, int]]:
    """The whole service in this process, on paths that lead nowhere; its ports."""
    file = folder / "remissvakt.yaml"
    write_sample(
        file,
        Sample(
            cadence="gentle",
            feedback_om=0,
            feedback_biztalk=0,
            database=f"sqlite:///{folder}/db.sqlite",
        ),
    )
    config, routines = load(file, test_environment=True)
    clock = SystemClock()
    runtime = build(config, routines, clock)
    await upgrade(runtime.database)
    watcher = await build_watcher(runtime)
    runner, server = Runner(watcher), WebServer(create_app(runtime, watcher), clock)
    working = asyncio.create_task(runner.run())
    try:
        await runner.ready.wait()
        http = await server.start()
        settle()  # as `serve` does
        yield {"http": http, "mllp": runner.listeners["sas_om_ris"].port}
    finally:
        await server.close()
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
        await runtime.close()


async def ticking(lags: list[float]) -> None:
    """Notes how late each tick was, in milliseconds.

    The ticks stand on a fixed grid: a stop of a second is two hundred late ticks, not one.
    """
    due = time.perf_counter() + TICK_S
    while True:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        now = time.perf_counter()
        while due <= now:
            lags.append(1000 * (now - due))
            due += TICK_S


async def _during(kind: str, ports: dict[str, int], seconds: float) -> dict[str, float]:
    lags: list[float] = []
    child = None
    if kind:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.attack"),
            *(kind, str(ports[KINDS[kind][1]]), str(seconds)),
            stdout=asyncio.subprocess.PIPE,
        )
        await asyncio.sleep(0.3)  # it has to start
    ticker = asyncio.create_task(ticking(lags))
    sent = 0
    if child is None:
        await asyncio.sleep(seconds)
    else:
        said, _ = await child.communicate()
        sent = int(said)
        if not sent:
            raise SystemExit(f"F12: the attacker {kind} sent nothing; the rest proves nothing")
    ticker.cancel()
    return {
        "p99_ms": round(statistics.quantiles(lags, n=100)[98], 1),
        "worst_ms": round(max(lags), 1),
        "ticks": len(lags),
        "sent_mb": round(sent / 1e6, 1),
    }


async def _run(folder: Path, seconds: float) -> dict[str, dict[str, float]]:
    async with service(folder) as ports:
        await asyncio.sleep(SETTLE_S)  # its first looks, which are its own work
        found = {"quiet": await _during("", ports, seconds)}
        for kind in KINDS:
            found[kind] = await _during(kind, ports, seconds)
            say(f"lag: {kind}: {json.dumps(found[kind])}")
    return found


def run(trials: int, seed: int) -> dict[str, object]:
    """Six seconds of each attack. SystemExit if the loop was late; the input is the same each time."""
    del trials
    with (
        tempfile.TemporaryDirectory(prefix="remissvakt-lag-") as name,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        found = runner.run(_run(Path(name), SECONDS))
    late = [f"{kind} {lag['p99_ms']} ms" for kind, lag in found.items() if lag["p99_ms"] > P99_MS]
    if late:
        raise SystemExit(f"F12 is missed at p99: {'; '.join(late)}; {json.dumps(found)}")
    return {"seed": seed, "seconds_each": SECONDS, "named": list(NAMED), "lag": found}
