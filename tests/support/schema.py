"""A new database at the newest schema: the migrations run once in a process, what they made is copied."""

import tempfile
from pathlib import Path

from watchdog.clock import SystemClock
from watchdog.dburl import sqlite_file
from watchdog.storage.engine import Database
from watchdog.storage.migrate import upgrade

_made: list[bytes] = []


async def newest_schema(database: Database) -> None:
    """A SQLite file that is not there yet is a copy; every other database takes its own migrations."""
    if not database.is_sqlite or _file(database).exists():
        await upgrade(database)
        return
    if not _made:
        _made.append(await _migrated())
    _file(database).write_bytes(_made[0])


async def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.sqlite", SystemClock())
        await upgrade(database)
        await database.close()  # the last one to leave writes the log back into the file
        return _file(database).read_bytes()


def _file(database: Database) -> Path:
    found = sqlite_file(database.url)
    assert found is not None
    return found
