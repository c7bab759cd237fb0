"""Arrival reader over FHIR R4: ServiceRequest by `identifier` and by `based-on`'s identifier (E6).

The HL7 imaging-order guide maps the placer number to `basedOn.identifier` (type PLAC) and the
filler number to `identifier` (type FILL), so both are searched (order-path.md, 2.2).
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, cast

import httpx
from pydantic import Field

from watchdog.model.order import Arrival, Level
from watchdog.probes.base import CannotLook, ReaderSettings, Wanted
from watchdog.probes.http import get_json

CANCELLED = frozenset({"revoked", "entered-in-error"})
Resource = dict[str, Any]
AT_ONCE = 20


class FhirReaderSettings(ReaderSettings):
    """`fhir`: the base URL of a FHIR R4 server."""

    kind: Literal["fhir"]
    base_url: Annotated[str, Field(pattern=r"^https?://")]
    timeout_s: Annotated[float, Field(gt=0, le=30)] = 5.0


class FhirReader:
    """Searches ServiceRequest for all wanted placer numbers in two calls."""

    level = Level.E6
    most = 40

    def __init__(self, settings: FhirReaderSettings) -> None:
        self.name = "fhir"
        self._base = settings.base_url.rstrip("/")
        self._client = httpx.AsyncClient(
            timeout=settings.timeout_s, trust_env=False, follow_redirects=False
        )

    async def look(self, wanted: Sequence[Wanted]) -> list[Arrival]:
        found: dict[str, Arrival] = {}
        for start in range(0, max(1, len(wanted)), AT_ONCE):
            numbers = [order.placer for order in wanted[start : start + AT_ONCE]]
            for parameter in ("identifier", "based-on.identifier"):
                for resource in await self._search(parameter, numbers):
                    for placer in _identifiers(resource).intersection(numbers):
                        found[placer] = self._arrival(placer, resource)
        return list(found.values())

    async def _search(self, parameter: str, numbers: list[str]) -> list[Resource]:
        """CannotLook unless the server answers with a Bundle: an empty one is an answer, 404 is not."""
        query = {parameter: ",".join(numbers), "_count": "200"}
        bundle = await get_json(self._client, f"{self._base}/ServiceRequest", query)
        if not isinstance(bundle, dict) or cast("Resource", bundle).get("resourceType") != "Bundle":
            raise CannotLook("the FHIR server did not answer with a Bundle")
        return _resources(cast("Resource", bundle))

    async def close(self) -> None:
        await self._client.aclose()

    def _arrival(self, placer: str, resource: Resource) -> Arrival:
        code = cast("Resource", resource.get("code") or {})
        return Arrival(
            placer=placer,
            level=self.level,
            reader=self.name,
            text=str(code.get("text") or ""),
            cancelled=resource.get("status") in CANCELLED,
        )


def _resources(bundle: Resource) -> list[Resource]:
    entries = cast("list[Resource]", bundle.get("entry") or [])
    resources: list[Resource] = [entry.get("resource") or {} for entry in entries]
    return [r for r in resources if r.get("resourceType") == "ServiceRequest"]


def _identifiers(resource: Resource) -> set[str]:
    own = cast("list[Resource]", resource.get("identifier") or [])
    based_on = cast("list[Resource]", resource.get("basedOn") or [])
    found = [*own, *(reference.get("identifier") or {} for reference in based_on)]
    return {str(identifier.get("value")) for identifier in found}
