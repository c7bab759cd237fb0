"""A disk of 160 MB for one database, that a test fills to the last byte and empties again."""

import os
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg

SIZE = "160m"
FULL = "53100"
"""SQLSTATE disk_full."""
CHUNK = 1 << 20
WRITE_AND_SWITCH = "SELECT pg_logical_emit_message(false, 'other', 'user'); SELECT pg_switch_wal()"
SWITCHES = 40
"""More WAL segments than can lie ready on that disk."""


class SmallDisk:
    """A tmpfs with a ballast file beside the data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> int:
        """Leave no byte; how many bytes that took."""
        filled, piece = 0, bytes(CHUNK)
        with self._ballast.open("ab", buffering=0) as file:
            while piece:
                try:
                    filled += file.write(piece)
                except OSError:
                    piece = piece[: len(piece) // 2]
        return filled

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk() -> Generator[SmallDisk]:
    """Mounted, and unmounted at the end. SystemExit if that is not ours to do."""
    if os.geteuid() != 0:
        raise SystemExit("F16 needs root: it mounts a small disk for the database")
    folder = Path(tempfile.mkdtemp(prefix="remissvakt-disk-"))
    try:
        size = f"size={SIZE}"
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=True)
        try:
            yield SmallDisk(folder)
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
    finally:
        folder.rmdir()


def prepare(url: str) -> None:
    """Another user of the same server, whose writes meet the full disk too."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("CREATE TABLE IF NOT EXISTS other_user (text text)")


def table_cannot_grow(url: str) -> bool:
    """True if PostgreSQL refuses a row with disk_full, or takes no connection any more."""
    query = "INSERT INTO other_user SELECT repeat('x', 900) FROM generate_series(1, 200)"
    return _refused(url, query, 1)


def log_cannot_grow(url: str) -> bool:
    """True if PostgreSQL fell because its write-ahead log found no room for another segment."""
    return _refused(url, WRITE_AND_SWITCH, SWITCHES)


def _refused(url: str, query: str, times: int) -> bool:
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=2) as db:
            for _ in range(times):
                db.execute(query.encode())
    except psycopg.OperationalError as error:  # disk_full is one; a server that fell says nothing
        return error.sqlstate in (FULL, "57P02", None)
    return False
