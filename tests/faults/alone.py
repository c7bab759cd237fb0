"""The prober, the API or the database killed alone in the middle of an outage: never an all-clear.

`run` and `api` are processes of their own on a PostgreSQL of their own, `bench` cadence. From the
kill on a clinic asks twice a second: whatever it is told is `outage` or `unknown`, never `normal`.
Afterwards what was killed is started again, the fault is mended, and everybody is told once.
"""

import asyncio
import random
import shutil
import tempfile
from pathlib import Path

from tests.faults.kills import say
from tests.support.nodes import NodeProcess
from tests.support.postgresql import Server, fresh_database, own_server
from watchdog.cli import sample as sample_file
from watchdog.cli.check import write_sample
from watchdog.clock import SystemClock
from watchdog.simulator.faults import Fault, FaultKind
from watchdog.simulator.hospital import Hospital

KINDS = ("prober", "database", "api")
WATCHED_S = 20.0
CAUTIOUS = {"outage", "unknown"}


class Wrong(Exception):
    """A clinic was told something that it must not be told."""


class Apart:
    """A hospital, a database, a process that watches and one that answers."""

    def __init__(self, folder: Path, server: Server) -> None:
        self._folder, self.server = folder, server
        self.clock = SystemClock()

    async def __aenter__(self) -> "Apart":
        folder = self._folder
        secrets = write_sample(folder / "remissvakt.yaml", sample_file.Sample())
        self.hospital = Hospital(folder / "hospital", self.clock, secrets=secrets)
        await self.hospital.start()
        values = sample_file.of_hospital(
            self.hospital.describe(), look_every_s=2.0, feedback_om=0, feedback_biztalk=0
        )
        (folder / "remissvakt.yaml").write_text(sample_file.text(values), "utf-8")
        url = fresh_database(self.server.url, "apart")
        self.watching = NodeProcess("run", folder, None, url, "run")
        self.answering = NodeProcess("api", folder, None, url, "api")
        self.watching.log, self.answering.log = folder / "run.log", folder / "api.log"
        await self.watching.start()
        await self.answering.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.answering.stop()
        await self.watching.stop()
        await self.hospital.close()

    async def said(self) -> str | None:
        """What a clinic is told now; None: no answer."""
        told = await self.answering.clinic()
        return None if told is None else str(told["state"])

    async def until(self, states: set[str], patience_s: float) -> float:
        """Seconds until a clinic is told one of these states."""
        began = self.clock.monotonic()
        while (waited := self.clock.monotonic() - began) < patience_s:
            if await self.said() in states:
                return waited
            await asyncio.sleep(0.1)
        raise Wrong(f"never {sorted(states)} in {patience_s:g} s; last: {await self.said()}")

    def cleared(self) -> int:
        """All-clears that the duty officer was told, each once."""
        return len(
            {
                hook["webhook_id"]
                for hook in self.hospital.hooks.received
                if hook["endpoint"] == "it" and hook["type"].endswith("cleared.v1")
            }
        )


async def trial(apart: Apart, kind: str, chance: random.Random) -> set[str]:
    """What the clinic was told while something was dead and the path broken."""
    await apart.until({"normal"}, 60)
    before = apart.cleared()
    await apart.hospital.inject("biztalk", Fault(kind=FaultKind.SWALLOW))
    await apart.until({"outage"}, 40)
    await asyncio.sleep(chance.uniform(0, 3))
    await strike(apart, kind)
    told = await watched(apart, kind)
    if apart.cleared() != before:
        raise Wrong(f"{kind} killed: somebody was told an all-clear")
    await restore(apart, kind)
    await apart.until({"outage"}, 30)
    await apart.hospital.inject("biztalk", Fault())
    await apart.until({"normal"}, 60)
    for _ in range(100):
        if apart.cleared() == before + 1:
            return told
        await asyncio.sleep(0.1)
    raise Wrong(
        f"{kind} killed: {apart.cleared() - before} all-clears were told at the end, not one"
    )


async def strike(apart: Apart, kind: str) -> None:
    """Kill it. An API that is dead says nothing, so it is started again at once."""
    match kind:
        case "prober":
            await apart.watching.kill()
        case "api":
            await apart.answering.kill()
            await apart.answering.start()
        case _:
            apart.server.kill()


async def watched(apart: Apart, kind: str) -> set[str]:
    """What the clinic is told for a while; Wrong as soon as it is an all-clear."""
    began, told = apart.clock.monotonic(), set[str]()
    while (passed := apart.clock.monotonic() - began) < WATCHED_S:
        state = await apart.said()
        if state is not None and state not in CAUTIOUS:
            raise Wrong(f"{kind} killed: the clinic was told {state} after {passed:.1f} s")
        told |= {state} if state is not None else set()
        await asyncio.sleep(0.5)
    if not told:
        raise Wrong(f"{kind} killed: the clinic was told nothing for {WATCHED_S:g} s")
    return told


async def restore(apart: Apart, kind: str) -> None:
    if kind == "prober":
        await apart.watching.start()
    elif kind == "database":
        await asyncio.to_thread(apart.server.start)


async def _run(trials: int, seed: int, folder: Path) -> dict[str, object]:
    chance = random.Random(seed)
    told: dict[str, set[str]] = {kind: set() for kind in KINDS}
    with own_server() as server:
        async with Apart(folder, server) as apart:
            for number in range(trials):
                kind = KINDS[number % len(KINDS)]
                told[kind] |= await trial(apart, kind, chance)
                say(f"alone {number + 1}: {kind} killed, clinics were told {sorted(told[kind])}")
    return {
        "trials": trials,
        "seed": seed,
        "all_clears_while_broken": 0,
        "told": {kind: sorted(states) for kind, states in told.items()},
    }


def run(trials: int, seed: int) -> dict[str, object]:
    """The trials; what the evidence file has of them. SystemExit, with the folder kept, if one is wrong."""
    folder = Path(tempfile.mkdtemp(prefix="remissvakt-alone-"))
    try:
        found = asyncio.run(_run(trials, seed, folder))
    except (Wrong, AssertionError) as error:
        raise SystemExit(f"alone: {error} (logs in {folder})") from None
    shutil.rmtree(folder, ignore_errors=True)
    return found
