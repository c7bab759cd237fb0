"""The load generator against servers that misbehave: what it reports must be what happened."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bench.figures import FAILED
from bench.openloop import Leg, run

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
Answer = Callable[[int], Awaitable[bytes]]


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[str]:
    """A server that gives `answer(n)` to its n-th request; empty bytes close the connection."""
    count = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                count += 1
                said = await answer(count)
                if not said:
                    break
                writer.write(said)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def leg(url: str, rate: float = 200, connections: int = 4) -> Leg:
    return Leg(url=url, paths=("/",), rate_per_s=rate, connections=connections)


async def test_a_server_that_stalls_for_half_a_second_is_felt_by_every_request_of_that_time() -> (
    None
):
    stalled = asyncio.Event()

    async def answer(number: int) -> bytes:
        if number == 60:
            asyncio.get_running_loop().call_later(0.5, stalled.set)
        if number >= 60:
            await stalled.wait()
        return OK

    async with serving(answer) as url:
        seen = await run(leg(url), 1.6, seed=1)

    found = seen.summary()
    # a quarter to a third of the requests were due in the stall, not only the four in hand
    assert sum(took > 0.1 for took in seen.took_s) > 50
    assert found["p99_ms"] > 450
    assert found["p50_ms"] < 250


async def test_a_server_that_answers_at_once_shows_no_delay_and_the_rate_that_was_asked_for() -> (
    None
):
    async def answer(_: int) -> bytes:
        return OK

    async with serving(answer) as url:
        seen = await run(leg(url, rate=500), 0.4, seed=1)

    assert 150 < len(seen.status) < 250
    assert set(seen.status) == {200}
    assert seen.summary()["p50_ms"] < 20


async def test_the_same_seed_asks_at_the_same_moments() -> None:
    async def answer(_: int) -> bytes:
        return OK

    async with serving(answer) as url:
        one, two, other = await asyncio.gather(*(run(leg(url), 0.2, seed=n) for n in (5, 5, 6)))

    assert sorted(one.due_s) == pytest.approx(sorted(two.due_s))
    assert sorted(one.due_s)[:10] != pytest.approx(sorted(other.due_s)[:10])


async def test_refusals_are_counted_and_do_not_flatter_the_latency() -> None:
    async def answer(number: int) -> bytes:
        if number % 2:
            return BUSY
        await asyncio.sleep(0.1)
        return OK

    async with serving(answer) as url:
        seen = await run(leg(url, rate=100, connections=50), 0.3, seed=1)

    found = seen.summary()
    assert seen.count(500, 599) == found["by_status"]["503"] > 10
    assert found["p50_ms"] >= 100


async def test_a_connection_that_is_cut_counts_as_failed_and_the_next_request_has_a_new_one() -> (
    None
):
    async def answer(number: int) -> bytes:
        return b"" if number == 10 else OK

    async with serving(answer) as url:
        seen = await run(leg(url, rate=400, connections=1), 0.3, seed=1)

    assert list(seen.status).count(FAILED) == 1
    assert list(seen.status).count(200) > 50


async def test_a_request_that_is_never_answered_is_not_forgotten() -> None:
    async def answer(number: int) -> bytes:
        if number == 5:
            await asyncio.Event().wait()
        return OK

    async with serving(answer) as url:
        seen = await run(leg(url), 0.2, seed=1, patience_s=0.2)

    assert list(seen.status).count(FAILED) == 1
    assert max(seen.took_s) > 0.2


async def test_requests_that_no_connection_could_take_are_not_forgotten_either() -> None:
    async def answer(_: int) -> bytes:
        await asyncio.Event().wait()
        return OK

    async with serving(answer) as url:
        seen = await run(leg(url, connections=2), 0.2, seed=1, patience_s=0.1)

    assert len(seen.status) > 20
    assert set(seen.status) == {FAILED}


async def test_the_part_of_a_run_is_what_was_due_in_it() -> None:
    async def answer(_: int) -> bytes:
        return OK

    async with serving(answer) as url:
        seen = await run(leg(url), 0.3, seed=1)

    parts = [seen.between(begin, begin + 0.1) for begin in (0.0, 0.1, 0.2)]
    assert sum(len(part.status) for part in parts) == len(seen.status)
    assert all(0.1 <= due < 0.2 for due in parts[1].due_s)
