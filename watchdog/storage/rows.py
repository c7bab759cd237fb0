"""Dataclasses to rows and back, and an upsert that both databases understand."""

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from functools import lru_cache
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


async def upsert(db: AsyncConnection, table: Table, *values: Mapping[str, Any]) -> None:
    """Insert, or replace every column of the row with the same primary key; in this order.

    All `values` have the same columns, and are one call to the driver.
    """
    if values:
        statement = _upsert(table, tuple(values[0]), db.dialect.name)
        await db.execute(statement, [dict(each) for each in values])


async def insert_once(db: AsyncConnection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert; a row with the same primary key stays as it is. Makes replay idempotent."""
    await db.execute(_insert_once(table, db.dialect.name), dict(values))


@lru_cache(maxsize=200)
def _upsert(table: Table, names: tuple[str, ...], dialect: str) -> Any:
    """The statement; making one takes longer than carrying it out, and there are few."""
    insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    keys = [column.name for column in table.primary_key]
    statement = insert(table)
    rest = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)


@lru_cache(maxsize=200)
def _insert_once(table: Table, dialect: str) -> Any:
    insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    keys = [column.name for column in table.primary_key]
    return insert(table).on_conflict_do_nothing(index_elements=keys)
