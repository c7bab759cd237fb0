"""API keys: `wdk_<8 id>_<32 random>`, stored as id and SHA-256, shown once."""

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from watchdog.errors import StorageError
from watchdog.storage import audit
from watchdog.storage.engine import Database
from watchdog.storage.rows import insert_once, row
from watchdog.storage.tables import api_keys
from watchdog.within import within

ROLES = ("read", "stop", "declare", "clear", "admin")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    id: str
    digest: str
    role: str
    name: str
    created_at: datetime
    revoked_at: datetime | None = None


ANSWER_S, SILENT_S = 2.0, 10.0


class Keys:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, ApiKey] = {}
        """As the database last had them: a person may declare an outage though it is gone."""
        self._silent_until = 0.0
        """Until then a key that we know is not looked up: the database has just not answered."""

    async def make(self, role: str, name: str, now: datetime, *, by: str = "") -> str:
        """A new key's text; it cannot be read again."""
        ident, secret = secrets.token_hex(4), secrets.token_hex(16)
        text = f"wdk_{ident}_{secret}"
        key = ApiKey(id=ident, digest=_digest(text), role=role, name=name, created_at=now)
        async with self._database.transaction() as db:
            await insert_once(db, api_keys, row(key))
            await audit.append(
                db,
                at=now,
                by=by,
                what="key_made",
                subject=ident,
                detail={"role": role, "name": name},
            )
        return text

    async def check(self, text: str) -> ApiKey | None:
        """The key if it is known, right and not revoked. Constant time in the secret."""
        parts = text.split("_")
        if len(parts) != 3 or parts[0] != "wdk":  # noqa: PLR2004 - wdk, id, secret
            return None
        key = await self._find(parts[1])
        if key is None:
            return None
        right = hmac.compare_digest(key.digest, _digest(text))
        return key if right and key.revoked_at is None else None

    async def listed(self) -> list[ApiKey]:
        async with self._database.read() as db:
            rows = (await db.execute(select(api_keys).order_by(api_keys.c.created_at))).mappings()
            keys = [ApiKey(**found) for found in rows]
        self._known = {key.id: key for key in keys}
        return keys

    async def _find(self, ident: str) -> ApiKey | None:
        known, loop = self._known.get(ident), asyncio.get_running_loop()
        if known is not None and loop.time() < self._silent_until:
            return known
        try:
            return await within(ANSWER_S, self._read(ident))
        except StorageError:
            self._silent_until = loop.time() + SILENT_S
            return known

    async def _read(self, ident: str) -> ApiKey | None:
        async with self._database.read() as db:
            query = select(api_keys).where(api_keys.c.id == ident)
            found = (await db.execute(query)).mappings().first()
        return ApiKey(**found) if found is not None else None

    async def revoke(self, ident: str, now: datetime, *, by: str = "") -> bool:
        async with self._database.transaction() as db:
            result = await db.execute(
                update(api_keys).where(api_keys.c.id == ident).values(revoked_at=now)
            )
            if result.rowcount:
                await audit.append(db, at=now, by=by, what="key_revoked", subject=ident)
        return result.rowcount == 1


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
