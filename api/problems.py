"""Errors as application/problem+json (RFC 9457). Input is never echoed."""

import http
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from watchdog.errors import RemissvaktError

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"


def problem(request: Request | None, status: int, code: str, detail: str) -> JSONResponse:
    """One problem."""
    headers = {"cache-control": "no-store"}
    if status in (429, 503):
        headers["retry-after"] = "5"
    if status == http.HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    return JSONResponse(
        {
            "type": f"urn:remissvakt:problem:{code}",
            "title": http.HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
            "instance": request.url.path[:200] if request is not None else "",
            "code": code,
        },
        status_code=status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )


def _allowed(request: Request) -> list[str]:
    """What this address answers to: each method is a route of its own."""
    methods: set[str] = set()
    routes: list[Any] = list(request.app.router.routes)
    while routes:
        route = routes.pop()
        inner = getattr(route, "original_router", None)
        if inner is not None:  # a router that was included: FastAPI keeps it whole
            routes += inner.routes
        elif route.matches(request.scope)[0] is not Match.NONE:
            methods |= getattr(route, "methods", None) or set()
    return sorted(methods)


def install(app: FastAPI) -> None:
    """Every error of the application becomes a problem."""

    @app.exception_handler(RemissvaktError)
    async def known(request: Request, error: RemissvaktError) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        return problem(request, error.status, error.code, str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        places = sorted({".".join(map(str, e["loc"])) + ": " + e["type"] for e in error.errors()})
        return problem(request, 422, "invalid", "; ".join(places)[:500])

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        said = http.HTTPStatus(error.status_code).phrase
        answer = problem(request, error.status_code, said.lower().replace(" ", "_"), f"{said}.")
        answer.headers.update(error.headers or {})
        if error.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
            answer.headers["allow"] = ", ".join(_allowed(request))
        return answer

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        log.error("request_failed", path=request.url.path[:200], error=type(error).__name__)
        return problem(request, 500, "internal", "An error of ours; it is in the log.")
