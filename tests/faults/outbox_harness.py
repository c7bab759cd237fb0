"""Installations of the product, one after the other, each of which is killed many times and judged once."""

import random
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.outbox_forks import KILLED, Lives
from tests.faults.outbox_life import LOST_LEAD, Plan
from tests.faults.outbox_peers import Peers
from tests.faults.outbox_points import RANDOM
from tests.faults.outbox_verdict import Found, first_answers_s, judge
from tests.support.postgresql import fresh_database
from watchdog.clock import SystemClock
from watchdog.storage.engine import Database
from watchdog.storage.migrate import upgrade

PATHS = ("sas_om_ris", "halland_vas_biztalk_ris")
LONGEST_RANDOM_S, MOST_LAST_LIVES = 1.2, 5
HANGS_UP = 0.5
"""Share of lives in which receivers close the connection after each answer."""


class Harness:
    """Installations of the product, one after the other, and the peers that outlive them."""

    def __init__(self, folder: Path, peers: Peers, lives: Lives, seed: int) -> None:
        self._folder, self.peers, self._lives = folder, peers, lives
        self._chance = random.Random(seed)
        self.kills: Counter[str] = Counter()
        """By point."""
        self.not_reached: Counter[str] = Counter()
        """Lives that ended before their point was reached that often."""
        self.first_answers_s: list[float] = []
        self._made = 0

    async def installation(self, server: str = "") -> Plan:
        """An empty one, on SQLite or on the PostgreSQL of that URL."""
        self._made += 1
        folder = self._folder / f"installation-{self._made}"
        folder.mkdir()
        self.peers.log_to(folder / "received.jsonl")
        url = fresh_database(server, "outbox") if server else f"sqlite:///{folder / 'x.sqlite'}"
        database = Database(url, SystemClock())
        await upgrade(database)
        await database.close()
        return Plan(folder=str(folder), url=url, seed=0)

    async def one(self, plan: Plan) -> int:
        """One life; AssertionError if it ended by an error of its own."""
        self.peers.life += 1
        ended = await self._lives.one(replace(plan, seed=self._chance.getrandbits(32)))
        if ended not in (0, KILLED, LOST_LEAD):
            raise AssertionError(f"a life ended with {ended}: {plan}")
        return ended

    async def kill_at(self, plan: Plan, point: str, most: int) -> None:
        """A life that is killed there."""
        plan = replace(plan, paths=PATHS)
        if point == RANDOM:
            plan = replace(plan, kill_after_s=self._chance.uniform(0.02, LONGEST_RANDOM_S))
        else:
            plan = replace(plan, point=point, nth=self._chance.randint(1, most))
        if point == "escalate.after":
            self.peers.refuses_since = datetime.now(UTC)
            plan = replace(plan, stays=True)
        self.peers.hangs_up = point == "send.after_connect" or self._chance.random() < HANGS_UP
        ended = await self.one(plan)
        self.peers.refuses_since = None
        (self.kills if ended == KILLED else self.not_reached)[point] += 1

    async def settle(self, plan: Plan) -> Found:
        """A life that nobody kills clears what is open and tells what is left; then the verdict."""
        for _ in range(MOST_LAST_LIVES):
            if await self.one(plan) == 0:
                break
        else:
            raise AssertionError(f"no last life told everything: {plan}")
        folder = Path(plan.folder)
        self.first_answers_s += first_answers_s(folder)
        found = judge(plan.url, folder)
        self._checked(plan.url)
        return found

    def _checked(self, url: str) -> None:
        if not url.startswith("sqlite"):
            return
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db:
            (answer,) = db.execute("PRAGMA integrity_check").fetchone()
        if answer != "ok":
            raise AssertionError(f"the database is damaged: {answer}")
