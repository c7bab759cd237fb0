"""What the system says of a connection that failed, however deep it lies, and what follows of it."""

import errno
import os

import httpx
import pytest

from watchdog.model.system import Outcome
from watchdog.probes.look import of_connection
from watchdog.probes.web import _not_connected


def failed(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def as_httpx(*below: OSError) -> httpx.ConnectError:
    """As anyio and httpx word it: one text, and what the system said below."""
    middle = OSError("All connection attempts failed")
    middle.__cause__ = below[0] if len(below) == 1 else ExceptionGroup("several", below)
    told = httpx.ConnectError(str(middle))
    told.__cause__ = middle
    return told


SAYS = [
    (errno.ECONNREFUSED, Outcome.REFUSED),
    (errno.ECONNRESET, Outcome.REFUSED),
    (errno.ETIMEDOUT, Outcome.SILENT),
    (errno.EHOSTUNREACH, Outcome.SILENT),
    (errno.EHOSTDOWN, Outcome.SILENT),
    (errno.ENETUNREACH, Outcome.UNKNOWN),
    (errno.ENETDOWN, Outcome.UNKNOWN),
    (errno.EMFILE, Outcome.UNKNOWN),
]


@pytest.mark.parametrize(("number", "outcome"), SAYS)
def test_a_page_and_a_port_that_cannot_be_connected_to_are_judged_alike(
    number: int, outcome: Outcome
) -> None:
    assert of_connection(failed(number), "port 80").outcome is outcome
    assert _not_connected(as_httpx(failed(number))).outcome is outcome


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        (errno.ENETUNREACH, errno.ECONNREFUSED, Outcome.REFUSED),
        (errno.ENETUNREACH, errno.EHOSTUNREACH, Outcome.SILENT),
        (errno.ENETUNREACH, errno.ENETUNREACH, Outcome.UNKNOWN),
    ],
)
def test_of_several_addresses_the_one_that_answers_says_most(
    first: int, second: int, outcome: Outcome
) -> None:
    both = failed(first), failed(second)
    told = OSError(f"Multiple exceptions: {both[0]}, {both[1]}")  # asyncio's own wording
    assert of_connection(told, "port 80").outcome is outcome
    assert _not_connected(as_httpx(*both)).outcome is outcome
