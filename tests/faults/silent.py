"""F6 and F7: who watches is dead, and nobody goes on believing that all is well.

F6: `run` is killed or stopped at a random moment while everything is normal; the `api` process beside
it says `unknown` within the time that an answer may be believed, and no `normal` is older than that;
with the times of a simulation, and once each with those of a hospital (45 s). F7: the only process
that watches is killed, and somebody outside rings within 120 s of it; he has not rung before, while
it was well and while it was restarted as for an update.
"""

import asyncio
import random
import signal
from pathlib import Path

from tests.faults.clinics import Asking, Told
from tests.faults.dead_man import PERIOD_S, DeadMan
from tests.faults.ending import Wrong, in_folder, say
from tests.support.postgresql import Server, own_server
from tests.support.single import Single
from watchdog.clock import SystemClock
from watchdog.model.cadence import CADENCES

KINDS = ("killed", "stopped")
BELIEVED = frozenset({"normal", "degraded"})
"""Told while orders arrive; `degraded` where this machine has much else to do."""
MOST_VALID_S, RINGS_S = 45.0, 120.0
RINGS = 2
HEALTHY_PERIODS = 3
ROUNDING_S = 0.15
"""An answer is formed ten times a second at most, and its seconds have one decimal."""


async def silenced(site: Single, asking: Asking, kind: str, chance: random.Random) -> float:
    """F6: seconds from the silence until every clinic was told `unknown`."""
    clock, valid_s = site.clock, _valid_s(site)
    await _normal(asking, 90)
    await asyncio.sleep(chance.uniform(0, min(valid_s, 12)))
    at = clock.monotonic()
    if kind == "killed":
        await site.watching.kill()
    else:
        site.watching.signal(signal.SIGSTOP)
    await asyncio.sleep(valid_s + chance.uniform(1, 3))
    took = _judged(site, asking, kind, at)
    if kind == "killed":
        await site.watching.start()
    else:
        site.watching.signal(signal.SIGCONT)
    await _normal(asking, 90)
    _believable([told for told in asking.told if told.asked > at], valid_s, kind)
    return took


def _judged(site: Single, asking: Asking, kind: str, at: float) -> float:
    """Wrong unless all that is told after the time for which an answer may be believed is `unknown`."""
    valid_s, last = _valid_s(site), 0.0
    since = [told for told in asking.told if told.asked > at]
    for told in since:
        after = told.asked - at
        if told.status != 200:
            raise Wrong(f"F6: the API answered {told.status or 'nothing'} after {after:.1f} s")
        if told.state in BELIEVED:
            last = max(last, after + told.took_s)
        elif told.state != "unknown":
            raise Wrong(f"F6: {kind}: a clinic was told {told.state} after {after:.1f} s")
    if last > min(valid_s, MOST_VALID_S):
        raise Wrong(f"F6: {kind}: a clinic was told that orders arrive after {last:.1f} s")
    first = min(told.asked + told.took_s for told in since if told.state == "unknown")
    return first - at


def _believable(told: list[Told], valid_s: float, kind: str) -> None:
    """No `normal` is older, or to be believed for longer, than is promised."""
    for each in told:
        if each.state in BELIEVED and (
            each.age_s > valid_s
            or each.age_s - each.took_s + each.valid_for_s > valid_s + ROUNDING_S
        ):
            raise Wrong(f"F6: {kind}: {each} is older than may be believed")


def _valid_s(site: Single) -> float:
    return CADENCES[site.cadence].valid_for_s


async def _normal(asking: Asking, patience_s: float) -> None:
    try:
        await asking.until({"normal"}, patience_s)
        await asking.until({"normal"}, patience_s, "boras_emergency")
    except TimeoutError as error:
        raise Wrong(f"F6: {error}") from None


async def evaluators(
    server: Server, folder: Path, cadence: str, trials: int, chance: random.Random
) -> dict[str, list[float]]:
    """F6: seconds until `unknown`, by what was done to the process that watches."""
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    site = Single(folder, server, cadence=cadence, apart=True)
    async with site, Asking(site.node, site.clock) as asking:
        for number in range(trials):
            kind = KINDS[number % len(KINDS)]
            took[kind].append(await silenced(site, asking, kind, chance))
            say(f"silent, {cadence} {number + 1}: {kind}, unknown after {took[kind][-1]:.2f} s")
    return took


async def outside(server: Server, folder: Path, chance: random.Random) -> dict[str, object]:
    """F7: seconds from each kill until somebody outside rang."""
    took: list[float] = []
    clock, silence = SystemClock(), 0.0
    async with DeadMan(clock) as dead_man, Single(folder, server, dead_man.configured) as site:
        for number in range(RINGS):
            heard = len(dead_man.beats)
            await asyncio.sleep(HEALTHY_PERIODS * PERIOD_S + chance.uniform(0, PERIOD_S))
            if len(dead_man.beats) - heard < HEALTHY_PERIODS - 1:
                raise Wrong(f"F7: {len(dead_man.beats) - heard} heartbeats in three periods")
            await site.node.stop()
            await asyncio.sleep(chance.uniform(2, 5))
            await site.node.start()
            await asyncio.sleep(2 * PERIOD_S + chance.uniform(0, PERIOD_S))
            if len(dead_man.rang) != number:
                raise Wrong("F7: somebody was rung for although the service was well")
            silence = dead_man.longest_silence_s() if number == 0 else silence
            killed = clock.monotonic()
            await site.node.kill()
            while len(dead_man.rang) == number:
                if clock.monotonic() - killed > RINGS_S:
                    raise Wrong(f"F7: nobody was rung for {RINGS_S:g} s after the kill")
                await asyncio.sleep(0.1)
            took.append(dead_man.rang[-1] - killed)
            say(f"silent, outside {number + 1}: rang {took[-1]:.1f} s after the kill")
            if number + 1 < RINGS:
                await site.node.start()
    return {
        "kills": RINGS,
        "kill_to_alarm_s": [round(each, 1) for each in took],
        "heartbeats": len(dead_man.beats),
        "false_alarms": len(dead_man.rang) - RINGS,
        "longest_silence_with_a_restart_s": round(silence, 1),
    }


async def _run(trials: int, seed: int, folder: Path) -> dict[str, object]:
    chance = random.Random(seed)
    for name in ("bench", "fast", "outside"):
        (folder / name).mkdir()
    with own_server() as server, own_server() as other:
        ringing = asyncio.create_task(outside(other, folder / "outside", random.Random(seed + 1)))
        try:
            bench = await evaluators(server, folder / "bench", "bench", trials, chance)
            hospital = await evaluators(server, folder / "fast", "fast", len(KINDS), chance)
            rang = await ringing
        finally:
            ringing.cancel()
            await asyncio.wait({ringing})
    return {
        "trials": trials,
        "seed": seed,
        "valid_for_s": {name: CADENCES[name].valid_for_s for name in ("bench", "fast")},
        "unknown_worst_s": {
            name: {kind: round(max(times), 2) for kind, times in each.items() if times}
            for name, each in (("bench", bench), ("fast", hospital))
        },
        "outside": rang,
    }


def run(trials: int, seed: int) -> dict[str, object]:
    """The trials; what the evidence file has of them. SystemExit if F6 or F7 is missed."""
    return in_folder("silent", lambda folder: _run(trials, seed, folder))
