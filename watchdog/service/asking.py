"""Asking the process that watches: through the database, or at hand where that takes nothing."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import structlog

from watchdog.clock import Clock
from watchdog.errors import Fenced, Refused, StorageError
from watchdog.model.ids import uuid7
from watchdog.orders.identity import without_identities
from watchdog.storage.journal import Journal, Record
from watchdog.storage.requests import Request, Requests
from watchdog.within import within

log = structlog.get_logger()
CarryOut = Callable[[Request], Awaitable[tuple[str, str]]]
"""(outcome, detail) of a request: `done` or `refused`, with a sentence or an id."""
TYPED = ("reason", "name")
"""What a person types at night is kept and sent on: without a patient's number, and never refused."""
AT_HAND = frozenset({"declare", "acknowledge"})
"""What makes the answer more cautious never waits for the database (design decisions, section 5); nor
does the word that somebody is there, which the journal keeps."""
MOST_TYPED = 400
"""More does not fit what tells of it; a long story is cut rather than refused."""
TAKE_S = 2.0


async def ask(
    requests: Requests,
    kind: str,
    arguments: dict[str, Any],
    *,
    by: str,
    clock: Clock,
    patience_s: float,
    at_hand: CarryOut | None = None,
) -> Request:
    """Store a request and wait for the running service to carry it out. Refused if none does.

    `at_hand` is the service itself, if it is this process: what is cautious it does at once, should
    the database not take the request. StorageError for everything else then.
    """
    now = clock.now()
    arguments = {
        name: without_identities(value)[:MOST_TYPED] if name in TYPED else value
        for name, value in arguments.items()
    }
    request = Request(
        id=str(uuid7(now, secrets.token_bytes(10))), kind=kind, arguments=arguments, by=by, at=now
    )
    try:
        await within(TAKE_S, requests.add(request))
    except Fenced:
        raise  # the one that leads is to be asked
    except StorageError:
        if at_hand is None or kind not in AT_HAND:
            raise
        outcome, detail = await at_hand(request)
        return replace(request, done_at=clock.now(), outcome=outcome, detail=detail)
    end = clock.monotonic() + patience_s
    while clock.monotonic() < end:
        found = await within(TAKE_S, requests.get(request.id))
        if found is not None and found.done_at is not None:
            return found
        await clock.sleep(0.1)
    raise Refused(
        f"No running Remissvakt took the request in {patience_s:.0f} s. It stays stored and is "
        "carried out when the service runs."
    )


def by_hand(carry_out: CarryOut, journal: Journal, clock: Clock) -> CarryOut:
    """As `carry_out`, for requests that the database did not take: the journal keeps who asked."""

    async def carried(request: Request) -> tuple[str, str]:
        outcome, detail = await carry_out(request)
        done = replace(request, done_at=clock.now(), outcome=outcome, detail=detail)
        try:
            await journal.append(Record(at=clock.now(), asked=done))
        except StorageError as error:  # it was done all the same, and its incident is stored apart
            log.error("not_audited", kind=request.kind, error=str(error))
        return outcome, detail

    return carried
