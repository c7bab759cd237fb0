"""Arrival reader over HTTP: a URL per order and a condition on the JSON that it returns (E6)."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

import httpx
from pydantic import Field

from watchdog.model.order import Arrival, Level
from watchdog.probes.base import CannotLook, ReaderSettings, Wanted
from watchdog.trust import authorities

MOST_BODY = 1024 * 1024
OK, NOT_FOUND = 200, 404


class HttpReaderSettings(ReaderSettings):
    """`http`: GET `url` with {placer}, {filler} or {control_id} filled in."""

    kind: Literal["http"]
    url: Annotated[str, Field(pattern=r"^https?://.+\{(placer|filler|control_id)\}")]
    pointer: str = "/arrived"
    """JSON pointer (RFC 6901) to the value that is compared."""
    equals: str | int | bool = True
    text_pointer: str | None = None
    """JSON pointer to a text that should carry the canary."""
    cancelled_pointer: str | None = None
    cancelled_equals: str | int | bool = True
    ca_file: Path | None = None
    """Authorities whose certificates are believed, beside the public ones."""
    timeout_s: Annotated[float, Field(gt=0, le=30)] = 5.0


class HttpReader:
    """One RIS interface that answers about one order at a time; 404 means not there."""

    level = Level.E6
    most = 24

    def __init__(self, settings: HttpReaderSettings) -> None:
        self.name = "http"
        self._settings = settings
        self._client = httpx.AsyncClient(
            timeout=settings.timeout_s,
            trust_env=False,
            follow_redirects=False,
            verify=authorities(settings.ca_file),
            limits=httpx.Limits(max_connections=8),
        )

    async def look(self, wanted: Sequence[Wanted]) -> list[Arrival]:
        found = await asyncio.gather(*(self._one(order) for order in wanted))
        return [arrival for arrival in found if arrival is not None]

    async def close(self) -> None:
        await self._client.aclose()

    async def _one(self, order: Wanted) -> Arrival | None:
        url = self._settings.url
        for name in ("placer", "filler", "control_id"):
            url = url.replace(f"{{{name}}}", quote(getattr(order, name), safe=""))
        body = await get_json(self._client, url)
        if body is None or at(body, self._settings.pointer) != self._settings.equals:
            return None
        return Arrival(
            placer=order.placer,
            level=self.level,
            reader=self.name,
            text=str(at(body, self._settings.text_pointer) or ""),
            cancelled=self._settings.cancelled_pointer is not None
            and at(body, self._settings.cancelled_pointer) == self._settings.cancelled_equals,
        )


async def get_json(
    client: httpx.AsyncClient, url: str, params: dict[str, str] | None = None
) -> Any | None:
    """The JSON at `url`, None for 404. CannotLook for everything else that is not an answer."""
    try:
        async with client.stream("GET", url, params=params) as response:
            if response.status_code == NOT_FOUND:
                return None
            if response.status_code != OK:
                raise CannotLook(f"the RIS interface answered HTTP {response.status_code}")
            data = b""
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > MOST_BODY:
                    raise CannotLook("the RIS interface answered more than 1 MiB")
        return httpx.Response(200, content=data).json()
    except httpx.HTTPError as error:
        raise CannotLook(f"the RIS interface did not answer: {type(error).__name__}") from None
    except ValueError:
        raise CannotLook("the RIS interface did not answer with JSON") from None


def at(body: Any, pointer: str | None) -> Any:
    """The value at a JSON pointer, or None."""
    if pointer is None:
        return None
    for step in pointer.strip("/").split("/") if pointer.strip("/") else []:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(body, dict):
            body = body.get(key)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        elif isinstance(body, list) and key.isdigit() and int(key) < len(body):  # pyright: ignore[reportUnknownArgumentType]
            body = body[int(key)]  # pyright: ignore[reportUnknownVariableType]
        else:
            return None
    return body  # pyright: ignore[reportUnknownVariableType]
