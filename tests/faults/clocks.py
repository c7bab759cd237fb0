"""Figure F14: the wall clock jumps by up to two hours, again and again; no clinic is told a wrong state.

The whole service runs here, over real sockets, on a clock whose wall time is moved by hand while its
monotonic time stays true; the hospital keeps the right time, as another machine would. A trial is one
jump, and what two clinics are told in the quarter of a second after it. Paths are broken and mended
while the clock jumps. Control: the same service with a monotonic clock that jumps too must fail.
"""

import asyncio
import json
import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from tests.faults.clock_world import ClockWorld, Jumps
from tests.faults.ending import Wrong, say
from tests.support.world import BORAS, HALMSTAD
from watchdog.simulator.faults import FaultKind

ROUNDS = 4
ASKED_EVERY_S, ASKS = 0.05, 4
DECLARED_S, PAPER_S, CLEARED_S, TRUE_S, CLEAN_S = 30.0, 15.0, 60.0, 60.0, 60.0
"""Patience: break to outage, outage to paper, mend to normal, the last jump to the true state, the
right time to everything delivered and every order of ours cancelled."""
CONTROL_S = 120.0
LEAST_TRUE = 0.5
"""Share of the answers that must tell the true state: a service that always doubts proves nothing."""


@dataclass
class Heard:
    """What the two clinics were told."""

    answers: int = 0
    states: dict[str, Counter[str]] = field(
        default_factory=lambda: {name: Counter[str]() for name in ("healthy", "broken", "changing")}
    )
    wrong: list[str] = field(default_factory=list[str])
    newest: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    def take(self, clinic: str, truth: str, told: dict[str, Any], jumped: str) -> None:
        """One answer. `truth` is healthy, broken (and declared), or changing."""
        self.answers += 1
        state = str(told["state"])
        self.states[truth][state] += 1
        numbers = (int(told["epoch"]), int(told["revision"]))
        before = self.newest.get(clinic, numbers)
        self.newest[clinic] = max(before, numbers)
        limit = 3.0  # `bench`, the cadence of this world
        found = [
            *(["normal while broken"] if truth == "broken" and state == "normal" else []),
            *(["outage while healthy"] if truth == "healthy" and state == "outage" else []),
            *([f"{before} fell to {numbers}"] if numbers < before else []),
            *(["believed for too long"] if not 0 <= told["valid_for_s"] <= limit else []),
        ]
        self.wrong += [f"{clinic}: {what}, {told['reason']}, after {jumped}" for what in found]


class Trials:
    """Jumps, and what is heard after each."""

    def __init__(self, world: ClockWorld, seed: int) -> None:
        self.world, self.heard = world, Heard()
        self.jumps = Jumps(random.Random(seed), world.clock)
        self.took: dict[str, list[float]] = {"declared": [], "paper": [], "cleared": []}

    async def trial(self, truth: str, *, jump: bool = True) -> dict[str, Any]:
        """One jump; the last answer about the path that is broken and mended."""
        jumped = self.jumps.jump() if jump else "the jump before"
        told: dict[str, Any] = {}
        for _ in range(ASKS):
            told = await self.world.clinic(HALMSTAD)
            self.heard.take(HALMSTAD, truth, told, jumped)
            self.heard.take(BORAS, "healthy", await self.world.clinic(BORAS), jumped)
            await asyncio.sleep(ASKED_EVERY_S)
        return told

    async def until(
        self, name: str, key: str, value: str, patience_s: float, *, jump: bool = True
    ) -> None:
        """Jump on until the clinic is told so; how long it took is noted."""
        began = time.monotonic()
        while True:
            told = await self.trial("changing", jump=jump)
            found = told["workflow"]["urgent"] if key == "workflow" else told[key]
            took = time.monotonic() - began
            if found == value:
                self.took[name].append(round(took, 2))
                return
            if took > patience_s:
                raise Wrong(f"not {name} in {took:.0f} s of jumps: {told['state']}, {found}")

    async def round(self, jumps: int) -> None:
        """Jumps while healthy, while it breaks, while it is broken, while it is mended."""
        for _ in range(jumps):
            await self.trial("healthy")
        await self.world.breaks(FaultKind.SWALLOW)
        await self.until("declared", "state", "outage", DECLARED_S)
        self.jumps.back_an_hour()  # and stays there, in the middle of the hold-off
        await self.until("paper", "workflow", "paper_and_fax", PAPER_S, jump=False)
        for _ in range(jumps):
            await self.trial("broken")
        await self.world.mends()
        await self.until("cleared", "state", "normal", CLEARED_S)

    def share(self, truth: str, *states: str) -> float:
        told = self.heard.states[truth]
        return round(sum(told[state] for state in states) / max(1, told.total()), 4)

    def missed(self) -> list[str]:
        """Everything that was wrong, and whether too little was said for that to mean anything."""
        told = [*self.heard.wrong]
        for truth, state in (("healthy", "normal"), ("broken", "outage")):
            if self.share(truth, state) < LEAST_TRUE:
                told.append(f"{truth}: {dict(self.heard.states[truth])}")
        return told


async def _measured(folder: Path, trials: int, seed: int) -> dict[str, object]:
    async with ClockWorld(folder) as world:
        await world.healthy()
        made = Trials(world, seed)
        for number in range(ROUNDS):
            # while the clock is wrong, careful receivers get nothing; at the end they have it all
            world.receivers.careful = number == ROUNDS - 1
            await made.round(max(1, trials // (2 * ROUNDS)))
            say(
                f"clocks: round {number + 1} of {ROUNDS}: {made.took}, wrong {made.heard.wrong[:3]}"
            )
        began = time.monotonic()
        await world.state("normal", TRUE_S)
        true_after = time.monotonic() - began
        notices, clean_s = await world.nothing_left(CLEAN_S)
        missed = made.missed()
        if missed:
            raise Wrong(f"{len(missed)} wrong: {'; '.join(missed[:5])}")
        heard = made.heard
        return {
            "jumps": sum(made.jumps.made.values()),
            "by_kind": dict(made.jumps.made),
            "answers": heard.answers,
            "wrong": len(heard.wrong),
            "told": {truth: dict(states) for truth, states in heard.states.items()},
            "unknown_share": {truth: made.share(truth, "unknown") for truth in heard.states},
            "took_s": made.took,
            "true_state_after_s": round(true_after, 2),
            "notices": notices,
            "clean_after_s": round(clean_s, 1),
        }


async def _control(folder: Path, seed: int) -> str:
    """How the service fails whose every clock jumps. SystemExit if it does not."""
    async with ClockWorld(folder, all_clocks=True) as world:
        await world.healthy()
        made = Trials(world, seed)
        try:
            async with asyncio.timeout(CONTROL_S):
                while not made.heard.wrong:
                    await made.round(5)
        except Wrong as error:
            return str(error)
        except TimeoutError:
            raise SystemExit("F14: a service without a monotonic clock was not found out") from None
        return made.heard.wrong[0]


def run(trials: int, seed: int) -> dict[str, object]:
    """So many jumps; what the evidence file has of them. SystemExit if F14 is missed."""
    with (
        tempfile.TemporaryDirectory(prefix="remissvakt-clocks-") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        (Path(folder) / "control").mkdir()
        (Path(folder) / "jumping").mkdir()
        failed = runner.run(_control(Path(folder) / "control", seed))
        say(f"clocks: with every clock jumping: {failed}")
        try:
            found = runner.run(_measured(Path(folder) / "jumping", trials, seed))
        except (Wrong, AssertionError) as error:
            raise SystemExit(f"F14 is missed: {error}") from None
    result = {"trials": trials, "seed": seed, **found, "control": failed}
    say(f"clocks: {json.dumps(result)}")
    return result
