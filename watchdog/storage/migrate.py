"""Bring a database to the newest schema (Alembic; `migrations/` at the top level)."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from watchdog.errors import StorageError
from watchdog.storage.engine import Database

HERE = Path(__file__).resolve()
LOCK_ID = 0x4D494752  # "MIGR"
PATIENT = (
    "SET LOCAL idle_in_transaction_session_timeout = '60s'",
    "SET LOCAL lock_timeout = '60s'",
)
"""A migration may think for longer between two statements than a transaction of the service may
(`storage/engine.py`), and the node that starts second waits until the first has migrated."""
IMPATIENT = "SET LOCAL lock_timeout = '5s'"
"""For the tables: whoever waits for one holds up everybody behind, the node that leads too."""
FOLDERS = (HERE.parents[2] / "migrations", HERE.parents[1] / "migrations")
"""In a checkout, and in an installed wheel."""


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    folder = next(folder for folder in FOLDERS if (folder / "env.py").is_file())
    config.set_main_option("script_location", str(folder))
    config.attributes["connection"] = connection
    return config


async def upgrade(database: Database) -> None:
    """Run every migration that is missing; nothing if none is.

    StorageError if the database does not answer, or is of a newer version than this one.
    """

    def run(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":  # two nodes may start at once
            for setting in PATIENT:
                connection.execute(text(setting))
            connection.execute(text("SELECT pg_advisory_xact_lock(:i)"), {"i": LOCK_ID})
            connection.execute(text(IMPATIENT))
        command.upgrade(configuration(connection), "head")

    try:
        async with database.engine.begin() as db:
            await asyncio.shield(db.run_sync(run))
    except CommandError as error:
        raise StorageError(
            f"The database has a newer schema than this version knows ({error}): upgrade this node."
        ) from None
    except (SQLAlchemyError, OSError) as error:
        raise StorageError(
            f"The database could not be opened or brought up to date ({type(error).__name__}). Is it "
            "running, and does REMISSVAKT_DATABASE_URL or `database:` name it? Nothing was started."
        ) from error
