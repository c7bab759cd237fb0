"""A port stays answerable while strangers hold connections, dawdle or send without end (T05, F24)."""

import asyncio
import gc
import ipaddress
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from watchdog.clock import SystemClock
from watchdog.httplimits import Limits
from watchdog.webserver import WebServer

MANY = 300


async def _app(scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        if message["type"] == "http.disconnect":
            return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"well"})


@asynccontextmanager
async def serving(limits: Limits) -> AsyncIterator[int]:
    server = WebServer(_app, SystemClock(), limits=limits)
    try:
        yield await server.start()
    finally:
        await server.close()


async def _half(port: int, source: str = "127.0.0.1") -> tuple[Any, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    return reader, writer


async def _ended(reader: asyncio.StreamReader) -> bool:
    """True once the other side has hung up."""
    try:
        return await reader.read() == b""
    except ConnectionResetError:
        return True


async def _get(port: int) -> float:
    began = time.perf_counter()
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"http://127.0.0.1:{port}/")).text == "well"
    return time.perf_counter() - began


async def test_three_hundred_half_sent_heads_are_closed_in_time_and_others_are_answered() -> None:
    limits = Limits(head_s=1.0)
    async with serving(limits) as port:
        began = time.perf_counter()
        halves = await asyncio.gather(*(_half(port) for _ in range(MANY)))
        await asyncio.sleep(0.3)
        for _, writer in halves:
            writer.write(b"a")  # a byte now and then puts nothing off
        assert await _get(port) < 0.5
        async with asyncio.timeout(5):
            assert all(await asyncio.gather(*(_ended(reader) for reader, _ in halves)))
        assert time.perf_counter() - began < 3
        for _, writer in halves:
            writer.close()
        assert limits.refused["head"] == MANY


async def test_a_connection_that_says_nothing_is_closed_too() -> None:
    async with serving(Limits(head_s=0.2)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.timeout(2):
            assert await _ended(reader)
        writer.close()


async def test_a_body_that_never_ends_is_cut_off() -> None:
    limits = Limits(body_s=0.2)
    async with serving(limits) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab")
        async with asyncio.timeout(2):
            assert await _ended(reader)
        writer.close()
        assert limits.refused["body"] == 1


async def test_a_head_that_never_ends_is_cut_off_by_its_size() -> None:
    limits = Limits()
    async with serving(limits) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: " + b"a" * 20_000)
        async with asyncio.timeout(2):
            assert await _ended(reader)
        writer.close()
        assert limits.refused["head_bytes"] == 1


async def test_one_address_cannot_take_every_connection_and_places_come_free_again() -> None:
    limits = Limits(per_address=3)
    async with serving(limits) as port:
        held = [await _half(port, "127.0.0.2") for _ in range(3)]
        reader, writer = await _half(port, "127.0.0.2")
        async with asyncio.timeout(2):
            assert await _ended(reader)
        writer.close()
        await _get(port)  # another address
        held[0][1].close()
        await asyncio.sleep(0.1)
        again, second = await _half(port, "127.0.0.2")
        second.write(b"b\r\n\r\n")
        async with asyncio.timeout(2):
            assert (await again.readline()).startswith(b"HTTP/1.1 200")
        for _, each in [*held, (again, second)]:
            each.close()
        assert limits.refused == {"per_address": 1}


async def test_behind_a_proxy_many_clinics_may_have_one_address() -> None:
    limits = Limits(per_address=3, exempt=(ipaddress.ip_network("127.0.0.2/31"),))
    async with serving(limits) as port:
        held = [await _half(port, "127.0.0.2") for _ in range(9)]
        await asyncio.sleep(0.1)
        assert limits.refused == {}
        others = [await _half(port, "127.0.0.4") for _ in range(4)]
        async with asyncio.timeout(2):
            assert await _ended(others[-1][0])
        assert limits.refused == {"per_address": 1}
        for _, each in (*held, *others):
            each.close()


async def test_a_client_that_does_not_read_what_it_asked_for_is_cut_off() -> None:
    async def much(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * 50_000_000})

    limits = Limits(unread_s=0.5)
    server = WebServer(much, SystemClock(), limits=limits)
    try:
        port = await server.start()
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(5):
            while limits.refused["unread"] == 0:
                await asyncio.sleep(0.05)
        writer.close()
    finally:
        await server.close()


async def test_a_slow_answer_and_a_kept_connection_are_no_offence() -> None:
    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await asyncio.sleep(0.4)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"well"})

    limits = Limits(head_s=0.2, body_s=0.2)
    server = WebServer(slow, SystemClock(), limits=limits)
    port = await server.start()
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(2):
            assert (await http.get(f"http://127.0.0.1:{port}/")).text == "well"
            await asyncio.sleep(0.3)
    await server.close()
    assert not limits.refused


async def test_of_requests_sent_without_waiting_only_a_read_or_two_are_taken_in() -> None:
    most = 0

    async def brief(scope: Any, receive: Any, send: Any) -> None:
        nonlocal most
        waiting = [o for o in gc.get_objects() if isinstance(o, RequestResponseCycle)]
        most = max(most, sum(not each.response_complete for each in waiting))
        await asyncio.sleep(0.001)
        await _app(scope, receive, send)

    server = WebServer(brief, SystemClock())
    port = await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = b"x" * 64_000
    one = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    for _ in range(20):  # four for each answer that is taken
        writer.write(4 * one)
        await reader.readuntil(b"well")
    for _ in range(60):
        await reader.readuntil(b"well")
    writer.close()
    await server.close()
    assert 1 < most < 15
