"""Strangers' bodies, paths and keys get 4xx as problem+json, never 5xx, never an echo."""

import asyncio
import json
import uuid
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.app import create_app
from api.auth import MAY
from api.web.acknowledge import ADDRESS
from tests.api.conftest import Served
from watchdog.model.outage import Phase, Reason
from watchdog.storage.keys import ROLES

POSTS = [
    ("/v1/paths/sas_om_ris/sending", {"action": "stop", "reason": "drill"}, "stop"),
    ("/v1/paths/sas_om_ris/sending", {"action": "resume", "reason": "drill"}, "resume"),
    ("/v1/incidents", {"path": "sas_om_ris", "reason": "drill"}, "declare"),
    ("/v1/incidents/inc_x/clear", {"reason": "drill"}, "clear"),
    ("/v1/incidents/inc_x/override", {"reason": "drill"}, "clear"),
    ("/v1/incidents/inc_x/close", {"reason": "drill"}, "close"),
    ("/v1/incidents/inc_x/acknowledge", {"endpoint": "tib_sas", "name": "Eva"}, "acknowledge"),
    ("/v1/drills", {"path": "sas_om_ris", "reason": "drill"}, "drill"),
    ("/v1/drills/inc_x/end", {"reason": "drill"}, "drill"),
    ("/v1/subscriptions", {"id": "on_call", "role": "it", "sites": ["sas"]}, "subscribe"),
    ("/v1/subscriptions/on_call/test", {}, "subscribe"),
]
DELETES = [("/v1/subscriptions/on_call", "subscribe")]
BODIES = {
    "nan": b'{"path": NaN, "reason": "drill"}',
    "nul": b'{"path": "a\\u0000b", "reason": "drill"}',
    "raw nul": b'{"path": "a\x00b", "reason": "drill"}',
    "surrogate": b'{"path": "\\ud800", "reason": "drill"}',
    "escape": b'{"path": "a\\u001b[31m", "reason": "drill"}',
    "nested": b"[" * 100_000,
    "deep objects": b'{"a":' * 50 + b"1" + b"}" * 50,
    "not json": b"<xml/>",
    "latin-1": '{"path": "å"}'.encode("latin-1"),
    "empty": b"",
    "array": b"[]",
    "wrong type": b'{"path": 1, "reason": ["drill"]}',
    "extra": b'{"path": "sas_om_ris", "reason": "drill", "more": 1}',
    "huge number": b'{"path": 1e999, "reason": "drill"}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_a_bad_body_is_a_problem(served: Served, body: bytes) -> None:
    answer = await served.http.post("/v1/incidents", content=body, headers=await served.key())
    assert 400 <= answer.status_code < 500
    assert answer.status_code != httpx.codes.UNAUTHORIZED
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert "xml" not in problem["detail"]


async def test_sixty_megabytes_are_refused(served: Served) -> None:
    async def stream():
        for _ in range(60):
            yield b"x" * 1_000_000

    key = await served.key()
    for content in (b"x" * 60_000_000, stream()):
        try:
            answer = await served.http.post("/v1/incidents", content=content, headers=key)
        except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
            continue  # the server hung up while we still sent: it did not swallow them
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/clinics/none/status",
        "/v1/clinics/%00/status",
        "/v1/clinics/boras_emergency/status?unit=none",
        "/v1/paths/none",
        "/v1/incidents/none",
        "/v1/incidents/%00",
        "/v1/incidents?limit=-1",
        "/v1/incidents?limit=x",
        "/v1/events?clinic=none",
        "/v1/none",
        "/v1/incidents/' OR '1'='1",
        "/v1/incidents/x'; DROP TABLE incidents; --",
        "/v1/clinics/boras_emergency' UNION SELECT 1--/status",
        "/v1/events?clinic=none' OR 1=1--",
    ],
)
async def test_what_is_not_there_is_a_problem(served: Served, path: str) -> None:
    served.publish(Phase.CLEAR, Reason.ARRIVING)
    answer = await served.http.get(path)
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "target",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static/..%5capp.py",
        "/static//etc/passwd",
        "/../../../../etc/passwd",
        "/v1/forms/../../../../etc/passwd.pdf",
        "/v1/forms/..%2f..%2f..%2fetc%2fpasswd.pdf",
    ],
)
async def test_a_path_out_of_a_folder_leads_nowhere(served: Served, target: str) -> None:
    """Over a plain socket: a client library would tidy the path up before it leaves."""
    host, port = urlsplit(served.url).netloc.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    answer = (await reader.read()).decode()
    writer.close()
    assert answer.startswith("HTTP/1.1 4"), answer[:200]
    assert "application/problem+json" in answer
    assert "root:" not in answer
    assert "create_app" not in answer


@pytest.mark.parametrize("key", ["", "Bearer wdk_00000000_x", "Basic x"])
async def test_a_write_without_a_key_is_refused(served: Served, key: str) -> None:
    for path, body, _ in POSTS:
        headers = {"authorization": key} if key else {}
        answer = await served.http.post(path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), path


async def test_a_stranger_is_turned_away_before_the_body_that_never_comes(served: Served) -> None:
    port = urlsplit(served.url).port
    head = b"POST /v1/incidents HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
    for reader, writer in held:  # one after the other: each gives its place back at once
        writer.write(head)
        async with asyncio.timeout(2):
            assert (await reader.readline()).startswith(b"HTTP/1.1 401")
    wrong = await served.http.post("/v1/incidents", json={}, headers=await served.key())
    assert wrong.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    for _, writer in held:
        writer.close()


@pytest.mark.parametrize("role", ROLES)
async def test_every_role_may_what_the_table_says_and_no_more(served: Served, role: str) -> None:
    key = await served.runtime.keys.make(role, "test", served.runtime.clock.now())
    for path, body, what in POSTS:
        if what in MAY[role]:
            continue  # carried out by a running watcher: see the stories
        answer = await served.http.post(path, json=body, headers={"authorization": f"Bearer {key}"})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), path


NOBODY = "ZQTESTSSON"
"""A name that was sent where an id belongs."""


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/incidents", {"path": NOBODY, "reason": "drill"}),
        ("/v1/incidents", {"path": "sas_om_ris", "reason": "drill", "scenario": NOBODY}),
        ("/v1/drills", {"path": NOBODY, "reason": "drill"}),
        (f"/v1/paths/{NOBODY}/sending", {"action": "stop", "reason": "drill"}),
        (f"/v1/incidents/{NOBODY}/clear", {"reason": "drill"}),
        (f"/v1/incidents/inc_{uuid.UUID(int=7)}/acknowledge", {"endpoint": NOBODY, "name": "Eva"}),
    ],
)
async def test_what_stands_where_an_id_belongs_is_neither_stored_nor_repeated(
    served: Served, path: str, body: dict[str, str]
) -> None:
    key = await served.runtime.keys.make("admin", "test", served.runtime.clock.now())
    answer = await served.http.post(path, json=body, headers={"authorization": f"Bearer {key}"})
    assert answer.status_code in (404, 409)
    told = {
        **answer.json(),
        "instance": "",
    }  # it says back which address was asked, to the asker alone
    assert NOBODY not in json.dumps(told)
    assert await served.runtime.requests.waiting() == []


async def test_no_role_ends_what_it_may_not(served: Served) -> None:
    for path, what in DELETES:
        assert (await served.http.delete(path)).status_code == 401
        for role in ROLES:
            if what in MAY[role]:
                continue  # carried out by a running watcher: see the stories
            key = await served.runtime.keys.make(role, "test", served.runtime.clock.now())
            answer = await served.http.delete(path, headers={"authorization": f"Bearer {key}"})
            assert answer.status_code == 403, role


async def test_every_write_route_is_in_the_role_matrix(served: Served) -> None:
    schema = (await served.http.get("/openapi.json")).json()
    writes = {
        path
        for path, methods in schema["paths"].items()
        if set(methods) & {"post", "put", "patch", "delete"}
    }
    named = {"sas_om_ris": "{path}", "inc_x": "{incident}", "on_call": "{subscriber}"}
    listed = {
        "/".join(named.get(part, part) for part in path.split("/"))
        for path, *_ in (*POSTS, *DELETES)
    }
    assert writes == listed


async def test_no_route_that_changes_something_stands_outside_the_document_but_the_page(
    served: Served,
) -> None:
    made: list[FastAPI] = []
    create_app(served.runtime, extend=made.append)
    changing = {route.path for route in _every(made[0].routes) if route.methods - {"GET", "HEAD"}}
    known = set((await served.http.get("/openapi.json")).json()["paths"])
    assert len(changing) > len(POSTS) / 2
    assert changing - known == {ADDRESS}  # the address itself is the permission, for one name


def _every(routes: Iterable[object]) -> Iterator[APIRoute]:
    """Routes of included routers too, which FastAPI keeps as they are."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif (inner := getattr(route, "original_router", None)) is not None:
            yield from _every(inner.routes)


async def test_a_revoked_key_is_no_key(served: Served) -> None:
    now = served.runtime.clock.now()
    key = await served.runtime.keys.make("admin", "test", now)
    assert await served.runtime.keys.revoke(key.split("_")[1], now)
    answer = await served.http.post(
        "/v1/incidents",
        content=json.dumps({"path": "sas_om_ris", "reason": "drill"}),
        headers={"authorization": f"Bearer {key}"},
    )
    assert answer.status_code == 401


async def test_reads_from_elsewhere_need_a_key(served: Served) -> None:
    from api.auth import Networks  # noqa: PLC0415

    networks = Networks(served.runtime.config.read_networks)
    assert networks.allows("127.0.0.1")
    assert not networks.allows("192.0.2.1")
    assert not networks.allows("")
