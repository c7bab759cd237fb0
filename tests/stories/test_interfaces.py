"""From outside: the API in a process of its own, and what people ask over HTTP and by command."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from tests.support.world import HALMSTAD, World
from watchdog.clock import SystemClock
from watchdog.config.load import load
from watchdog.runner.follow import Follower
from watchdog.runtime import build
from watchdog.simulator.faults import FaultKind
from watchdog.storage import audit
from watchdog.storage.requests import Request

PATH = "halland_vas_biztalk_ris"


async def test_an_api_of_its_own_says_the_same_and_goes_stale_with_its_watcher(
    world: World,
) -> None:
    config, routines = load(world.folder / "remissvakt.yaml", test_environment=True)
    apart = build(config, routines, SystemClock())
    following = asyncio.create_task(Follower(apart).run())

    async def says(state: str, patience_s: float) -> None:
        end = world.clock.monotonic() + patience_s
        while world.clock.monotonic() < end:
            if apart.board.paths() and apart.board.clinic(HALMSTAD).effective.state == state:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"never {state}: {apart.board.clinic(HALMSTAD).effective}")

    await world.healthy(2)
    await says("normal", 5)
    await world.breaks(FaultKind.SWALLOW)
    await world.state("outage")
    await says("outage", 3)
    await world.mends()
    await world.state("normal")
    await says("normal", 5)
    await world.stop_service()
    await says("unknown", 5)
    following.cancel()
    await asyncio.wait([following])
    await apart.close()
    await world.start_service()


async def test_anyone_may_stop_sending_and_another_role_resumes(world: World) -> None:
    await world.healthy(0.5)
    now = world.clock.now()
    keys = {role: await world.runtime.keys.make(role, role, now) for role in ("stop", "admin")}

    async def ask(role: str, action: str) -> int:
        answer = await world.http.post(
            f"/v1/paths/{PATH}/sending",
            json={"action": action, "reason": "a drill"},
            headers={"authorization": f"Bearer {keys[role]}"},
        )
        return answer.status_code

    assert await ask("stop", "stop") == 200
    assert (await world.path())["sending"] == "stopped"
    taken = len(world.hospital.log.placers("engine", "took", "biztalk"))
    await world.state("unknown", 8)
    assert await ask("stop", "resume") == 403
    assert len(world.hospital.log.placers("engine", "took", "biztalk")) <= taken + 2  # cancels
    assert await ask("admin", "resume") == 200
    await world.state("normal", 5)
    assert await ask("admin", "resume") == 409


async def test_an_outage_is_declared_over_http_and_read_back(world: World) -> None:
    await world.healthy(0.2)
    key = await world.runtime.keys.make("declare", "duty officer", world.clock.now())
    answer = await world.http.post(
        "/v1/incidents",
        json={"path": PATH, "reason": "the reception says so"},
        headers={"authorization": f"Bearer {key}"},
    )
    assert answer.status_code == 200
    ident = answer.json()["detail"]
    found = (await world.http.get(f"/v1/incidents/{ident}")).json()
    assert (found["status"], found["by_hand"]) == ("declared", True)
    assert found["timeline"][0]["by"] == "duty officer"
    page = await world.http.get(f"/incidents/{ident}?lang=en")
    assert "the reception says so" in page.text


def test_ctrl_c_ends_the_demo_and_its_children_within_five_seconds(tmp_path: Path) -> None:
    environment = {**os.environ, "REMISSVAKT_HOME": str(tmp_path)}
    demo = subprocess.Popen(
        [sys.executable, "-m", "watchdog", "demo"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout is not None
    for line in demo.stdout:
        if "Healthy" in line:
            break
    demo.send_signal(signal.SIGINT)
    try:
        said, _ = demo.communicate(timeout=5)
    finally:  # a miss must not leave processes behind that trouble the tests after it
        demo.kill()
        demo.communicate()
    assert demo.returncode == 130
    assert "Stopping" in said
    left = [p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in str(p.info)]
    psutil.wait_procs(left, timeout=3)  # a killed one may still be writing to a busy disk
    assert [p.pid for p in left if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


async def test_two_persons_override_failing_probes_and_the_probes_decide_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watchdog.incidents.override.LONGEST", timedelta(seconds=4))
    await world.healthy(0.5)
    await world.breaks(FaultKind.SWALLOW)
    told = await world.until(lambda t: t["instruction"] is not None)
    url = f"/v1/incidents/{told['incident']}/override"
    now = world.clock.now()
    keys = [await world.runtime.keys.make("clear", name, now) for name in ("Anna", "Bo")]
    body = {"reason": "The RIS list was read by hand and is complete."}

    async def asks(key: str) -> tuple[int, str]:
        answer = await world.http.post(url, json=body, headers={"authorization": f"Bearer {key}"})
        return answer.status_code, answer.json()["detail"]

    assert (await asks(keys[0]))[1].startswith("Recorded. A second person")
    assert (await world.clinic())["state"] == "outage"
    status, detail = await asks(keys[0])
    assert (status, "another person" in detail) == (409, True)
    assert (await asks(keys[1]))[0] == 200
    cleared = await world.state("recovering")
    assert cleared["reason"] == "cleared_by_hand"
    assert cleared["workflow"]["urgent"] == "electronic_and_phone"
    again = await world.state("outage")  # the time ran out, the probes still fail
    assert again["incident"] == told["incident"]
    timeline = (await world.http.get(f"/v1/incidents/{told['incident']}")).json()["timeline"]
    said = " ".join(event["because"]["en"] for event in timeline)
    assert "Anna wants to clear" in said
    assert "Bo confirms" in said
    for _ in range(100):
        timeline = (await world.http.get(f"/v1/incidents/{told['incident']}")).json()["timeline"]
        if "The clear by hand has run out" in timeline[-1]["because"]["en"]:
            break
        await asyncio.sleep(0.05)
    assert "The clear by hand has run out" in timeline[-1]["because"]["en"]


async def test_a_request_that_cannot_be_stored_holds_up_none_behind_it(world: World) -> None:
    requests, now = world.runtime.requests, world.clock.now()
    bad = {"path": PATH, "reason": "half a letter \ud800"}
    await requests.add(Request(id="bad", kind="declare", arguments=bad, by="eva", at=now))
    good = {"path": PATH, "reason": "RIS står stilla"}
    later = now + timedelta(seconds=1)
    await requests.add(Request(id="good", kind="declare", arguments=good, by="eva", at=later))
    end = world.clock.monotonic() + 10
    while (done := await requests.get("good")) is None or done.done_at is None:
        assert world.clock.monotonic() < end, "it waits for ever"
        await asyncio.sleep(0.1)
    assert done.outcome == "done"
    refused = await requests.get("bad")
    assert refused is not None
    assert (refused.outcome, "no letter" in refused.detail) == ("refused", True)
    assert (await audit.verify(world.runtime.database))[2] is None
