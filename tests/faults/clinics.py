"""Clinics that ask all the time, and what they were told, each answer with its time."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import httpx

from tests.support.nodes import NodeProcess
from watchdog.clock import Clock

CLINICS = ("halmstad_emergency", "boras_emergency")
EVERY_S, PATIENCE_S, OK = 0.2, 2.0, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One answer, or its absence."""

    clinic: str
    asked: float
    """Monotonic."""
    took_s: float
    status: int
    """The HTTP status; 0: none came in two seconds."""
    state: str = ""
    reason: str = ""
    age_s: float = 0.0
    """Of the evaluation, when the answer had come."""
    valid_for_s: float = 0.0


class Asking:
    """Asks for every clinic five times a second, from entering to leaving."""

    def __init__(self, node: NodeProcess, clock: Clock, clinics: Iterable[str] = CLINICS) -> None:
        self._node, self._clock, self._clinics = node, clock, tuple(clinics)
        self._tasks: list[asyncio.Task[None]] = []
        self.told: list[Told] = []

    async def __aenter__(self) -> "Asking":
        self._tasks = [asyncio.create_task(self._ask(clinic)) for clinic in self._clinics]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def _ask(self, clinic: str) -> None:
        base = f"http://127.0.0.1:{self._node.port}"
        async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_S) as http:
            while True:
                self.told.append(await self._once(http, clinic))
                await asyncio.sleep(EVERY_S)

    async def _once(self, http: httpx.AsyncClient, clinic: str) -> Told:
        asked = self._clock.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_S):
                answer = await http.get(f"/v1/clinics/{clinic}/status")
        except (httpx.HTTPError, TimeoutError):
            took = self._clock.monotonic() - asked
            return Told(clinic=clinic, asked=asked, took_s=took, status=0)
        took = self._clock.monotonic() - asked
        if answer.status_code != OK:
            return Told(clinic=clinic, asked=asked, took_s=took, status=answer.status_code)
        said = answer.json()
        evaluated = datetime.fromisoformat(said["evaluated_at"])
        return Told(
            clinic=clinic,
            asked=asked,
            took_s=took,
            status=answer.status_code,
            state=said["state"],
            reason=said["reason"],
            age_s=(self._clock.now() - evaluated).total_seconds(),
            valid_for_s=said["valid_for_s"],
        )

    def since(self, moment: float, clinic: str = CLINICS[0]) -> list[Told]:
        """What a clinic was told of what it asked after a moment."""
        return [told for told in self.told if told.clinic == clinic and told.asked > moment]

    def unanswered(self) -> list[Told]:
        """Questions to which no status document came: an error, or nothing in time."""
        return [told for told in self.told if told.status != OK]

    def states(self, moment: float, clinic: str = CLINICS[0]) -> dict[str, int]:
        """How often each state was told since then."""
        return dict(Counter(told.state for told in self.since(moment, clinic)))

    async def until(self, states: set[str], patience_s: float, clinic: str = CLINICS[0]) -> float:
        """Seconds until the clinic is told one of these states. TimeoutError names the last one."""
        began = self._clock.monotonic()
        while (waited := self._clock.monotonic() - began) < patience_s:
            new = self.since(began, clinic)
            if new and new[-1].state in states:
                return waited
            await asyncio.sleep(0.05)
        last = self.since(0, clinic)[-1:]
        raise TimeoutError(f"never {sorted(states)} in {patience_s:g} s; last: {last}")
