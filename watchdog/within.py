"""Waiting for a database that may have stopped answering, and no longer than one can afford."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from watchdog.errors import StorageError

T = TypeVar("T")


async def within(seconds: float, work: Coroutine[Any, Any, T] | asyncio.Task[T]) -> T:
    """The result of `work` on a database that may have stopped answering. StorageError if late.

    It is not cancelled: the driver would wait for a stopped server to confirm that. It may still be
    carried out later, before anything that waits behind it, so it must bear being done again.
    """
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not done:
        task.add_done_callback(_heard)
        raise StorageError(f"the database did not answer in {seconds:g} s")
    return task.result()


def _heard(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled():
        task.exception()  # late, and told already
