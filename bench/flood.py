"""2 000 requests/s on every other route from one stranger, while clinics ask as usual (threat T23)."""

import asyncio
from collections.abc import Sequence
from typing import Any

import uvloop

from bench import openloop
from bench.database_stop import CLINICS
from bench.figures import FAILED, Seen
from bench.openloop import Leg
from bench.stand import Stand, generator, scheduled, stand

FLOOD_PER_S, STATUS_PER_S = 2000, 50
STRANGER = "127.0.0.2"
"""Not the proxy's address: the connections of one address are limited for it."""
STRANGER_CONNECTIONS = 50
"""As many as one address is given (`watchdog/httplimits.py`)."""
CONNECTIONS = 20
READS = (
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
    "/",
)
FORMS = (
    "/v1/forms/paper_referral.pdf?clinic=boras_emergency",
    "/v1/forms/paper_referral.pdf?clinic=boras_emergency&copies=50",
    "/v1/forms/wall_card.pdf?clinic=halmstad_emergency",
)
"""The dearest answers: a form takes tens of milliseconds of a processor, a pile of them seconds."""
FLOODS = {"reads": READS, "forms": FORMS}
LIMITS = {"p99_ms": 100.0, "errors_5xx": 0, "failed": 0}
REACHED_SHARE = 0.9


def measure(seconds: float, seed: int) -> dict[str, Any]:
    """Status beside each flood, half of the time each, and what became of the flood."""
    half = seconds / len(FLOODS)
    found: dict[str, Any] = {"limits": LIMITS}
    with stand(seed) as on, generator():
        for name, paths in FLOODS.items():
            with scheduled(on.pid) as service:
                status, flood = uvloop.run(_run(on, paths, half, seed))
            found[name] = _figures(status, flood, half) | {"service": service, "routes": paths}
    return found


def _figures(status: Seen, flood: Seen, seconds: float) -> dict[str, Any]:
    return {
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
            "answered_per_s": round(flood.count(100, 599) / seconds, 1),
            "refused": flood.count(429, 429) + flood.count(503, 503),
            "errors_5xx": flood.count(500, 502) + flood.count(504, 599),
        },
    }


def held(found: dict[str, Any]) -> dict[str, bool]:
    """Against the limits; a flood that the service did not have to answer proves nothing."""
    verdicts: dict[str, bool] = {}
    for name in FLOODS:
        status, flood, most = found[name]["status"], found[name]["flood"], LIMITS["p99_ms"]
        verdicts |= {
            f"flood of {name}, {FLOOD_PER_S}/s: status p99 <= {most:g} ms": status["p99_ms"]
            <= most,
            f"flood of {name}: status has no 5xx": status["errors_5xx"] == 0,
            f"flood of {name}: every status request answered": status["failed"] == 0,
            f"flood of {name}: nothing else breaks (5xx but 503)": flood["errors_5xx"] == 0,
            f"flood of {name}: at least {REACHED_SHARE:.0%} of its rate was answered or refused": (
                flood["answered_per_s"] >= REACHED_SHARE * FLOOD_PER_S
            ),
        }
    return verdicts


async def _run(found: Stand, others: Sequence[str], seconds: float, seed: int) -> tuple[Seen, Seen]:
    status = Leg(
        url=found.url,
        paths=[f"/v1/clinics/{clinic}/status" for clinic in CLINICS],
        rate_per_s=STATUS_PER_S,
        connections=CONNECTIONS,
    )
    flood = Leg(
        url=found.url,
        paths=others,
        rate_per_s=FLOOD_PER_S,
        connections=STRANGER_CONNECTIONS,
        source=STRANGER,
    )
    return await asyncio.gather(
        openloop.run(status, seconds, seed), openloop.run(flood, seconds, seed + 1)
    )
