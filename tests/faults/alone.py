"""The prober, the API or the database killed alone in the middle of an outage: never an all-clear.

`run` and `api` are processes of their own on a PostgreSQL of their own, `bench` cadence. From the
kill on a clinic asks twice a second: whatever it is told is `outage` or `unknown`, never `normal`.
Afterwards what was killed is started again, the fault is mended, and everybody is told once.
"""

import asyncio
import random
from collections import Counter
from pathlib import Path

from tests.faults.ending import Wrong, in_folder, say
from tests.support.postgresql import own_server
from tests.support.single import Single
from watchdog.simulator.faults import FaultKind

KINDS = ("prober", "database", "api")
WATCHED_S = 20.0
CAUTIOUS = frozenset({"outage", "unknown"})


async def until(site: Single, states: set[str], patience_s: float) -> None:
    """Wait until a clinic is told one of these states."""
    end, last = site.clock.monotonic() + patience_s, None
    while site.clock.monotonic() < end:
        last = await said(site)
        if last in states:
            return
        await asyncio.sleep(0.1)
    raise Wrong(f"never {sorted(states)} in {patience_s:g} s; last: {last}")


async def said(site: Single) -> str | None:
    """What a clinic is told now; None: no answer."""
    told = await site.node.clinic()
    return None if told is None else str(told["state"])


def cleared(site: Single) -> int:
    """All-clears that IT was told, each once."""
    return len({hook["webhook_id"] for hook in site.hooks("cleared", "it")})


async def trial(site: Single, kind: str, chance: random.Random) -> Counter[str]:
    """How often the clinic was told what, while something was dead and the path broken."""
    await until(site, {"normal"}, 120)
    before = cleared(site)
    await site.breaks(FaultKind.SWALLOW)
    await until(site, {"outage"}, 40)
    await asyncio.sleep(chance.uniform(0, 3))
    await strike(site, kind)
    told = await watched(site, kind)
    if cleared(site) != before:
        raise Wrong(f"{kind} killed: somebody was told an all-clear")
    await restore(site, kind)
    await until(site, {"outage"}, 30)
    await site.mends()
    await until(site, {"normal"}, 120)
    for _ in range(100):
        if cleared(site) == before + 1:
            return told
        await asyncio.sleep(0.1)
    raise Wrong(f"{kind} killed: {cleared(site) - before} all-clears were told at the end, not one")


async def strike(site: Single, kind: str) -> None:
    """Kill it. An API that is dead says nothing, so it is started again at once."""
    match kind:
        case "prober":
            await site.watching.kill()
        case "api":
            await site.node.kill()
            await site.node.start()
        case _:
            site.server.kill()


async def watched(site: Single, kind: str) -> Counter[str]:
    """What the clinic is told for a while; Wrong as soon as it is an all-clear."""
    began, told = site.clock.monotonic(), Counter[str]()
    while (passed := site.clock.monotonic() - began) < WATCHED_S:
        state = await said(site)
        if state is not None and state not in CAUTIOUS:
            raise Wrong(f"{kind} killed: the clinic was told {state} after {passed:.1f} s")
        told[state or "no answer"] += 1
        await asyncio.sleep(0.5)
    if not told.keys() & CAUTIOUS:
        raise Wrong(f"{kind} killed: the clinic was told nothing for {WATCHED_S:g} s")
    return told


async def restore(site: Single, kind: str) -> None:
    if kind == "prober":
        await site.watching.start()
    elif kind == "database":
        await asyncio.to_thread(site.server.start)


async def _run(trials: int, seed: int, folder: Path) -> dict[str, object]:
    chance = random.Random(seed)
    told = {kind: Counter[str]() for kind in KINDS}
    with own_server() as server:
        async with Single(folder, server, apart=True) as site:
            for number in range(trials):
                kind = KINDS[number % len(KINDS)]
                told[kind] += (seen := await trial(site, kind, chance))
                say(f"alone {number + 1}: {kind} killed, clinics were told {dict(seen)}")
            ended = cleared(site)
    return {
        "trials": trials,
        "seed": seed,
        "all_clears_after_the_mend": ended,
        "told_while_broken": {kind: dict(times) for kind, times in told.items()},
    }


def run(trials: int, seed: int) -> dict[str, object]:
    """The trials; what the evidence file has of them. SystemExit if a clinic was told a wrong thing."""
    return in_folder("alone", lambda folder: _run(trials, seed, folder))
