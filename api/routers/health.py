"""The watchdog's own health; the state of what it watches is never mapped here."""

import math

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse

import watchdog
from api.deps import ANSWER_S, RuntimeDep, WatcherDep
from watchdog.detection.effective import Effective
from watchdog.errors import StorageError
from watchdog.model.health import OLD_S
from watchdog.model.outage import Reason
from watchdog.within import within

router = APIRouter(tags=["health"])
OLD_NOTICE_S = 60.0


@router.get("/livez", operation_id="livez")
async def livez() -> PlainTextResponse:
    """The process runs."""
    return PlainTextResponse("live\n")


@router.get("/readyz", operation_id="readyz", responses={503: {"description": "Not yet"}})
async def readyz(found: RuntimeDep) -> PlainTextResponse:
    """The process can answer."""
    ready = bool(found.board.paths())
    return PlainTextResponse(
        "ready\n" if ready else "starting\n", status_code=200 if ready else 503
    )


@router.get("/healthz", operation_id="healthz", responses={503: {"description": "Failing"}})
async def healthz(found: RuntimeDep, beside: WatcherDep) -> JSONResponse:
    """application/health+json: evaluation, database, outbox, and what the self-check found."""
    now = found.clock.now()
    views = found.board.paths()
    stale = [v for v in views if _is_old(found.board.effective(v))]
    age = max(((now - v.evaluated_at).total_seconds() for v in views), default=None)
    checks = {"evaluator:age": _check(age, "s", "fail" if stale or not views else "pass", now)}
    try:
        oldest = await within(ANSWER_S, found.outbox.oldest_waiting(now))
        waiting = (now - oldest).total_seconds() if oldest else 0.0
        checks["database:read"] = _check(1, "ok", "pass", now)
        late = waiting > OLD_NOTICE_S
        checks["outbox:oldestAge"] = _check(waiting, "s", "warn" if late else "pass", now)
    except StorageError:
        checks["database:read"] = _check(0, "ok", "warn", now)
    lines = len(found.journal)
    checks["journal:records"] = _check(lines, "lines", "warn" if lines else "pass", now)
    if beside is not None:
        old = found.clock.monotonic() - beside.checked
        shown = old if math.isfinite(old) else None
        checks["selfCheck:age"] = _check(shown, "s", "warn" if old > OLD_S else "pass", now)
    for own in beside.checks.values() if beside is not None else ():
        checks[own.name] = _check(own.value, own.unit, own.fitness.value, own.at)
    states = {check[0]["status"] for check in checks.values()}
    overall = next((state for state in ("fail", "warn") if state in states), "pass")
    return JSONResponse(
        {
            "status": overall,
            "version": "1",
            "releaseId": watchdog.__version__,
            "serviceId": found.config.instance,
            "checks": checks,
        },
        status_code=503 if overall == "fail" else 200,
        media_type="application/health+json",
    )


def _is_old(effective: Effective) -> bool:
    """Its evaluation is late: it reads `unknown`, or is an outage or recovery that is kept."""
    return effective.stale or effective.reason is Reason.NOT_EVALUATED


def _check(value: float | None, unit: str, status: str, now: object) -> list[dict[str, object]]:
    shown = round(value, 3) if value is not None and math.isfinite(value) else None
    return [
        {
            "componentType": "component",
            "observedValue": shown,
            "observedUnit": unit,
            "status": status,
            "time": str(now),
        }
    ]
