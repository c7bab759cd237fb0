"""Named failpoints, set by wrapping the product's seams in the process that is to be killed.

The names are those of the test programme. Nothing of the product knows of them.
"""

import functools
import os
import signal
from collections.abc import Callable
from typing import Any

from watchdog.detection.path import PathDetector
from watchdog.hl7.client import MllpClient
from watchdog.runtime import Watcher
from watchdog.service.arrivals import Arrivals
from watchdog.service.recorder import Recorder
from watchdog.storage import changes, incidents, leader, meta, outbox
from watchdog.storage.journal import Journal
from watchdog.storage.outbox import Outbox
from watchdog.storage.session import Session

POINTS: dict[str, int] = {
    "probe.before_send": 5,
    "probe.after_send": 5,
    "ack.recv": 5,
    "marker.seen": 5,
    "eval.before": 40,
    "decide.after": 18,
    "tx.after_incident": 18,
    "tx.after_outbox": 18,
    "tx.before_commit": 18,
    "tx.after_commit": 18,
    "lease.after": 36,
    "send.after_connect": 36,
    "send.after_write": 36,
    "send.after_response": 36,
    "mark.before": 36,
    "mark.after": 36,
    "escalate.after": 1,
    "clear.tx": 9,
    "epoch.bump": 1,
}
"""Name to the highest n that is drawn."""
LEASE_POINTS: dict[str, int] = {"lease.renew": 3}
"""With PostgreSQL only: a locked file needs no renewal."""
RANDOM = "random"
"""Killed from outside, at whatever moment it is."""
AWAY_POINTS: dict[str, int] = {
    "journal.after": 4,
    "journal.brought": 4,
    "tx.after_commit": 6,
    "send.after_response": 18,
    "mark.after": 12,
    RANDOM: 0,
}
"""For lives whose database goes away now and then; the first two are reached in no other."""
Reached = Callable[[], None]


def trap(name: str, nth: int) -> Callable[[str], Reached]:
    """Makes what kills this process when `name` is reached for the nth time."""
    left = nth

    def point(reached: str) -> Reached:
        def reach() -> None:
            nonlocal left
            if reached == name:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        return reach

    return point


def always(_result: object, *_: object) -> bool:
    return True


def before(owner: Any, name: str, reached: Reached) -> None:
    """Reach the point each time that an async function or method is called."""
    real = getattr(owner, name)

    @functools.wraps(real)
    async def wrapped(*args: Any, **more: Any) -> Any:
        reached()
        return await real(*args, **more)

    setattr(owner, name, wrapped)


def after(owner: Any, name: str, reached: Reached, when: Callable[..., bool] = always) -> None:
    """Reach the point each time that an async function or method has returned, if `when` agrees."""
    real = getattr(owner, name)

    @functools.wraps(real)
    async def wrapped(*args: Any, **more: Any) -> Any:
        result = await real(*args, **more)
        if when(result, *args):
            reached()
        return result

    setattr(owner, name, wrapped)


def set_points(point: Callable[[str], Reached]) -> None:
    """Set every point whose seam is there before the service is wired."""
    real_tick, evaluates = PathDetector.tick, point("eval.before")

    def tick(self: PathDetector, now: float) -> Any:
        evaluates()
        return real_tick(self, now)

    PathDetector.tick = tick
    before(MllpClient, "send", point("probe.before_send"))
    after(MllpClient, "send", point("ack.recv"))
    _after_order_bytes(point("probe.after_send"))
    before(Arrivals, "arrived", point("marker.seen"))
    before(Recorder, "record", point("decide.after"))
    after(incidents, "save", point("clear.tx"), lambda _, __, incident, ___: incident.is_over)
    after(incidents, "save", point("tx.after_incident"))
    after(outbox, "follow", point("tx.after_outbox"))
    after(changes, "tell", point("tx.before_commit"))
    after(Recorder, "_store", point("tx.after_commit"))
    after(Outbox, "heads", point("lease.after"), lambda heads, *_: bool(heads))
    before(Outbox, "delivered", point("mark.before"))
    after(Outbox, "delivered", point("mark.after"))
    after(Outbox, "bring_forward", point("escalate.after"), lambda brought, *_: brought)
    after(meta, "upsert", point("epoch.bump"))  # within the transaction that raises it
    after(Session, "ask", point("lease.renew"), _beats)
    after(Journal, "append", point("journal.after"))
    after(outbox, "settle", point("journal.brought"))  # brought in, and not committed yet


def _beats(_result: object, _session: object, query: str, *_: object) -> bool:
    return query == leader.EPOCH


def set_sending_points(watcher: Watcher, point: Callable[[str], Reached]) -> None:
    """Set the points within a delivery, by the trace that the HTTP client offers for each request."""
    steps = {
        "connection.connect_tcp.complete": point("send.after_connect"),
        "http11.send_request_body.complete": point("send.after_write"),
        "http11.receive_response_headers.complete": point("send.after_response"),
    }

    async def trace(step: str, _info: object) -> None:
        if step in steps:
            steps[step]()

    client: Any = watcher.sender.webhook._client  # pyright: ignore[reportPrivateUsage]
    real = client.stream

    def stream(*args: Any, extensions: dict[str, Any], **more: Any) -> Any:
        return real(*args, extensions={**extensions, "trace": trace}, **more)

    client.stream = stream


def _after_order_bytes(reached: Reached) -> None:
    real = MllpClient._connect  # pyright: ignore[reportPrivateUsage]

    async def connect(self: MllpClient) -> Any:
        connection: Any = await real(self)
        after(connection.writer, "drain", reached)
        return connection

    MllpClient._connect = connect  # pyright: ignore[reportPrivateUsage]
