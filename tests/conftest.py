"""Fixtures that several packages of tests share."""

import contextlib
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from pynetdicom.transport import AssociationSocket

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

structlog.configure(
    processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
    wrapper_class=structlog.make_filtering_bound_logger(40),
)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Write out what was installed a moment ago: a story's fsync would wait for it, for seconds."""
    os.sync()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the stories, which wait, among what computes: so no core idles while another is full."""
    stories = [item for item in items if "stories" in item.path.parts]
    others = [item for item in items if "stories" not in item.path.parts]
    place = {
        item: (number + 0.5) / len(alike)
        for alike in (stories, others)
        for number, item in enumerate(alike)
    }
    items.sort(key=place.__getitem__)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a real PostgreSQL: REMISSVAKT_TEST_DATABASE_URL, or one started from the wheel."""
    from tests.support.postgresql import server  # noqa: PLC0415 - starting it takes a second

    with server() as url:
        yield url


def _shut(association_socket: AssociationSocket) -> None:
    """pynetdicom 3.0.4 does not close a socket whose connection was refused: shutdown raises first."""
    refused = association_socket.socket
    if refused is not None:
        with contextlib.suppress(OSError):
            refused.shutdown(socket.SHUT_RDWR)
        refused.close()


AssociationSocket._shutdown_socket = _shut  # pyright: ignore[reportPrivateUsage]
