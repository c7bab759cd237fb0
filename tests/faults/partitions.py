"""Figure F15: one of two nodes is cut off from the database while referrals stop arriving.

The leader or the other is cut off or held up, before or after the path breaks. From the moment when the
outage must be known nobody may be told `normal` by either node until the path is mended, the outage is
told to IT under one id, and its end too.
"""

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any, Protocol

from tests.faults.ending import Wrong, say
from tests.faults.nodes import OTHER, follows, settled_state
from tests.faults.nodes_verdict import concluded
from tests.faults.pairs import side_by_side, summed
from tests.support.link import Mode
from tests.support.nodes import NodeProcess, TwoNodes
from tests.support.postgresql import own_server
from watchdog.simulator.faults import FaultKind

KNOWN_S = 20.0
"""From the fault to the last `normal` answer: detection, takeover and what an answer is valid for."""
WATCHED_S = 4.0
START_S = 60.0
KINDS = ("declared", "cleared")


class Dividing(Protocol):
    """A way of keeping a node from the database."""

    kinds: tuple[str, ...]
    """What it can do."""
    harmless: frozenset[str]
    """Those with which a leader may go on leading."""

    async def divide(self, node: NodeProcess, how: str) -> None: ...

    async def unite(self, node: NodeProcess) -> None: ...


class ByLink:
    """The link closes its connections, or holds them open and carries nothing."""

    kinds, harmless = ("cut", "hold"), frozenset[str]()

    async def divide(self, node: NodeProcess, how: str) -> None:
        node.link.be(Mode[how.upper()])

    async def unite(self, node: NodeProcess) -> None:
        node.link.be(Mode.PASS)


class Asker:
    """Asks both nodes all the time, as clinics do."""

    def __init__(self, nodes: TwoNodes) -> None:
        self._nodes = nodes
        self.told: Counter[str] = Counter()
        self.broken_at: float | None = None
        self.wrong: list[str] = []

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            for name, node in self._nodes.nodes.items():
                asked_at = self._nodes.clock.monotonic()
                told = await node.clinic()
                state = "no answer" if told is None else str(told["state"])
                if self.broken_at is None:
                    continue
                self.told[state] += 1
                after = asked_at - self.broken_at
                if state == "normal" and after > KNOWN_S:
                    self.wrong.append(f"{name} said normal {after:.1f} s after the path broke")
            await asyncio.sleep(0.25)


async def declared(nodes: TwoNodes, patience_s: float) -> None:
    """Wait until one of the nodes says `outage`."""
    end = nodes.clock.monotonic() + patience_s
    while nodes.clock.monotonic() < end:
        for node in nodes.nodes.values():
            told = await node.clinic()
            if told is not None and told["state"] == "outage":
                return
        await asyncio.sleep(0.2)
    raise Wrong(f"no outage was declared in {patience_s:g} s")


async def trial(
    nodes: TwoNodes, asker: Asker, dividing: Dividing, leader: str, chance: random.Random
) -> tuple[str, str]:
    """What was done, and who leads afterwards."""
    victim = leader if chance.random() < 0.5 else OTHER[leader]
    how, first = chance.choice(dividing.kinds), chance.choice(("path", "link"))
    before, node = told(nodes), nodes.nodes[victim]
    led = len(nodes.nodes[OTHER[leader]].events("started"))
    if first == "link":
        await dividing.divide(node, how)
        await asyncio.sleep(chance.uniform(0, 3))
    asker.broken_at = nodes.clock.monotonic()
    await nodes.breaks(FaultKind.SWALLOW)
    if first == "path":
        await asyncio.sleep(chance.uniform(0, 5))
        await dividing.divide(node, how)
    if victim == leader and how not in dividing.harmless:
        await nodes.leads(OTHER[leader], times=led + 1)
    await declared(nodes, KNOWN_S + 10)
    await asyncio.sleep(WATCHED_S)
    asker.broken_at = None
    await dividing.unite(node)
    await nodes.mends()
    now_leads = nodes.leader()
    await settled_state(nodes, now_leads)
    await follows(nodes, OTHER[now_leads], now_leads)
    if asker.wrong:
        raise Wrong("; ".join(asker.wrong[:3]))
    for kind in KINDS:
        ids = await new(nodes, before, kind)
        if len(ids) != 1:
            raise Wrong(f"{victim} {how}, {first} first: {len(ids)} incidents were {kind}: {ids}")
    return f"{how} of the {'leader' if victim == leader else 'other'}, {first} first", now_leads


def told(nodes: TwoNodes) -> dict[str, set[str]]:
    """The incidents of which IT was told each kind so far."""
    return {
        kind: {str(hook["data"]["incident"]) for hook in nodes.hooks(kind, "it")} for kind in KINDS
    }


async def new(nodes: TwoNodes, before: dict[str, set[str]], kind: str) -> set[str]:
    """The incidents of which IT was told this since then; it may take a moment.

    A node that was cut off before it could note a delivery has an old one told again: that is not new.
    """
    for _ in range(100):
        if found := told(nodes)[kind] - before[kind]:
            return found
        await asyncio.sleep(0.1)
    return set()


async def divided(trials: int, seed: int, folder: Path, dividing: Dividing) -> dict[str, Any]:
    """So many trials of one pair; Wrong or AssertionError if an invariant did not hold."""
    chance, leader, kinds = random.Random(seed), "a", Counter[str]()
    with own_server() as server:
        async with TwoNodes(folder, server) as nodes:
            await nodes.state("b", "normal", START_S)
            asker = Asker(nodes)
            asking = asyncio.create_task(asker.run())
            try:
                for number in range(1, trials + 1):
                    kind, leader = await trial(nodes, asker, dividing, leader, chance)
                    kinds[kind] += 1
                    say(f"partition {number}, seed {seed}: {kind}")
            finally:
                asking.cancel()
                await asyncio.wait([asking])
            found = await concluded(nodes)
    return {"kinds": kinds, "told": asker.told, **found}


def _pair(trials: int, seed: int, folder: Path) -> dict[str, Any]:
    return asyncio.run(divided(trials, seed, folder, ByLink()))


def run(trials: int, seed: int) -> dict[str, object]:
    """The trials; what the evidence file has of them. SystemExit if an invariant did not hold."""
    parts = side_by_side("partitions", _pair, trials, seed)
    together = {name: sum((part[name] for part in parts), Counter()) for name in ("kinds", "told")}
    found = {name: dict(sorted(count.items())) for name, count in together.items()}
    say(f"partitions: {trials} (seed {seed}): {found}; {summed(parts)}")
    return {
        "trials": trials,
        "seed": seed,
        "pairs_side_by_side": len(parts),
        "last_normal_allowed_s": KNOWN_S,
        **found,
        **summed(parts),
    }
