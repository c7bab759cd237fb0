"""F4 and F5: what is stored reaches its receivers, though they are away, or their network is bad.

F4: receivers are cut off for 15 to 20 s while an outage is declared or cleared; once they are back
everything that is due is delivered within 16 s. F5: three requests in ten are lost on their way to
receivers (broken before, held silently, or carried and the answer lost) and PostgreSQL is killed
every half minute, while people declare and clear: all of it is delivered within 30 s of being due,
and nothing that was not stored.
"""

import asyncio
import itertools
import random
from datetime import datetime
from pathlib import Path

from tests.faults.ending import Wrong, in_folder, say
from tests.faults.person import Person
from tests.faults.stored import verdict
from tests.support.beside import PATHS
from tests.support.link import Fate, Link, Mode
from tests.support.postgresql import own_server
from tests.support.single import Single

BACK_S, DELIVERED_S = 16.0, 30.0
REPETITIONS, AWAY_S = 5, (15.0, 20.0)
EVERY_S, DOWN_S = 30.0, (2.0, 8.0)
"""PostgreSQL is killed so often, and away for so long."""
DUE = (
    "SELECT endpoint, event_id, COALESCE(not_before, created_at) FROM outbox"
    " WHERE dropped_at IS NULL AND COALESCE(not_before, created_at) <= %s"
)
LATER = "SELECT count(*) FROM outbox WHERE not_before IS NOT NULL AND delivered_at IS NOT NULL"


class Configured:
    """Edits the configuration: receivers behind the link, somebody asked again, and a next channel."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def __call__(self, text: str, port: int) -> str:
        self._link.aim(("127.0.0.1", port))
        asked = (
            "escalation: [{after_s: 5, to: it}], remind: {every_s: 6, times: 2}, sites: [halland]}"
        )
        before, duty, after = text.partition("{id: tib_halland,")
        after = after.replace("sites: [halland]}", asked, 1)
        return f"{before}{duty}{after}".replace(
            f"127.0.0.1:{port}/hooks/", f"127.0.0.1:{self._link.port}/hooks/"
        ).replace(f"ports: [{port}]", f"ports: [{port}, {self._link.port}]")


async def late(site: Single) -> dict[tuple[str, str], float | None]:
    """Every stored notice that was due: seconds until its receiver had verified it; None: not yet."""
    first: dict[tuple[str, str], datetime] = {}
    for hook in site.hospital.hooks.received:
        if hook["verified"]:
            at = datetime.fromisoformat(hook["at"])
            first.setdefault((hook["endpoint"], hook["webhook_id"]), at)
    found: dict[tuple[str, str], float | None] = {}
    for endpoint, event, due in await site.rows(DUE, site.clock.now()):
        got = first.get((endpoint, event))
        found[endpoint, event] = None if got is None else (got - due).total_seconds()
    return found


async def delivered(site: Single) -> set[tuple[str, str]]:
    """Which of the stored notices have been delivered; Wrong if not all within the time."""
    began = site.clock.monotonic()
    while None in (found := await late(site)).values():
        if site.clock.monotonic() - began > BACK_S:
            left = [key for key, value in found.items() if value is None]
            raise Wrong(f"F4: {BACK_S:g} s after the receivers were back {left} were not delivered")
        await asyncio.sleep(0.05)
    return set(found)


async def away(site: Single, link: Link, chance: random.Random, person: Person) -> list[float]:
    """F4: seconds from the receivers' return to the delivery of all that was due, each time."""
    took: list[float] = []
    standing = ""
    known = await delivered(site)
    for number in range(REPETITIONS):
        link.be(Mode.CUT)
        gone = site.clock.monotonic()
        await asyncio.sleep(chance.uniform(0, 1))
        if standing:
            await person.clear(standing)
        standing = "" if standing else await person.declare(PATHS["biztalk"])
        span = chance.uniform(*AWAY_S)
        await asyncio.sleep(gone + span - site.clock.monotonic())
        link.be(Mode.PASS)
        back = site.clock.monotonic()
        now = await delivered(site)
        if now == known:
            raise Wrong("F4: nothing was due while the receivers were away: it proves nothing")
        took.append(site.clock.monotonic() - back)
        say(
            f"delivery, away {number + 1}: {span:.1f} s, {len(now - known)} notices,"
            f" delivered {took[-1]:.2f} s after"
        )
        known = now
    if standing:
        await person.clear(standing)
    await delivered(site)
    return took


async def kept_busy(site: Single, chance: random.Random, person: Person, until: float) -> None:
    """F5: somebody declares and clears, a few seconds apart, on both paths in turn."""
    turns = itertools.cycle(PATHS.values())
    while site.clock.monotonic() < until:
        incident = await person.declare(next(turns))
        await asyncio.sleep(chance.uniform(2, 9))
        await person.clear(incident)
        await asyncio.sleep(chance.uniform(1, 3))


async def bad_network(
    site: Single, link: Link, chance: random.Random, person: Person, spells: int
) -> int:
    """F5: half minutes of loss, in each of which PostgreSQL is killed once; how often it was."""
    link.be(Mode.LOSSY)
    begun = site.clock.monotonic()
    busy = asyncio.create_task(kept_busy(site, chance, person, begun + spells * EVERY_S))
    try:
        for number in range(spells):
            kill = begun + number * EVERY_S + chance.uniform(5, 15)
            await asyncio.sleep(max(0.0, kill - site.clock.monotonic()))
            await asyncio.to_thread(site.server.kill)
            down = chance.uniform(*DOWN_S)
            await asyncio.sleep(down)
            await asyncio.to_thread(site.server.start)
            say(f"delivery, lossy {number + 1}: PostgreSQL killed, away for {down:.1f} s")
        await busy
    finally:
        busy.cancel()
        await asyncio.wait({busy})
    # what is due late in the run has its half minute on the same bad network
    end = site.clock.monotonic() + DELIVERED_S
    while None in (await late(site)).values() and site.clock.monotonic() < end:
        await asyncio.sleep(0.2)
    return spells


async def _run(trials: int, seed: int, folder: Path) -> dict[str, object]:
    chance = random.Random(seed)
    link = Link(("127.0.0.1", 0), random.Random(seed))
    await link.start()
    with own_server() as server:
        async with Single(folder, server, Configured(link)) as site:
            person = Person(site, await site.key("clear"))
            await asyncio.sleep(5)  # both paths are proven, and the key is known
            back = await away(site, link, chance, person)
            known = set(await late(site))
            killed = await bad_network(site, link, chance, person, trials)
            waits = {key: wait for key, wait in (await late(site)).items() if key not in known}
            link.be(Mode.PASS)
            if lost := [key for key, wait in waits.items() if wait is None or wait > DELIVERED_S]:
                seen = [(key, waits[key]) for key in lost]
                raise Wrong(f"F5: not delivered within {DELIVERED_S:g} s of being due: {seen}")
            counts = await verdict(site)
            later = await site.rows(LATER)
    await link.close()
    took = sorted(wait for wait in waits.values() if wait is not None)
    return {
        "trials": trials,
        "seed": seed,
        "away": REPETITIONS,
        "back_to_delivered_worst_s": round(max(back), 2),
        "postgresql_killed": killed,
        "fates": {fate.value: link.fates[fate] for fate in Fate},
        "notices_on_the_bad_network": len(took),
        "escalations_and_reminders_delivered": later[0][0],
        "due_to_delivered_median_s": round(took[len(took) // 2], 2),
        "due_to_delivered_worst_s": round(took[-1], 2),
        "declared_by_a_person": person.declared,
        "cleared_by_a_person": person.cleared,
        "wishes_repeated": person.repeated,
        **counts,
    }


def run(trials: int, seed: int) -> dict[str, object]:
    """The repetitions and half minutes; what the evidence file has. SystemExit if one is missed."""
    return in_folder("delivery", lambda folder: _run(trials, seed, folder))
