"""Two nodes, one fault at a time: killed, paused, cut off from the database, or held up silently.

Each trial hits the leader, in half of them in the middle of an outage. The other must take over
within five seconds; whoever was told is told once by id, no order of the old epoch leaves after the
new one began, none leaves twice, and at the end every notice was delivered, and every order
cancelled or on the list for people.
"""

import asyncio
import random
import signal
import statistics
from pathlib import Path

from tests.faults.ending import Wrong, say
from tests.faults.nodes_verdict import concluded
from tests.faults.pairs import side_by_side, summed
from tests.support.link import Mode
from tests.support.nodes import TwoNodes
from tests.support.postgresql import own_server
from watchdog.simulator.faults import FaultKind

KINDS = ("kill", "pause", "cut", "hold")
PAUSED_S = {"short": 5.0, "long": 30.0}
TAKEOVER_S = 5.0
OTHER = {"a": "b", "b": "a"}


async def strike(nodes: TwoNodes, leader: str, kind: str) -> None:
    node = nodes.nodes[leader]
    match kind:
        case "kill":
            await node.kill()
        case "pause":
            node.signal(signal.SIGSTOP)
        case "cut":
            node.link.be(Mode.CUT)
        case _:
            node.link.be(Mode.HOLD)


async def mend(nodes: TwoNodes, leader: str, kind: str) -> None:
    node = nodes.nodes[leader]
    match kind:
        case "kill":
            await node.start()
        case "pause":
            node.signal(signal.SIGCONT)
        case _:
            node.link.be(Mode.PASS)


async def trial(nodes: TwoNodes, leader: str, kind: str, chance: random.Random) -> float:
    """Seconds until the other led."""
    other = OTHER[leader]
    outage = chance.random() < 0.5
    heard = {hook["webhook_id"] for hook in nodes.hooks("declared")}
    if outage:
        await nodes.breaks(FaultKind.SWALLOW)
        await nodes.state(leader, "outage", 40)
        await asyncio.sleep(chance.uniform(0, 4))
    led = len(nodes.nodes[other].events("started"))
    await strike(nodes, leader, kind)
    took = await nodes.leads(other, times=led + 1)
    if took > TAKEOVER_S:
        raise Wrong(f"{other} took over after {took:.1f} s")
    await asyncio.sleep(chance.uniform(0, 2))
    if kind == "pause":
        await asyncio.sleep(chance.choice(list(PAUSED_S.values())))
    await mend(nodes, leader, kind)
    if outage:
        await nodes.mends()
    await settled_state(nodes, other)
    await follows(nodes, leader, other)
    ids = {hook["webhook_id"] for hook in nodes.hooks("declared")} - heard
    if len(ids) != int(outage):
        raise Wrong(f"{len(ids)} declarations told for {int(outage)} outage")
    return took


async def settled_state(nodes: TwoNodes, name: str) -> None:
    """Normal again, or at worst slow: the machine has other things to do."""
    end = nodes.clock.monotonic() + 60
    while nodes.clock.monotonic() < end:
        told = await nodes.nodes[name].clinic()
        if told is not None and told["state"] in ("normal", "degraded"):
            return
        await asyncio.sleep(0.2)
    raise Wrong(f"{name} did not come back to normal")


async def follows(nodes: TwoNodes, name: str, leader: str) -> None:
    end = nodes.clock.monotonic() + 20
    while nodes.clock.monotonic() < end:
        mine, other = await nodes.nodes[name].clinic(), await nodes.nodes[leader].clinic()
        if mine and other and mine["epoch"] == other["epoch"] and mine["state"] == other["state"]:
            return
        await asyncio.sleep(0.2)
    raise Wrong(f"{name} does not follow {leader}")


async def _run(trials: int, seed: int, folder: Path) -> dict[str, object]:
    chance = random.Random(seed)
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with own_server() as server:
        async with TwoNodes(folder, server) as nodes:
            await nodes.state("b", "normal", 60)
            leader = "a"
            for number in range(trials):
                kind = KINDS[number % len(KINDS)]
                seconds = await trial(nodes, leader, kind, chance)
                took[kind].append(seconds)
                say(f"nodes, seed {seed}: {kind} of {leader}, the other led after {seconds:.2f} s")
                leader = OTHER[leader]
            found = await concluded(nodes)
    return {"took": took, **found}


def _pair(trials: int, seed: int, folder: Path) -> dict[str, object]:
    return asyncio.run(_run(trials, seed, folder))


def run(trials: int, seed: int) -> dict[str, object]:
    """The trials; what the evidence file has of them. SystemExit if an invariant did not hold."""
    parts = side_by_side("nodes", _pair, trials, seed)
    took = {kind: [each for part in parts for each in part["took"][kind]] for kind in KINDS}
    every = [seconds for each in took.values() for seconds in each]
    found = summed(parts)
    say(
        f"nodes: {trials} trials (seed {seed}), takeover median {statistics.median(every):.2f} s, "
        f"worst {max(every):.2f} s; {found}"
    )
    return {
        "trials": trials,
        "seed": seed,
        "pairs_side_by_side": len(parts),
        "takeover_median_s": round(statistics.median(every), 2),
        "takeover_worst_s": {kind: round(max(times), 2) for kind, times in took.items() if times},
        **found,
    }
