"""Kill -9 the service while it stores and tells outages: nothing committed may go untold.

A life is forked for each kill, takes the database of the one before over, and goes on. Every
`PER_INSTALLATION` kills a last life tells what is left, and the verdict is taken. Two bad orders run
beside it as negative controls: a harness that finds nothing there would find nothing anywhere.
A kill is no power cut: what the kernel has taken stays, so this says nothing of fsync.
"""

import asyncio
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path

from tests.faults.ending import say
from tests.faults.outbox_controls import CONTROLS
from tests.faults.outbox_forks import CONFIGURATION, Lives
from tests.faults.outbox_harness import PATHS, Harness
from tests.faults.outbox_peers import Peers
from tests.faults.outbox_points import AWAY_POINTS, LEASE_POINTS, POINTS, RANDOM
from tests.faults.outbox_verdict import Found, latencies_ms, spread
from tests.support.postgresql import own_server
from watchdog.cli import sample
from watchdog.cli.check import write_sample

PER_INSTALLATION, CONTROL_KILLS, DECLARATIONS = 20, 12, 300
AWAY_SHARE, SERVER_SHARE = 0.1, 0.04
"""So many more kills while the database comes and goes, and so many on PostgreSQL, as a share."""
PER_LIFE = 50
"""Declarations that one life times: it may last 40 s, on a busy machine too."""
EVERYWHERE = {**POINTS, RANDOM: 0}
LIMIT_MS, LIMIT_FIRST_ANSWER_S = 250.0, 2.0
"""Test programme, F3 (99 in 100) and F8; a busy machine may pass them, so they are told, not held."""
LEAST_KILLED = 0.9
"""Share of lives that must have met their point."""
ESCALATES = (
    "{id: tib_sas, escalation: [{after_s: 0.05, to: it}, {after_s: 60, to: radiology_boras}],"
)


async def product(
    harness: Harness,
    trials: int,
    points: dict[str, int],
    *,
    goes_away: bool = False,
    server: str = "",
) -> dict[str, object]:
    """So many lives of the product itself, killed at the points in turn. SystemExit if any is wrong."""
    found, done, turns, wrong = Found(), 0, list(points.items()), list[str]()
    harness.kills, harness.not_reached = Counter(), Counter()
    while done < trials:
        plan = replace(await harness.installation(server), goes_away=goes_away)
        for _ in range(min(PER_INSTALLATION, trials - done)):
            await harness.kill_at(plan, *turns[done % len(turns)])
            done += 1
        verdict = await harness.settle(plan)
        found += verdict
        say(f"outbox: {done} lives, {found.committed} committed, {found.lost} lost")
        if bad := verdict.wrong(ordered=not goes_away):
            wrong.append(f"{', '.join(bad)} (evidence in {plan.folder})")
    kills = harness.kills.total()
    if wrong:
        raise SystemExit(f"outbox: {kills} kills, {found.committed} committed: {'; '.join(wrong)}")
    if kills < LEAST_KILLED * trials:
        raise SystemExit(
            f"outbox: of {trials} lives only {kills} were killed: {harness.not_reached}"
        )
    return {
        "kills": kills,
        **asdict(found),
        "kills_by_point": dict(sorted(harness.kills.items())),
        "point_not_reached": dict(sorted(harness.not_reached.items())),
    }


async def on_postgresql(
    harness: Harness, trials: int, points: dict[str, int]
) -> dict[str, object] | None:
    """The same on a server of our own, where a life has a lease to renew. None if that is too few."""
    if not trials:
        return None
    with own_server() as server:
        return await product(harness, trials, {**LEASE_POINTS, **points}, server=server.url)


async def control(harness: Harness, name: str, kills: int) -> dict[str, int]:
    """So many kills of a bad variant at its bad step. SystemExit if that loses nothing."""
    _, point, most = CONTROLS[name]
    plan = replace(await harness.installation(), control=name)
    for _ in range(kills):
        await harness.kill_at(plan, point, most)
    found = await harness.settle(plan)
    say(f"outbox: control {name}: {found.lost} of {found.owed} lost in {kills} kills")
    if found.lost == 0:
        raise SystemExit(
            f"outbox: the bad variant {name} lost nothing, so this harness can find no loss"
        )
    return {"kills": kills, "owed": found.owed, "lost": found.lost}


async def timed(harness: Harness, declarations: int) -> dict[str, object]:
    """From the commit of a declaration to the first byte of its webhook, in ms; nobody is killed.

    Each webhook needs a connection of its own, as it does when outages are days apart.
    """
    plan = replace(
        await harness.installation(), paths=PATHS[1:], outages=declarations, pause_s=0.05
    )
    harness.peers.hangs_up = True
    await harness.one(plan)
    found = {kind: latencies_ms(Path(plan.folder), kind) for kind in ("declared", "advice_changed")}
    return {**{kind: spread(values) for kind, values in found.items()}, "limit_p99": LIMIT_MS}


@asynccontextmanager
async def ready(folder: Path, seed: int) -> AsyncIterator[Harness]:
    """A harness with its peers and its configuration: that of the demo, with an escalation."""
    async with Peers(write_sample(folder / CONFIGURATION, sample.Sample())) as peers:
        values = sample.Sample(
            hospital_http=peers.hooks_port,
            om_port=peers.orders_port,
            biztalk_port=peers.orders_port,
        )
        text = sample.text(values).replace("{id: tib_sas,", ESCALATES)
        (folder / CONFIGURATION).write_text(text, "utf-8")
        async with Lives(folder) as lives:
            yield Harness(folder, peers, lives, seed)


async def _run(
    folder: Path,
    seed: int,
    trials: int,
    points: dict[str, int],
    controls: int,
    declarations: int,
) -> dict[str, object]:
    async with ready(folder, seed) as harness:
        killed = await product(harness, trials, points)
        answers = spread(harness.first_answers_s)
        away = await product(harness, round(AWAY_SHARE * trials), AWAY_POINTS, goes_away=True)
        return {
            "lives": trials,
            "seed": seed,
            **killed,
            "database_goes_away": away,
            "on_postgresql": await on_postgresql(harness, round(SERVER_SHARE * trials), points),
            "controls": {name: await control(harness, name, controls) for name in CONTROLS},
            "commit_to_first_byte_ms": await timed(harness, declarations),
            "fork_to_first_answer_s": {**answers, "limit": LIMIT_FIRST_ANSWER_S},
        }


def run(
    trials: int,
    seed: int,
    *,
    points: dict[str, int] = EVERYWHERE,
    controls: int = CONTROL_KILLS,
    declarations: int = DECLARATIONS,
) -> dict[str, object]:
    """The kills, both controls and the times; what the evidence file has of them.

    SystemExit if the product lost a notice or told one wrongly, or if a control lost nothing.
    """
    folder = Path(tempfile.mkdtemp(prefix="remissvakt-outbox-"))
    began = time.monotonic()
    try:
        found = asyncio.run(_run(folder, seed, trials, points, controls, declarations))
    except AssertionError as error:
        raise SystemExit(f"outbox: {error} (evidence in {folder})") from None
    shutil.rmtree(folder)
    say(
        f"outbox: {found['kills']} kills (seed {seed}), {found['committed']} committed, 0 lost, "
        f"{found['raw_duplicates']} raw duplicates, in {time.monotonic() - began:.0f} s"
    )
    return found
