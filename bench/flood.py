"""2 000 requests/s on every other route from one stranger, while clinics ask as usual (threat T23)."""

import asyncio
from typing import Any

import uvloop

from bench import openloop
from bench.database_stop import CLINICS
from bench.figures import FAILED, Seen
from bench.openloop import Leg
from bench.stand import Stand, generator, stand

FLOOD_PER_S, STATUS_PER_S = 2000, 50
STRANGER = "127.0.0.2"
"""Not the proxy's address: the connections of one address are limited for it."""
STRANGER_CONNECTIONS = 50
"""As many as one address is given (`watchdog/httplimits.py`)."""
CONNECTIONS = 20
OTHERS = (
    "/v1/incidents",
    "/v1/status",
    "/v1/sites/sas/status",
    "/v1/sites/sas/contacts",
    "/v1/systems/sas",
    "/v1/paths/sas_om_ris",
    "/v1/routines/nal",
    "/v1/instructions?site=sas&scenario=om_or_ris_down&clinic=boras_emergency",
    "/metrics",
    "/openapi.json",
    "/v1/forms/referral.pdf?clinic=boras_emergency",
    "/",
)
LIMITS = {"p99_ms": 100.0, "errors_5xx": 0, "failed": 0}
REACHED_SHARE = 0.9


def measure(seconds: float, seed: int) -> dict[str, Any]:
    """Status beside the flood, and what became of the flood."""
    with stand(seed) as found, generator():
        status, flood = uvloop.run(_run(found, seconds, seed))
    answered = flood.count(100, 599)
    return {
        "limits": LIMITS,
        "routes": OTHERS,
        "status": {
            "rate_per_s": STATUS_PER_S,
            **status.summary(),
            "errors_5xx": status.count(500, 599),
            "failed": status.count(FAILED, FAILED),
        },
        "flood": {
            "rate_per_s": FLOOD_PER_S,
            "connections": STRANGER_CONNECTIONS,
            **flood.summary(),
            "answered_per_s": round(answered / seconds, 1),
            "refused": flood.count(429, 429) + flood.count(503, 503),
            "errors_5xx": flood.count(500, 502) + flood.count(504, 599),
        },
    }


def held(found: dict[str, Any]) -> dict[str, bool]:
    """Against the limits; a flood that the service did not have to answer proves nothing."""
    status, flood, most = found["status"], found["flood"], LIMITS["p99_ms"]
    return {
        f"flood {FLOOD_PER_S}/s: status p99 <= {most:g} ms": status["p99_ms"] <= most,
        "flood: status has no 5xx": status["errors_5xx"] == 0,
        "flood: every status request answered": status["failed"] == 0,
        "flood: nothing else breaks (5xx but 503)": flood["errors_5xx"] == 0,
        f"flood: at least {REACHED_SHARE:.0%} of its rate was answered or refused": (
            flood["answered_per_s"] >= REACHED_SHARE * FLOOD_PER_S
        ),
    }


async def _run(found: Stand, seconds: float, seed: int) -> tuple[Seen, Seen]:
    status = Leg(
        url=found.url,
        paths=[f"/v1/clinics/{clinic}/status" for clinic in CLINICS],
        rate_per_s=STATUS_PER_S,
        connections=CONNECTIONS,
    )
    flood = Leg(
        url=found.url,
        paths=OTHERS,
        rate_per_s=FLOOD_PER_S,
        connections=STRANGER_CONNECTIONS,
        source=STRANGER,
    )
    return await asyncio.gather(
        openloop.run(status, seconds, seed), openloop.run(flood, seconds, seed + 1)
    )
