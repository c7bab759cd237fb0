"""Clinic status at 500 requests/s, with PostgreSQL stopped in the middle third (testplan F9)."""

import asyncio
from typing import Any

import httpx
import uvloop

from bench import openloop
from bench.figures import FAILED, Seen
from bench.openloop import Leg
from bench.stand import Stand, anywhere, generator, scheduled, stand

RATE_PER_S = 500
CONNECTIONS = 200
CLINICS = (
    "boras_emergency",
    "skene_ward",
    "halmstad_emergency",
    "nal_emergency",
    "ljungby_emergency",
)
LIMITS = {"p99_ms": 25.0, "errors_5xx": 0, "failed": 0}
THIRDS = ("before", "without_database", "after")
NO_DATABASE = "remissvakt_database_up 0.0"


def measure(seconds: float, seed: int) -> dict[str, Any]:
    """The whole run and each third of it."""
    with stand(seed) as found, generator(), scheduled(found.pid) as service:
        seen, stopped = uvloop.run(_run(found, seconds, seed))
        states = found.states()
    return {
        **judged(seen, seconds),
        "service": service,
        "database_was_seen_down": stopped,
        "states_after": states,
    }


def judged(seen: Seen, seconds: float) -> dict[str, Any]:
    """Figures of the run; the same of each third."""
    third = seconds / len(THIRDS)
    return {
        "rate_per_s": RATE_PER_S,
        "connections": CONNECTIONS,
        "limits": LIMITS,
        **seen.summary(),
        "errors_5xx": seen.count(500, 599),
        "failed": seen.count(FAILED, FAILED),
        "slow_seconds": slow_seconds(seen),
        **{
            name: seen.between(number * third, (number + 1) * third).summary()
            for number, name in enumerate(THIRDS)
        },
    }


def slow_seconds(seen: Seen) -> dict[int, float]:
    """Each second of the run with an answer over the limit: its slowest, in ms."""
    worst: dict[int, float] = {}
    for due, took in zip(seen.due_s, seen.took_s, strict=True):
        if took * 1000 > LIMITS["p99_ms"]:
            worst[int(due)] = max(worst.get(int(due), 0.0), round(took * 1000, 1))
    return dict(sorted(worst.items()))


def held(found: dict[str, Any]) -> dict[str, bool]:
    """Against the limits, for the whole and for the third without a database."""
    most = LIMITS["p99_ms"]
    return {
        f"status {RATE_PER_S}/s: p99 <= {most:g} ms": found["p99_ms"] <= most,
        f"status {RATE_PER_S}/s: p99 <= {most:g} ms without the database": (
            found["without_database"]["p99_ms"] <= most
        ),
        "status: no 5xx": found["errors_5xx"] == 0,
        "status: every request answered": found["failed"] == 0,
        "status: the service missed its database meanwhile": found["database_was_seen_down"],
    }


async def _run(found: Stand, seconds: float, seed: int) -> tuple[Seen, bool]:
    paths = [f"/v1/clinics/{clinic}/status" for clinic in CLINICS]
    leg = Leg(url=found.url, paths=paths, rate_per_s=RATE_PER_S, connections=CONNECTIONS)
    breaking = asyncio.create_task(_break(found, seconds / len(THIRDS)))
    seen = await openloop.run(leg, seconds, seed)
    return seen, await breaking


async def _break(found: Stand, third_s: float) -> bool:
    """Stop it for a third; True if the service's own metrics then say so."""
    await asyncio.sleep(third_s)
    await asyncio.to_thread(found.database.kill)
    await asyncio.sleep(third_s / 2)
    down = NO_DATABASE in await asyncio.to_thread(_metrics, found.url)
    await asyncio.sleep(third_s / 2)
    await asyncio.to_thread(anywhere, found.database.start)
    return down


def _metrics(url: str) -> str:
    return httpx.get(f"{url}/metrics", trust_env=False, timeout=10).text
