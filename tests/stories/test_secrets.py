"""What is secret stands in files, and nowhere in what the service says (threat T15)."""

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from tests.support.world import World
from watchdog.simulator.faults import FaultKind

PAGES = (
    "/",
    "/metrics",
    "/healthz",
    "/openapi.json",
    "/v1/status",
    "/v1/incidents",
    "/v1/paths",
    "/v1/systems/sas",
    "/v1/config",
)


def secrets(folder: Path) -> dict[str, list[bytes]]:
    """Every file of secrets below, with the forms in which its content would be known again."""
    found: dict[str, list[bytes]] = {}
    for file in folder.rglob("*"):
        if file.is_file() and (file.suffix == ".key" or "secrets" in file.parts):
            raw = file.read_bytes().strip()
            bare = raw.removeprefix(b"whsec_").removeprefix(b"whsk_")
            found[str(file.relative_to(folder))] = [bare, base64.b64encode(raw), raw.hex().encode()]
    return found


@pytest.fixture
def _everything_is_logged() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(0))
    yield
    structlog.configure(**before)


@pytest.mark.usefixtures("_everything_is_logged")
async def test_no_secret_stands_in_anything_that_the_service_says(tmp_path: Path) -> None:
    with capture_logs() as logged:
        said = await _said(tmp_path)
    assert any(line["event"] == "notice_failed" for line in logged)
    key = said.pop("the key")
    hidden = {**secrets(tmp_path), "the key": [key.encode(), key.split("_")[-1].encode()]}
    assert len(hidden) >= 3, sorted(hidden)
    everything = "\n".join([repr(logged), *said.values()]).encode()
    for name, forms in hidden.items():
        for form in forms:
            assert len(form) >= 16
            assert form not in everything, f"{name} is told"


async def _said(folder: Path) -> dict[str, str]:
    """What is told in an outage, by where; and an administrator's key."""
    async with World(folder) as world:
        await world.healthy()
        key = await world.runtime.keys.make("admin", "eva", world.clock.now())
        await world.breaks(FaultKind.SWALLOW)
        world.hospital.hooks.down = True
        await world.state("outage")
        await asyncio.sleep(1.5)
        world.hospital.hooks.down = False
        await world.hooked("declared", "it")
        head = {"authorization": f"Bearer {key}"}
        answers = {page: await world.http.get(page, headers=head) for page in PAGES}
        return {
            "the key": key,
            "notices": str(world.hospital.hooks.received),
            "the configuration": repr(world.runtime.config),
            **{page: f"{answer.headers}{answer.text}" for page, answer in answers.items()},
        }
