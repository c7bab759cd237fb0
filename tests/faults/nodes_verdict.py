"""What two nodes did in a whole run: as with one, and whether a fenced one ever sent an order."""

from datetime import datetime

from tests.faults.ending import Wrong
from tests.faults.stored import verdict
from tests.support.nodes import TwoNodes


async def concluded(nodes: TwoNodes) -> dict[str, int]:
    """Stop sending, wait until nothing of ours is left, and count. Wrong if anything was lost."""
    found = {**await verdict(nodes), "orders_of_an_old_epoch": await old_epoch(nodes)}
    if found["orders_of_an_old_epoch"]:
        raise Wrong(f"{found}")
    return found


async def old_epoch(nodes: TwoNodes) -> int:
    """Orders that left after the epoch which followed theirs had begun."""
    epochs = dict(await nodes.rows("SELECT placer, epoch FROM orders"))
    began, late = began_at(nodes), 0
    for line in nodes.hospital.log.lines:
        if line["event"] == "took" and line["control"] == "NW":
            after = began.get(epochs[line["placer"]] + 1)
            late += after is not None and datetime.fromisoformat(line["at"]) > after
    return late


def began_at(nodes: TwoNodes) -> dict[int, datetime]:
    """When each epoch began, by the nodes' own logs."""
    return {
        int(line["epoch"]): datetime.fromisoformat(line["timestamp"])
        for node in nodes.nodes.values()
        for line in node.events("started")
    }
