"""The outbox worker against an outbox and a receiver whose moments the test chooses."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from watchdog.clock import SystemClock
from watchdog.errors import DeliveryError, StorageError
from watchdog.model.notice import Attempt, Notice
from watchdog.runner.dispatch import Dispatcher
from watchdog.storage.journal import Journal, Record


class SlowOutbox:
    """An outbox whose answer to `heads` may be held until the delivery under way has ended."""

    def __init__(self, *waiting: Notice) -> None:
        self.waiting = list(waiting)
        self.hold: asyncio.Event | None = None
        self.reading = asyncio.Event()
        self.brought: list[str] = []

    async def heads(self, now: datetime, taken: Any = ()) -> list[Notice]:
        first: dict[str, Notice] = {}
        for notice in self.waiting:
            first.setdefault(notice.endpoint, notice)
        if self.hold is not None:
            self.reading.set()
            hold, self.hold = self.hold, None
            await hold.wait()
        return list(first.values())

    async def delivered(self, notice: Notice, attempt: Attempt) -> None:
        self.waiting = [other for other in self.waiting if other.id != notice.id]

    async def bring_forward(self, notice: Notice, now: datetime) -> bool:
        self.brought.append(notice.id)
        return True

    async def failed(
        self, notice: Notice, attempt: Attempt, next_at: datetime, refused_at: datetime | None
    ) -> None:
        self.waiting = [
            replace(
                other,
                next_attempt_at=next_at,
                attempts=attempt.number,
                last_error=attempt.outcome,
                refused_at=refused_at,
            )
            if other.id == notice.id
            else other
            for other in self.waiting
        ]


class Receiver:
    """Takes notices one by one; refuses those to an endpoint named dead."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.open = asyncio.Event()

    async def send(self, notice: Notice, _endpoint: Any) -> None:
        self.got.append(notice.id)
        if notice.endpoint == "dead":
            raise DeliveryError("refused")
        await self.open.wait()


def _notice(id_: str, endpoint: str = "tib", order: int = 1) -> Notice:
    return Notice(
        id=id_,
        event_id=f"e-{id_}",
        endpoint=endpoint,
        incident="i",
        kind="declared",
        body="{}",
        created_at=datetime.now(UTC),
        order=order,
    )


def _dispatcher(
    outbox: SlowOutbox,
    receiver: Receiver,
    tmp_path: Path,
    leads: Callable[[], bool] = lambda: True,
) -> Dispatcher:
    endpoints = tuple(SimpleNamespace(id=id_) for id_ in ("tib", "dead", "it"))
    board = SimpleNamespace(endpoints=endpoints)
    journal = Journal(tmp_path / "journal.jsonl")
    runtime = SimpleNamespace(
        clock=SystemClock(), board=board, outbox=outbox, journal=journal, leads=leads
    )
    watcher: Any = SimpleNamespace(runtime=runtime, sender=receiver)
    return Dispatcher(watcher)


async def _until(met: Any) -> None:
    async with asyncio.timeout(3):
        while not met():
            await asyncio.sleep(0)


async def test_a_delivery_that_ends_while_the_outbox_is_read_is_not_sent_again(
    tmp_path: Path,
) -> None:
    outbox, receiver = SlowOutbox(_notice("a")), Receiver()
    dispatcher = _dispatcher(outbox, receiver, tmp_path)
    running = asyncio.create_task(dispatcher.run())
    await _until(lambda: receiver.got == ["a"])

    outbox.hold = hold = asyncio.Event()
    dispatcher.kick.set()
    await outbox.reading.wait()  # the outbox was read while "a" was still under way ...
    receiver.open.set()
    await _until(lambda: dispatcher.delivered == 1 and not outbox.waiting)
    await asyncio.sleep(0.01)
    hold.set()  # ... and answers with "a" after it was taken
    await asyncio.sleep(0.05)

    assert receiver.got == ["a"]
    running.cancel()
    await asyncio.wait([running])


async def test_a_dead_endpoint_does_not_hold_up_another(tmp_path: Path) -> None:
    outbox = SlowOutbox(_notice("x", "dead"), _notice("y", "dead", 2), _notice("a"), _notice("b"))
    receiver = Receiver()
    receiver.open.set()
    dispatcher = _dispatcher(outbox, receiver, tmp_path)
    running = asyncio.create_task(dispatcher.run())
    await _until(lambda: "b" in receiver.got and receiver.got.count("x") >= 2)
    assert "y" not in receiver.got  # in order: never past one that was not taken
    assert [notice.id for notice in outbox.waiting] == ["x", "y"]
    assert outbox.waiting[0].attempts >= 1
    running.cancel()
    await asyncio.wait([running])


@pytest.mark.parametrize("leads", [True, False])
async def test_what_is_on_its_way_at_a_stop_is_noted_unless_another_node_leads_now(
    tmp_path: Path, leads: bool
) -> None:
    outbox, receiver = SlowOutbox(_notice("a")), Receiver()
    dispatcher = _dispatcher(outbox, receiver, tmp_path, leads=lambda: leading)
    leading = True
    running = asyncio.create_task(dispatcher.run())
    await _until(lambda: receiver.got == ["a"])
    leading = leads
    running.cancel()
    asyncio.get_running_loop().call_later(0.1, receiver.open.set)
    await asyncio.wait([running])
    assert dispatcher.delivered == int(leads)
    assert bool(outbox.waiting) is not leads


async def test_a_stop_waits_a_second_at_most_for_a_receiver_that_never_answers(
    tmp_path: Path,
) -> None:
    outbox, receiver = SlowOutbox(_notice("a")), Receiver()
    dispatcher = _dispatcher(outbox, receiver, tmp_path)
    running = asyncio.create_task(dispatcher.run())
    await _until(lambda: receiver.got == ["a"])
    running.cancel()
    async with asyncio.timeout(3):
        await asyncio.wait([running])
    assert outbox.waiting


async def test_what_was_taken_and_could_not_be_noted_is_not_sent_again_and_again(
    tmp_path: Path,
) -> None:
    class Full(Journal):
        """Its disk took the decision, and then was full."""

        async def tried(self, attempt: Attempt, next_at: datetime | None) -> bool:
            raise StorageError("no space left")

    outbox, receiver = SlowOutbox(), Receiver()
    receiver.open.set()
    dispatcher = _dispatcher(outbox, receiver, tmp_path)
    journal = Full(tmp_path / "full.jsonl")
    await journal.append(
        Record(at=datetime.now(UTC), notices=(_notice("a"), _notice("b", order=2)))
    )
    dispatcher._watcher.runtime.journal = journal
    running = asyncio.create_task(dispatcher.run())
    await asyncio.sleep(0.5)
    running.cancel()
    await asyncio.wait([running])
    assert receiver.got == ["a", "b"]


async def test_a_notice_does_not_wait_for_hours_because_the_clock_was_set_back(
    tmp_path: Path,
) -> None:
    late = datetime.now(UTC) + timedelta(hours=2)
    failed = replace(_notice("a"), created_at=late, next_attempt_at=late, attempts=3)
    later = replace(_notice("b", endpoint="dead"), not_before=late, next_attempt_at=late)
    rung = replace(later, id="c", created_at=late, of="a", endpoint="it")
    receiver = Receiver()
    receiver.open.set()
    running = asyncio.create_task(
        _dispatcher(SlowOutbox(failed, later, rung), receiver, tmp_path).run()
    )
    await _until(lambda: len(receiver.got) > 1)
    await asyncio.sleep(0.01)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert sorted(receiver.got) == ["a", "c"]  # the other one is for a certain time
