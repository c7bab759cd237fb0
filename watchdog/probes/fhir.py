"""Arrival reader over FHIR R4: ServiceRequest by `identifier` and by `based-on`'s identifier (E6).

The HL7 imaging-order guide maps the placer number to `basedOn.identifier` (type PLAC) and the
filler number to `identifier` (type FILL), so both are searched (order-path.md, 2.2). An identifier
that stands in the reference itself is found by the modifier `based-on:identifier`; the chain
`based-on.identifier` searches the resources referred to (FHIR R4, search, "reference", "chaining").
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import httpx
from pydantic import Field

from watchdog.model.order import Arrival, Level
from watchdog.probes.base import CannotLook, ReaderSettings, Wanted
from watchdog.probes.http import get_json
from watchdog.trust import authorities

CANCELLED = frozenset({"revoked", "entered-in-error"})
Resource = dict[str, Any]
AT_ONCE = 20
Search = Literal["identifier", "based-on:identifier"]
SEARCHES: tuple[Search, ...] = ("identifier", "based-on:identifier")
STRICT = {"Prefer": "handling=strict"}
"""A parameter that the server does not know is then an error and not left out (FHIR R4, search)."""


class FhirReaderSettings(ReaderSettings):
    """`fhir`: the base URL of a FHIR R4 server."""

    kind: Literal["fhir"]
    base_url: Annotated[str, Field(pattern=r"^https?://")]
    searches: Annotated[tuple[Search, ...], Field(min_length=1)] = SEARCHES
    """How the server is asked: by those that it has."""
    ca_file: Path | None = None
    """Authorities whose certificates are believed, beside the public ones."""
    timeout_s: Annotated[float, Field(gt=0, le=30)] = 5.0


class FhirReader:
    """Searches ServiceRequest for all wanted placer numbers, twenty in a call."""

    level = Level.E6
    most = 40

    def __init__(self, settings: FhirReaderSettings) -> None:
        self.name = "fhir"
        self._base, self._searches = settings.base_url.rstrip("/"), settings.searches
        self._client = httpx.AsyncClient(
            timeout=settings.timeout_s,
            trust_env=False,
            follow_redirects=False,
            headers=STRICT,
            verify=authorities(settings.ca_file),
        )

    async def look(self, wanted: Sequence[Wanted]) -> list[Arrival]:
        found: dict[str, Arrival] = {}
        for start in range(0, max(1, len(wanted)), AT_ONCE):
            numbers = [order.placer for order in wanted[start : start + AT_ONCE]]
            for parameter in self._searches:
                for placer, resource in await self._search(parameter, numbers):
                    found[placer] = self._arrival(placer, resource)
        return list(found.values())

    async def _search(self, parameter: str, numbers: list[str]) -> list[tuple[str, Resource]]:
        """(number, what carries it). CannotLook unless the server answers this very question.

        An empty Bundle is an answer, 404 is none; nor is a Bundle of others' resources alone.
        """
        query = {parameter: ",".join(numbers), "_count": "200"}
        bundle = await get_json(self._client, f"{self._base}/ServiceRequest", query)
        if not isinstance(bundle, dict) or cast("Resource", bundle).get("resourceType") != "Bundle":
            raise CannotLook("the FHIR server did not answer with a Bundle")
        resources = _resources(cast("Resource", bundle))
        matches = [(n, r) for r in resources for n in _identifiers(r).intersection(numbers)]
        if resources and numbers and not matches:
            raise CannotLook(f"the FHIR server ignored the search by {parameter}")
        return matches

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
    """What the search matched; what the server includes beside it says nothing."""
    entries = cast("list[Resource]", bundle.get("entry") or [])
    resources = [cast("Resource", e.get("resource") or {}) for e in entries if _matched(e)]
    return [r for r in resources if r.get("resourceType") == "ServiceRequest"]


def _matched(entry: Resource) -> bool:
    search = cast("Resource", entry.get("search") or {})
    return search.get("mode", "match") == "match"


def _identifiers(resource: Resource) -> set[str]:
    own = cast("list[Resource]", resource.get("identifier") or [])
    based_on = cast("list[Resource]", resource.get("basedOn") or [])
    found = [*own, *(reference.get("identifier") or {} for reference in based_on)]
    return {str(identifier.get("value")) for identifier in found}
