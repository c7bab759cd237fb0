"""make bench-paths: what one watching process costs with many paths. One run, a table.

The whole service is run (runner, order book on SQLite, HL7 orders over real MLLP connections to an
engine in another process, incidents, board) for each number of paths, at T = 60 s, with real orders
on top. Only the far end is played in the process: every order is told to have arrived, and its
cancel to have been read back. Reported: share of a core, memory, and how late a 10 ms timer fires.
"""

import argparse
import asyncio
import math
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample
from watchdog.clock import SystemClock
from watchdog.config.load import load
from watchdog.hl7.answers import Sent
from watchdog.hl7.client import MllpClient, SendResult
from watchdog.hl7.splitter import split
from watchdog.model.cadence import STANDARD
from watchdog.model.observation import Ev, Event
from watchdog.model.order import Arrival, Level
from watchdog.probes.tap import TapPort, TapSettings
from watchdog.runner.loops import Runner
from watchdog.runtime import Watcher, build, build_watcher
from watchdog.service.watch import Watch
from watchdog.storage.migrate import upgrade

REAL_PER_PATH_MIN = 5.0
PATHS_PER_RIS = 50
LAST_WORDS_S = 5.0
LEAST_ARRIVED = 0.9
"""Orders of ours a minute and path that arrive, at T = 60 s, and as many cancels."""
CORE_MOST, MB_MOST, LAG_MOST_MS = 0.5, 400, 100.0


def engine(pipe: Any) -> None:
    """An engine in a process of its own that acknowledges everything."""
    from ipaddress import ip_network  # noqa: PLC0415

    from watchdog.hl7.listener import MllpListener  # noqa: PLC0415

    async def serve() -> None:
        listener = MllpListener(
            lambda _: "AA",
            clock=SystemClock(),
            peers=(ip_network("127.0.0.0/8"),),
            most_connections=5000,
        )
        pipe.send(await listener.start("127.0.0.1", 0))
        await asyncio.Event().wait()

    asyncio.run(serve())


class FarEnd(MllpClient):
    """Sends for real; then the RIS is played: arrival, and the cancel read back."""

    watcher: Watcher
    watch: Watch
    chance: random.Random
    arrived: list[float]
    """When each order arrived, monotonic seconds; of all paths."""
    cancelled: list[float]
    """When each cancel was read back."""

    async def send(
        self, payload: bytes, control_id: str, *, may_leave: Callable[[], bool] = lambda: True
    ) -> SendResult:
        result = await super().send(payload, control_id, may_leave=may_leave)
        if result.outcome is not Sent.ACCEPTED:
            return result
        message = split(payload)
        assert message is not None, "it is our own"
        placer, cancel = message.get("ORC", 2), message.get("ORC", 1) == "CA"
        after = self.chance.lognormvariate(0.69, 0.69)
        loop = asyncio.get_running_loop()
        loop.call_later(after, lambda: loop.create_task(self._arrive(placer, cancel=cancel)))
        return result

    async def _arrive(self, placer: str, *, cancel: bool) -> None:
        arrival = Arrival(
            placer=placer,
            level=Level.E5,
            reader="listener",
            filler=f"F{placer[2:]}",
            text="",
            cancelled=cancel,
        )
        (self.cancelled if cancel else self.arrived).append(time.monotonic())
        await self.watcher.arrivals.arrived(self.watch, arrival)


async def measure(count: int, seconds: float, port: int, folder: Path) -> dict[str, float]:
    """Run `count` paths for `seconds`; what it took."""
    write_sample(folder / "remissvakt.yaml", Sample())
    config, routines = load(folder / "remissvakt.yaml", test_environment=True)
    base = config.paths["halland_vas_biztalk_ris"]
    listen = TapPort(port=0, peers=["127.0.0.0/8"])
    tap = TapSettings(sent=listen, arrived=listen, per_min=REAL_PER_PATH_MIN)
    paths = {
        f"p{n}": replace(
            base,
            id=f"p{n}",
            hops=("biztalk", f"ris{n // PATHS_PER_RIS}"),
            readers=(),
            controls=(),
            cadence=STANDARD,
            normal_max_s=10.0,
            tap=tap,
            send=replace(base.send, port=port),
        )
        for n in range(count)
    }
    config = replace(config, paths=paths, clinics={}, endpoints=(), systems={})
    runtime = build(config, routines, SystemClock(), f"sqlite:///{folder}/many.sqlite")
    await upgrade(runtime.database)
    watcher = await build_watcher(runtime)
    chance, arrived, cancelled = random.Random(1), list[float](), list[float]()
    for watch in watcher.watches.values():
        watch.client = FarEnd("127.0.0.1", port, clock=runtime.clock, ack_timeout_s=10, keep=True)
        watch.client.watcher, watch.client.watch, watch.client.chance = watcher, watch, chance
        watch.client.arrived, watch.client.cancelled = arrived, cancelled
        watch.config = replace(watch.config, tap=None)  # real orders come from here, not from ports
    runner = Runner(watcher)
    running = asyncio.create_task(runner.run())
    await runner.ready.wait()
    traffic = asyncio.create_task(_traffic(watcher, chance))
    await asyncio.sleep(min(65.0, seconds))  # every path has sent its first orders
    lag = asyncio.create_task(_lag(seconds))
    before, began = time.process_time(), time.monotonic()
    late = await lag
    spent, until = time.process_time() - before, time.monotonic()
    passed = until - began
    for task in (traffic, running):
        task.cancel()
    await asyncio.wait({traffic, running})
    on_their_way = asyncio.all_tasks() - {asyncio.current_task()}
    if on_their_way:  # orders that were about to be seen
        await asyncio.wait(on_their_way, timeout=LAST_WORDS_S)
    await runtime.close()
    return {
        "paths": count,
        "core": spent / passed,
        "ms_per_path_s": 1000 * spent / passed / count,
        "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "lag_p50_ms": late[len(late) // 2],
        "lag_p99_ms": late[int(len(late) * 0.99)],
        "transitions": watcher.advance.transitions,
        "arrived": sum(began <= at < until for at in arrived) * 60 / passed / count,
        "cancelled": sum(began <= at < until for at in cancelled) * 60 / passed / count,
    }


async def _traffic(watcher: Watcher, chance: random.Random) -> None:
    """Real orders, spread evenly over the paths; each arrives."""
    watches = list(watcher.watches.values())
    gap = 60 / (REAL_PER_PATH_MIN * len(watches))
    clock, number, loop = watcher.runtime.clock, 0, asyncio.get_running_loop()

    async def see(watch: Watch, ev: Ev, ident: str) -> None:
        event = Event(
            ev=ev, mono=clock.monotonic(), t=clock.now().timestamp(), id=ident, sender="s1"
        )
        await watcher.advance.advance(watch, (event,))

    while True:
        number += 1
        watch, ident = chance.choice(watches), f"r{number}"
        await see(watch, Ev.REAL_SENT, ident)
        loop.call_later(
            chance.lognormvariate(0.69, 0.69),
            lambda w=watch, i=ident: loop.create_task(see(w, Ev.REAL_ARRIVED, i)),
        )
        await asyncio.sleep(gap)


async def _lag(seconds: float) -> list[float]:
    """How many milliseconds late a 10 ms sleep ends, sorted."""
    late: list[float] = []
    end = time.monotonic() + seconds
    while (now := time.monotonic()) < end:
        await asyncio.sleep(0.01)
        late.append(1000 * (time.monotonic() - now - 0.01))
    return sorted(late)


def _one(count: int, seconds: float, port: int, pipe: Any) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder:
        import uvloop  # noqa: PLC0415

        pipe.send(uvloop.run(measure(count, seconds, port, Path(folder))))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paths", type=int, nargs="+", default=[10, 100, 1000, 2000])
    parser.add_argument("--seconds", type=float, default=60.0)
    chosen = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    far = context.Process(target=engine, args=(theirs,), daemon=True)
    far.start()
    port, bad = ours.recv(), 0
    print(f"{'paths':>6} {'core':>6} {'ms/path/s':>10} {'MB':>6} {'lag p50':>8} {'lag p99 ms':>10}")
    for count in chosen.paths:
        mine, its = context.Pipe()
        run = context.Process(target=_one, args=(count, chosen.seconds, port, its))
        run.start()
        found = mine.recv()
        run.join()
        print(
            f"{found['paths']:6.0f} {found['core']:6.3f} {found['ms_per_path_s']:10.3f} "
            f"{found['MB']:6.0f} {found['lag_p50_ms']:8.2f} {found['lag_p99_ms']:10.1f}"
            f"   transitions {found['transitions']:.0f}, "
            f"{found['arrived']:.2f} orders a minute and path arrived, {found['cancelled']:.2f} cancels",
            flush=True,
        )
        # a bench that sends nothing measures nothing; of few paths it is known less well
        least = LEAST_ARRIVED - 1 / math.sqrt(count)
        bad += min(found["arrived"], found["cancelled"]) < least
        if count == 1000:
            bad += found["core"] > CORE_MOST or found["MB"] > MB_MOST
            bad += found["lag_p99_ms"] > LAG_MOST_MS
    far.terminate()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
