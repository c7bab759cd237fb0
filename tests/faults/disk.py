"""F16: the database's disk is full, and the path breaks before that or after.

A real PostgreSQL on a disk of 160 MB that is filled to the last byte: in turn its tables cannot grow
(SQLSTATE 53100), or its log cannot and the server falls. Clinics ask all the time and are always
answered, never `normal` while the path is broken for longer than a status may be believed; an
outage that can still be seen is told, as is one that a person declares meanwhile; and within 30 s of
there being room again the journal is brought in, rows are stored and orders leave. At the end
nothing was lost on either side.
"""

import asyncio
import random
from dataclasses import asdict
from pathlib import Path

from tests.faults.clinics import Asking
from tests.faults.disk_cycle import Cycle, Seen
from tests.faults.ending import Wrong, in_folder, say
from tests.faults.person import Person
from tests.faults.small_disk import SmallDisk, prepare, small_disk
from tests.faults.stored import verdict
from tests.support.postgresql import own_server
from tests.support.single import Single

KNOWN_S = 3.0
"""By then the service has read a new key, and knows it without the database."""
CASES = (
    ("before", "tables"),
    ("after", "log"),
    ("before", "log"),
    ("after", "tables"),
)
"""When the path breaks, and what of PostgreSQL cannot grow."""


async def _run(trials: int, seed: int, folder: Path, disk: SmallDisk) -> dict[str, object]:
    chance = random.Random(seed)
    first = chance.randrange(len(CASES))
    found: list[Seen] = []
    with own_server(disk.folder) as server:
        try:
            prepare(server.url)
            async with Single(folder, server) as site, Asking(site.node, site.clock) as clinics:
                person = Person(site, await site.key("clear"))
                await asyncio.sleep(KNOWN_S)
                for number in range(trials):
                    broken, cannot_grow = CASES[(first + number) % len(CASES)]
                    cycle = Cycle(
                        site=site,
                        disk=disk,
                        clinics=clinics,
                        person=person,
                        broken=broken,
                        cannot_grow=cannot_grow,
                        full_s=chance.uniform(12, 20),
                        lead_s=chance.uniform(0, 4),
                    )
                    found.append(await cycle.run())
                    say(f"disk {number + 1}: {found[-1]}")
                counts = await verdict(site)
                answers = [told.took_s for told in clinics.told]
                withheld = len(site.node.events("order_not_sent"))
        finally:
            disk.free()
    if not sum(seen.journal_lines for seen in found):
        raise Wrong("F16: the journal was never needed: the harness proves nothing")
    return {
        "trials": trials,
        "seed": seed,
        "answers": len(answers),
        "answers_missing": len(clinics.unanswered()),
        "worst_answer_s": round(max(answers), 3),
        "resumed_worst_s": max(seen.resumed.worst_s for seen in found),
        "told_worst_s": max(seen.told_after_s for seen in found),
        "orders_withheld": withheld,
        "server_ended": sum(seen.resumed.server_ended for seen in found),
        "cycles": [asdict(seen) for seen in found],
        **counts,
    }


def run(trials: int, seed: int) -> dict[str, object]:
    """The cycles; what the evidence file has of them. SystemExit if F16 is missed."""
    with small_disk() as disk:
        return in_folder("disk", lambda folder: _run(trials, seed, folder, disk))
