"""The integrator's first day: every state by hand, the same documents as in production."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from api.sandbox import create_sandbox
from watchdog.cli.sandbox import sample
from watchdog.clock import SystemClock
from watchdog.model.outage import State
from watchdog.runtime import build
from watchdog.service.sandbox import EVALUATION_S, Sandbox
from watchdog.storage.migrate import upgrade
from watchdog.webserver import WebServer

BORAS = "/v1/clinics/boras_emergency/status"


class Shifted(SystemClock):
    """A clock whose monotonic side the test moves on."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


@dataclass
class Sand:
    http: httpx.AsyncClient
    board: Sandbox
    clock: Shifted

    async def put(self, path: str, **wish: object) -> None:
        answer = await self.http.post(f"/sandbox/{path}", json=wish)
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def sand(tmp_path: Path) -> AsyncIterator[Sand]:
    config, routines = sample(tmp_path)
    clock = Shifted()
    runtime = build(config, routines, clock)
    await upgrade(runtime.database)
    board = Sandbox(runtime.board)
    server = WebServer(create_sandbox(runtime, board), clock)
    url = f"http://127.0.0.1:{await server.start()}"
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        yield Sand(http, board, clock)
    await server.close()
    await runtime.close()


@pytest.mark.parametrize("state", list(State))
async def test_every_state_of_every_clinic_can_be_had(sand: Sand, state: State) -> None:
    for path in sand.board.wishes:
        await sand.put(path, state=state.value)
    for clinic in ("boras_emergency", "halmstad_emergency", "nal_emergency", "su_dermatology"):
        answer = await sand.http.get(f"/v1/clinics/{clinic}/status")
        assert answer.json()["state"] == state.value
        assert answer.headers["remissvakt-sandbox"] == "true"


async def test_an_outage_before_and_after_the_hold_off_and_its_end(sand: Sand) -> None:
    await sand.put("sas_om_ris", state="outage", paper=False)
    waits = (await sand.http.get(BORAS)).json()
    assert waits["workflow"]["urgent"] == "electronic_and_phone"
    await sand.put("sas_om_ris", state="outage")
    paper = (await sand.http.get(BORAS)).json()
    assert paper["workflow"]["urgent"] == "paper_and_fax"
    assert paper["incident"] == waits["incident"]
    await sand.put("sas_om_ris", state="recovering")
    await sand.put("sas_om_ris", state="normal")
    over = (await sand.http.get(BORAS)).json()
    assert over["revision"] > paper["revision"]
    assert [window["incident"] for window in over["suspect_windows"]] == [waits["incident"]]
    listed = (await sand.http.get("/v1/incidents")).json()["incidents"]
    assert [(found["id"], found["status"]) for found in listed] == [(waits["incident"], "cleared")]


async def test_a_dead_watchdog_goes_stale_as_in_production(sand: Sand) -> None:
    await sand.put("sas_om_ris", state="normal", evaluated=False)
    await sand.put("halland_vas_biztalk_ris", state="outage", evaluated=False)
    sand.clock.ahead = EVALUATION_S + 1
    sand.board.beat()
    normal = (await sand.http.get(BORAS)).json()
    assert (normal["state"], normal["reason"]) == ("unknown", "not_evaluated")
    out = (await sand.http.get("/v1/clinics/halmstad_emergency/status")).json()
    assert (out["state"], out["stale"]) == ("outage", True)


async def test_another_chapter_of_the_routine_can_be_set(sand: Sand) -> None:
    await sand.put("kronoberg_image_transfer", state="outage", scenario="inbound_down")
    told = (await sand.http.get("/v1/clinics/ljungby_emergency/status")).json()
    asked = {"site": "kronoberg", "scenario": "inbound_down", "clinic": "ljungby_emergency"}
    routine = (await sand.http.get("/v1/instructions", params=asked)).json()
    steps = told["instruction"]["urgent"]["steps"]
    assert [step["text"]["sv"] for step in steps] == [step["text"] for step in routine["steps"]]
    assert steps
    assert routine["scenario"] == "inbound_down"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("sas_om_ris", '{"state": "fine"}', 422),
        ("sas_om_ris", '{"state": "normal", "more": 1}', 422),
        ("sas_om_ris", "state=&", 422),
        ("sas_om_ris", "{" + " " * 5000, 422),
        ("sas_om_ris", '{"state": "outage", "scenario": "inbound_down"}', 409),
        ("nowhere", '{"state": "normal"}', 404),
    ],
)
async def test_what_cannot_be_set_is_refused(sand: Sand, path: str, body: str, status: int) -> None:
    answer = await sand.http.post(f"/sandbox/{path}", content=body)
    assert answer.status_code == status
    assert (await sand.http.get(BORAS)).json()["state"] == "normal"


async def test_no_test_orders_are_sent_where_systems_alone_are_watched(sand: Sand) -> None:
    sending = {
        path: (await sand.http.get(f"/v1/paths/{path}")).json()["sending"]
        for path in ("sas_om_ris", "sas_images")
    }
    assert sending == {"sas_om_ris": "on", "sas_images": "none"}


async def test_the_page_sets_a_state_and_another_site_may_not(sand: Sand) -> None:
    page = await sand.http.get("/sandbox")
    assert page.text.count('name="state"') == len(sand.board.wishes) * len(State)
    form = {"state": "outage", "paper": "true", "scenario": "", "evaluated": "true"}
    done = await sand.http.post("/sandbox/sas_om_ris", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/sandbox")
    foreign = await sand.http.post(
        "/sandbox/sas_om_ris", data={"state": "normal"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert foreign.status_code == 403
    assert (await sand.http.get(BORAS)).json()["state"] == "outage"


async def test_the_command_serves_until_it_is_told_to_stop() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "watchdog", "sandbox", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    first = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
    url = first.split()[-1].removesuffix("/sandbox")
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        assert (await http.get(BORAS)).json()["state"] == "normal"
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 10) == 0
