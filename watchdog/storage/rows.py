"""Dataclasses to rows and back, and an upsert that both databases understand."""

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection


def row(value: Any) -> dict[str, Any]:
    """A flat dataclass as column values."""
    out: dict[str, Any] = {}
    for field in fields(value):
        item = getattr(value, field.name)
        out[field.name] = item.value if isinstance(item, Enum) else item
    return out


async def upsert(db: AsyncConnection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert, or replace every column of the row with the same primary key."""
    insert = sqlite_insert if db.dialect.name == "sqlite" else postgresql_insert
    keys = [column.name for column in table.primary_key]
    statement = insert(table).values(dict(values))
    rest = {name: statement.excluded[name] for name in values if name not in keys}
    await db.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest))


async def insert_once(db: AsyncConnection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert; a row with the same primary key stays as it is. Makes replay idempotent."""
    insert = sqlite_insert if db.dialect.name == "sqlite" else postgresql_insert
    keys = [column.name for column in table.primary_key]
    await db.execute(insert(table).values(dict(values)).on_conflict_do_nothing(index_elements=keys))
