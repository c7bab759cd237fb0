"""One filling of the database's disk, and what clinics and IT are told before, during and after it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.clinics import CLINICS, OK, Asking
from tests.faults.disk_room import Resumed, lines, resumes
from tests.faults.ending import Wrong
from tests.faults.person import Person
from tests.faults.small_disk import SmallDisk, log_cannot_grow, table_cannot_grow
from tests.support.single import Single
from watchdog.model.cadence import BENCH
from watchdog.simulator.faults import FaultKind

PATH, ELSEWHERE = "halland_vas_biztalk_ris", "boras_emergency"
CAUTIOUS = frozenset({"outage", "unknown"})
TOLD_S = 20.0
UNDER_WAY = 8
"""So many missing orders are enough to decide on, once they are old enough."""
MOST_NORMAL_S = (BENCH.evidence_limit_s or 0.0) + BENCH.valid_for_s
"""How long after a break a clinic may be told `normal`: the evidence's age, and an answer's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one cycle showed."""

    broken: str
    cannot_grow: str
    told_after_s: float
    """From filling, or a person's declaration, until IT and the clinic knew of the outage."""
    full_s: float
    journal_lines: int
    resumed: Resumed


@dataclass(slots=True, kw_only=True)
class Cycle:
    """One filling of the disk."""

    site: Single
    disk: SmallDisk
    clinics: Asking
    broken: str
    cannot_grow: str
    full_s: float
    lead_s: float
    """How long after filling the path breaks, if it does not before."""
    person: Person
    broken_at: float = 0.0
    by_hand: str = ""
    """The incident that the person declared."""
    told: int = 0
    """Outages that IT had heard of before."""

    async def run(self) -> Seen:
        """Wrong if something was not as it must be."""
        site, clock = self.site, self.site.clock
        for clinic in CLINICS:
            await self.clinics.until({"normal"}, 60, clinic)
        self.told = self._declared()
        if self.broken == "before":
            await self._break()
            await self._missing()
        full = clock.monotonic()
        await self._fill()
        if self.broken == "after":
            await asyncio.sleep(self.lead_s)
            await self._break()
            await asyncio.sleep(MOST_NORMAL_S + 2)
            self._honest()
            declared = clock.monotonic()
            if self._declared() == self.told:  # some rows may find room, and then it is seen
                self.by_hand = await self.person.declare(PATH)
        else:
            declared = full
        await self._heard("while the disk was full")
        told = clock.monotonic() - declared
        await asyncio.sleep(max(0.0, full + self.full_s - clock.monotonic()))
        held, lasted = lines(site.journal), clock.monotonic() - full
        resumed = await resumes(site, self.disk)
        await self._heard("after there was room")
        self._honest()
        await self._mend()
        return Seen(
            broken=self.broken,
            cannot_grow=self.cannot_grow,
            told_after_s=round(told, 2),
            full_s=round(lasted, 1),
            journal_lines=held,
            resumed=resumed,
        )

    def _declared(self) -> int:
        return len({hook["data"]["incident"] for hook in self.site.hooks("declared", "it")})

    async def _heard(self, when: str) -> None:
        """IT was told of one outage, and the clinic sees it."""
        wrong = f"IT was told of no outage, or of two, {when}"
        await self._within(TOLD_S, lambda: self._declared() == self.told + 1, wrong)
        await self.clinics.until({"outage"}, TOLD_S)

    async def _mend(self) -> None:
        """The path works again, and what a person declared the person clears."""
        site = self.site
        cleared = len(site.hooks("cleared", "it"))
        await site.mends()
        if self.by_hand:
            await self.person.clear(self.by_hand)
        await self.clinics.until({"normal"}, 60)
        wrong = "IT was told no all-clear"
        await self._within(TOLD_S, lambda: len(site.hooks("cleared", "it")) > cleared, wrong)

    async def _break(self) -> None:
        await self.site.breaks(FaultKind.SWALLOW)
        self.broken_at = self.site.clock.monotonic()

    async def _missing(self) -> None:
        """Wait for enough orders that the engine took and did not carry."""
        since = self.site.clock.now()
        while len(self.site.sent(since, "biztalk")) < UNDER_WAY:
            await asyncio.sleep(0.01)

    async def _fill(self) -> None:
        """No byte is left, and PostgreSQL has met that."""
        url = self.site.server.url
        fails = table_cannot_grow if self.cannot_grow == "tables" else log_cannot_grow
        await asyncio.to_thread(self.disk.fill)
        if not await asyncio.to_thread(fails, url):
            raise Wrong("PostgreSQL took everything on a full disk: the harness proves nothing")

    async def _within(self, seconds: float, met: Callable[[], bool], wrong: str) -> None:
        end = self.site.clock.monotonic() + seconds
        while not met():
            if self.site.clock.monotonic() > end:
                raise Wrong(wrong)
            await asyncio.sleep(0.05)

    def _honest(self) -> None:
        """Until now, with the path still broken."""
        late = self.clinics.since(self.broken_at + MOST_NORMAL_S)
        if wrong := [told for told in late if told.status == OK and told.state not in CAUTIOUS]:
            after = wrong[0].asked - self.broken_at
            raise Wrong(f"a clinic was told {wrong[0].state} {after:.1f} s after the path broke")
        if "outage" in self.clinics.states(0, ELSEWHERE):
            raise Wrong("a clinic whose path works was told an outage")
        if failed := self.clinics.unanswered():
            raise Wrong(f"{len(failed)} questions of clinics had no answer; first: {failed[0]}")
