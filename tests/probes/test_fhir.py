"""What the FHIR reader asks, and what it takes for no answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from watchdog.model.order import Arrival
from watchdog.probes.base import CannotLook, Wanted
from watchdog.probes.fhir import FhirReader, FhirReaderSettings

OURS, OTHERS = "WDABCDEFGHIJ12345678", "R4711"


def request_for(placer: str, mode: str = "match") -> dict[str, Any]:
    return {
        "search": {"mode": mode},
        "resource": {
            "resourceType": "ServiceRequest",
            "status": "active",
            "identifier": [{"type": {"text": "FILL"}, "value": f"F{placer}"}],
            "basedOn": [{"identifier": {"type": {"text": "PLAC"}, "value": placer}}],
            "code": {"text": "Lungor"},
        },
    }


class Server:
    """Answers every search with the same entries, and remembers what was asked."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.asked: list[dict[str, list[str]]] = []
        self.heads: list[str] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head.lower())
        self.asked.append(parse_qs(urlsplit(head.split()[1]).query))
        bundle = {"resourceType": "Bundle", "type": "searchset", "entry": self.entries}
        body = json.dumps(bundle).encode()
        writer.write(
            f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
        )
        writer.write(body)
        await writer.drain()
        writer.close()

    async def look(self) -> list[Arrival]:
        reader = FhirReader(
            FhirReaderSettings(kind="fhir", base_url=f"http://127.0.0.1:{self.port}")
        )
        try:
            return await reader.look([Wanted(placer=OURS, filler="", control_id="C1")])
        finally:
            await reader.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    yield made
    listening.close()
    await listening.wait_closed()


async def test_the_number_is_asked_for_in_the_resource_and_in_its_reference_strictly(
    server: Server,
) -> None:
    assert await server.look() == []
    assert [set(asked) - {"_count"} for asked in server.asked] == [
        {"identifier"},
        {"based-on:identifier"},
    ]
    assert all("prefer: handling=strict" in head for head in server.heads)


async def test_a_server_that_answers_with_others_requests_alone_ignored_the_search(
    server: Server,
) -> None:
    server.entries = [request_for(OTHERS)]
    with pytest.raises(CannotLook, match="ignored the search by identifier"):
        await server.look()


async def test_of_a_bundle_only_what_carries_our_number_is_taken(server: Server) -> None:
    server.entries = [request_for(OTHERS), request_for(OURS)]
    assert [arrival.placer for arrival in await server.look()] == [OURS]


async def test_what_the_server_includes_beside_its_matches_is_no_match(server: Server) -> None:
    server.entries = [request_for(OTHERS, mode="include")]
    assert await server.look() == []
