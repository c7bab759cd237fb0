"""Kill -9 the service at random moments of an outage; nothing may be left behind.

For each trial: a fresh hospital and service as in the demo, a queue fault, kill -9 at a random moment
of it, restart, mend. Within 60 s of the restart every order in the hospital's log is cancelled or on
the debt list, every row of the book is terminal, and every stored notice has been delivered.
"""

import json
import random
import shutil
import sqlite3
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.faults.ending import say
from watchdog.cli import evidence
from watchdog.cli.stage import LANES, Stage

WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Ended:
    """One trial: when the kill came after the fault, and what was clean so long after the restart."""

    killed_after_s: float
    clean_s: float
    orders: int
    notices: int


def rows(folder: Path, sql: str) -> list[tuple]:
    db = sqlite3.connect(f"file:{folder / evidence.DATABASE}?mode=ro", uri=True, timeout=5)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def left_behind(folder: Path) -> list[str]:
    """What is not yet as it must be."""
    lines = [json.loads(x) for x in (folder / evidence.HOSPITAL).read_text().splitlines()]
    arrived = {x["placer"] for x in lines if x["event"] == "arrived"}
    cancelled = {x["placer"] for x in lines if x["event"] == "cancelled"}
    book = dict(rows(folder, "SELECT placer, state FROM orders"))
    owed = {placer for placer, state in book.items() if state == "debt"}
    found = [f"{placer} is in the RIS" for placer in arrived - cancelled - owed]
    found += [f"{placer} is not in the book" for placer in arrived - set(book)]
    not_ended = rows(
        folder,
        "SELECT placer, state FROM orders WHERE state NOT IN ('cancelled', 'refused', 'debt')"
        " AND NOT (state = 'lost' AND ended_at IS NOT NULL)",
    )
    found += [f"{placer} is {state}" for placer, state in not_ended]
    waiting = rows(folder, "SELECT id FROM outbox WHERE delivered_at IS NULL")
    found += [f"notice {ident} was not delivered" for (ident,) in waiting]
    return found


def lost_notices(folder: Path) -> list[str]:
    """Stored events that the hospital's receivers never saw."""
    file = folder / evidence.WEBHOOKS  # not there if the kill came before anything was declared
    received = [json.loads(x) for x in file.read_text().splitlines()] if file.exists() else []
    got = {(x["endpoint"], x["webhook_id"]) for x in received if x["verified"]}
    stored = rows(folder, "SELECT endpoint, event_id FROM outbox")
    return [f"{endpoint} {event}" for endpoint, event in stored if (endpoint, event) not in got]


def trial(number: int, chance: random.Random) -> Ended:
    """One kill, and what was clean afterwards; SystemExit if something was not."""
    folder = Path(tempfile.mkdtemp(prefix="remissvakt-kill-"))
    stage = Stage(folder, number, 0)
    try:
        stage.begin()
        stage.await_state("normal", 20)
        stage.nap(2)
        stage.break_lane("queue")
        moment = chance.uniform(0.0, 6.0)
        stage.nap(moment)
        stage.kill_service()
        stage.nap(chance.uniform(0.0, 1.0))
        if chance.random() < 0.5:
            stage.mend_lane()
            stage.restart_service()
        else:
            stage.restart_service()
            stage.nap(chance.uniform(0.0, 2.0))
            stage.mend_lane()
        began = time.monotonic()
        stage.await_state("normal", 50)
        stage.stop_sending()
        while left := left_behind(folder):
            if time.monotonic() - began > WITHIN_S:
                raise SystemExit(f"trial {number}: left behind after {WITHIN_S:g} s: {left[:5]}")
            stage.nap(0.2)
        clean = time.monotonic() - began
        if lost := lost_notices(folder):
            raise SystemExit(f"trial {number}: notices lost: {lost}")
        orders = rows(folder, "SELECT count(*) FROM orders")[0][0]
        notices = rows(folder, "SELECT count(*) FROM outbox")[0][0]
        return Ended(moment, clean, orders, notices)
    finally:
        stage.end()
        shutil.rmtree(folder, ignore_errors=True)


def run(trials: int, seed: int) -> dict[str, object]:
    """The trials; what the evidence file has of them."""
    chance = random.Random(seed)
    ended: list[Ended] = []
    for number in range(1, trials + 1):
        ended.append(trial(number, chance))
        say(f"kill {number}: {ended[-1]}")
    worst = max(each.clean_s for each in ended)
    orders = sum(each.orders for each in ended)
    notices = sum(each.notices for each in ended)
    say(
        f"kills: {trials} (seed {seed}) on {len(LANES)} paths, {orders} orders ended, "
        f"{notices} notices delivered, worst clean-up {worst:.1f} s"
    )
    return {
        "trials": trials,
        "seed": seed,
        "orders_ended": orders,
        "notices_delivered": notices,
        "worst_clean_up_s": round(worst, 1),
    }
