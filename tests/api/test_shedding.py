"""What is over the limit is refused at once, in lanes that cannot starve each other (T23)."""

import asyncio
from typing import Any

import httpx
import pytest

from api.shedding import AT_ONCE, Shed


class Slow:
    """An application that answers when it is let go."""

    def __init__(self) -> None:
        self.go, self.begun = asyncio.Event(), 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.begun += 1
        await self.go.wait()
        if scope["path"] == "/breaks":
            raise RuntimeError("it breaks")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def slow() -> Slow:
    return Slow()


def client(slow: Slow) -> httpx.AsyncClient:
    shed = Shed(slow, dict.fromkeys(AT_ONCE, 1) | {"read": 2})
    transport = httpx.ASGITransport(app=shed, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://x")


async def begun(slow: Slow, count: int) -> None:
    async with asyncio.timeout(2):
        while slow.begun < count:
            await asyncio.sleep(0)


async def test_the_third_read_is_refused_and_a_write_and_health_are_not(slow: Slow) -> None:
    async with client(slow) as http:
        working = [asyncio.create_task(http.get("/v1/incidents")) for _ in range(2)]
        await begun(slow, 2)
        refused = await http.get("/v1/incidents")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.json()["code"] == "busy"
        working += [
            asyncio.create_task(http.post("/v1/incidents")),
            asyncio.create_task(http.get("/livez")),
            asyncio.create_task(http.get("/healthz")),
            asyncio.create_task(http.get("/metrics")),
            asyncio.create_task(http.get("/v1/events")),
        ]
        await begun(slow, 7)
        slow.go.set()
        assert [answer.status_code for answer in await asyncio.gather(*working)] == [200] * 7
        assert (await http.get("/v1/incidents")).status_code == 200


async def test_a_request_that_breaks_gives_its_place_back(slow: Slow) -> None:
    slow.go.set()
    async with client(slow) as http:
        for _ in range(5):
            assert (await http.get("/breaks")).status_code == 500
        assert (await http.get("/")).status_code == 200
