"""What two nodes did in a whole run, by the hospital's log, the database and their own logs."""

import asyncio
from collections import Counter
from datetime import datetime
from typing import Any

import psycopg

from tests.support.nodes import TwoNodes

PATHS = ("sas_om_ris", "halland_vas_biztalk_ris")
NEVER = ("notices_lost", "orders_sent_twice", "orders_of_an_old_epoch")


class Wrong(Exception):
    """An invariant did not hold."""


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as db:
        return db.execute(query).fetchall()  # pyright: ignore[reportArgumentType, reportCallIssue]


def debts(url: str) -> set[str]:
    """Orders whose cancels the broken engine swallowed: they are on the administrator's list."""
    return {placer for (placer,) in rows(url, "SELECT placer FROM orders WHERE state = 'debt'")}


async def verdict(nodes: TwoNodes, url: str) -> dict[str, int]:
    """What the hospital's log and the database say of the whole run."""
    end = nodes.clock.monotonic() + 60
    while rows(url, "SELECT 1 FROM outbox WHERE delivered_at IS NULL AND dropped_at IS NULL"):
        if nodes.clock.monotonic() > end:
            raise Wrong("a notice was not delivered")
        await asyncio.sleep(0.5)
    got = {(h["endpoint"], h["webhook_id"]) for h in nodes.hospital.hooks.received if h["verified"]}
    stored = {
        tuple(row)
        for row in rows(url, "SELECT endpoint, event_id FROM outbox WHERE dropped_at IS NULL")
    }
    raw = Counter((h["endpoint"], h["webhook_id"]) for h in nodes.hospital.hooks.received)
    epochs = dict(rows(url, "SELECT placer, epoch FROM orders"))
    began = began_at(nodes)
    late = 0
    for line in nodes.hospital.log.lines:
        if line["event"] == "took" and line["control"] == "NW":
            epoch = epochs.get(line["placer"])
            if epoch is None:
                raise Wrong(f"{line['placer']} is in no book")
            after = began.get(epoch + 1)
            late += after is not None and datetime.fromisoformat(line["at"]) > after
    return {
        "notices": len(stored),
        "notices_lost": len(stored - got),
        "raw_duplicates": sum(times - 1 for times in raw.values()),
        "orders": len(set(nodes.sent())),
        "orders_handed_to_people": len(debts(url)),
        "orders_sent_twice": len(nodes.sent()) - len(set(nodes.sent())),
        "orders_of_an_old_epoch": late,
    }


def began_at(nodes: TwoNodes) -> dict[int, datetime]:
    """When each epoch began, by the nodes' own logs."""
    return {
        int(line["epoch"]): datetime.fromisoformat(line["timestamp"])
        for node in nodes.nodes.values()
        for line in node.events("started")
    }


async def concluded(nodes: TwoNodes) -> dict[str, int]:
    """Stop sending, wait until nothing of ours is left, and count. Wrong if anything was lost."""
    for path in PATHS:
        with psycopg.connect(nodes.url, autocommit=True) as db:
            db.execute(
                "INSERT INTO requests VALUES (%s, 'stop', %s, 'faults', now(), NULL, '', '')",
                (f"stop-{path}", f'{{"path": "{path}", "reason": "the trials end"}}'),
            )
    await nodes.settled(90, lambda: debts(nodes.url))
    found = await verdict(nodes, nodes.url)
    if bad := [name for name in NEVER if found[name]]:
        raise Wrong(f"{bad}: {found}")
    return found
