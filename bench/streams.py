"""A thousand clients on the event stream of a clinic: when each hears of a change, and their memory.

The service is `remissvakt sandbox`: the routes, board and documents of production, states set by
hand. A change counts from the moment before it is asked for to the last byte of each client's event.
"""

import asyncio
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import uvloop

from bench.figures import delays
from bench.openloop import where
from bench.served import stopping, wait_for
from bench.stand import SERVER_CORE, generator, pinned, rss_mib, scheduled

CLINIC, PATH = "boras_emergency", "sas_om_ris"
CLIENTS, CHANGES = 1000, 9
STATES = ("outage", "recovering", "normal")
"""In turn; the sandbox begins with `normal`."""
LIMITS = {"p99_ms": 500.0, "missed": 0}
PATIENCE_S, PAUSE_S, OPEN_AT_ONCE = 10.0, 2.0, 50


def request(clinic: str, host: str) -> bytes:
    """What opens the event stream of a clinic."""
    head = f"GET /v1/events?clinic={clinic} HTTP/1.1\r\nHost: {host}\r\n"
    return f"{head}Accept: text/event-stream\r\n\r\n".encode()


class Client(asyncio.Protocol):
    """One client system; remembers when an event with the wanted state was whole."""

    def __init__(self, opening: bytes) -> None:
        self._opening, self._buffer = opening, b""
        self._wanted, self._heard = b"", asyncio.Event()
        self.at = 0.0
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.open = cast("asyncio.Transport", transport), True
        self.transport.write(self._opening)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            event, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
            if self._wanted and self._wanted in event and not self._heard.is_set():
                self.at = time.monotonic()
                self._heard.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        self.open = False

    def want(self, state: str) -> None:
        self._wanted, self.at = f'"state":"{state}"'.encode(), 0.0
        self._heard = asyncio.Event()

    async def heard(self) -> None:
        await self._heard.wait()


def measure(clients: int = CLIENTS, changes: int = CHANGES) -> dict[str, Any]:
    """Delays over every client and change, and what the clients cost."""
    with sandbox() as (url, pid), generator():
        with scheduled(pid) as service:
            found = uvloop.run(_run(url, pid, clients, changes))
        return found | {"service": service}


def held(found: dict[str, Any]) -> dict[str, bool]:
    """Against the limits; memory is shown, not judged."""
    most, clients = LIMITS["p99_ms"], found["clients"]
    return {
        f"streams: {clients} clients stay connected": found["connected"] == clients,
        f"streams: a change reaches {clients} clients, p99 <= {most:g} ms": found["p99_ms"] <= most,
        "streams: no client misses a change": found["missed"] == 0,
    }


@contextlib.contextmanager
def sandbox() -> Generator[tuple[str, int]]:
    """Its URL and process id."""
    folder = Path(tempfile.mkdtemp(prefix="remissvakt-streams-"))
    with (folder / "log").open("w") as log:
        child = subprocess.Popen(
            [*pinned(SERVER_CORE), sys.executable, "-m", "watchdog", "sandbox", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=log,
        )
        with stopping(child):
            assert child.stdout is not None
            words = child.stdout.readline().split()
            if not words:
                raise SystemExit(f"the sandbox did not start: {folder}/log")
            url = words[-1].decode().removesuffix("/sandbox")
            wait_for(f"{url}/v1/clinics/{CLINIC}/status")
            yield url, child.pid


async def _run(url: str, pid: int, clients: int, changes: int) -> dict[str, Any]:
    before = rss_mib(pid)
    everyone = await _connect(url, clients)
    await asyncio.sleep(PAUSE_S)
    connected = rss_mib(pid)
    took: list[float] = []
    per_change: list[float] = []
    missed = 0
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        for number in range(changes):
            state = STATES[number % len(STATES)]
            some = await _change(http, everyone, state)
            missed += clients - len(some)
            took += some
            per_change.append(delays(some).get("p99_ms", PATIENCE_S * 1000))
            await asyncio.sleep(PAUSE_S)
    after, still = rss_mib(pid), sum(client.open for client in everyone)
    for client in everyone:
        client.transport.abort()
    await asyncio.sleep(PAUSE_S)
    return {
        "limits": LIMITS,
        "clients": clients,
        "connected": still,
        "changes": changes,
        **delays(took),
        "p99_ms_of_each_change": per_change,
        "missed": missed,
        "rss_mib": {
            "before": round(before, 1),
            "with_clients": round(connected, 1),
            "after_the_changes": round(after, 1),
            "after_they_left": round(rss_mib(pid), 1),
        },
        "kib_per_client": round((after - before) * 1024 / clients, 1),
    }


async def _connect(url: str, count: int) -> list[Client]:
    """Every client, each with its first event."""
    loop, opening = asyncio.get_running_loop(), request(CLINIC, urlsplit(url).netloc)
    everyone: list[Client] = []
    for begin in range(0, count, OPEN_AT_ONCE):
        some = [Client(opening) for _ in range(min(OPEN_AT_ONCE, count - begin))]
        for client in some:
            client.want("normal")
            await loop.create_connection(lambda each=client: each, *where(url))
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(client.heard() for client in some))
        everyone += some
    return everyone


async def _change(http: httpx.AsyncClient, everyone: list[Client], state: str) -> list[float]:
    """Set the state; the delay of every client that heard of it in time, in seconds."""
    for client in everyone:
        client.want(state)
    began = time.monotonic()
    (await http.post(f"/sandbox/{PATH}", json={"state": state})).raise_for_status()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(client.heard() for client in everyone))
    return [client.at - began for client in everyone if client.at]
