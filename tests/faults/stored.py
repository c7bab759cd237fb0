"""The database's rows against the logs of the hospital: what was lost, repeated, or left behind."""

import asyncio
from collections import Counter

from tests.faults.ending import Wrong
from tests.support.beside import OnPostgreSQL

PATIENCE_S = 90.0


async def settled(site: OnPostgreSQL) -> None:
    """Stop sending; wait until every notice was delivered and no order of ours is left."""
    await site.stop_sending()
    end = site.clock.monotonic() + PATIENCE_S
    while left := await _left(site):
        if site.clock.monotonic() > end:
            raise Wrong(f"after {PATIENCE_S:g} s: {left[:5]}")
        await asyncio.sleep(0.5)


async def _left(site: OnPostgreSQL) -> list[str]:
    log = site.hospital.log
    debts = {
        placer for (placer,) in await site.rows("SELECT placer FROM orders WHERE state = 'debt'")
    }
    orders = set(log.placers("ris", "arrived")) - set(log.placers("ris", "cancelled")) - debts
    waiting = await site.rows(
        "SELECT endpoint, kind FROM outbox WHERE delivered_at IS NULL AND dropped_at IS NULL"
    )
    return [f"order {placer} is not cancelled" for placer in orders] + [
        f"{kind} for {endpoint} is not delivered" for endpoint, kind in waiting
    ]


async def verdict(site: OnPostgreSQL) -> dict[str, int]:
    """The counts of the whole run. Wrong if something was lost or told without being stored."""
    await settled(site)
    received = site.hospital.hooks.received
    got = Counter((hook["endpoint"], hook["webhook_id"]) for hook in received)
    stored = set(await site.rows("SELECT endpoint, event_id FROM outbox"))
    kept = set(await site.rows("SELECT endpoint, event_id FROM outbox WHERE dropped_at IS NULL"))
    book = {placer for (placer,) in await site.rows("SELECT placer FROM orders")}
    sent = Counter(site.sent())
    debts = await site.rows("SELECT placer FROM orders WHERE state = 'debt'")
    found = {
        "notices": len(kept),
        "notices_lost": len(kept - set(got)),
        "told_and_not_stored": len(set(got) - stored),
        "not_verified": sum(not hook["verified"] for hook in received),
        "orders": len(sent),
        "orders_not_in_the_book": len(set(sent) - book),
        "orders_sent_twice": sum(times > 1 for times in sent.values()),
        "orders_handed_to_people": len(debts),
        "raw_duplicates": sum(got.values()) - len(got),
    }
    bad = ("notices_lost", "told_and_not_stored", "not_verified", "orders_not_in_the_book")
    if any(found[name] for name in (*bad, "orders_sent_twice")):
        raise Wrong(f"{found}")
    return found
