"""Notices never reach what is inside, however the address is written."""

from pathlib import Path

import pytest

from tests.faults import ssrf
from tests.faults.targets import PLACE, allowed
from tests.support.world import World
from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample
from watchdog.clock import SystemClock
from watchdog.config.load import load
from watchdog.errors import ConfigError, DeliveryError
from watchdog.notify.webhook import WebhookSender


def test_sixty_addresses_and_a_name_that_is_rebound_reach_nothing() -> None:
    found = ssrf.run(1, 1)
    assert (found["rows"], found["blocked"], found["connects"]) == (60, 60, 0)


def problems(folder: Path, old: str, new: str) -> str:
    """What the configuration says in production's way, without the flag of a test environment."""
    file = folder / "remissvakt.yaml"
    write_sample(file, Sample())
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ConfigError) as caught:
        load(file, test_environment=False)
    return str(caught.value)


@pytest.mark.parametrize("network", ["127.0.0.0/8", "0.0.0.0/0", "169.254.0.0/16", "::/0"])
def test_what_is_always_denied_cannot_be_allowed(network: str, tmp_path: Path) -> None:
    said = problems(tmp_path, "{network: 127.0.0.0/8,", f"{{network: '{network}',")
    assert "notify.allow.0" in said


def test_an_address_that_is_none_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    assert "notify.endpoints.0.url" in problems(tmp_path, PLACE, '"https://[::1"')


async def test_a_port_that_cannot_be_is_said() -> None:
    sender = WebhookSender((), SystemClock())
    with pytest.raises(DeliveryError):
        await sender._resolved("https://10.20.0.9:99999/x")
    await sender.close()


async def test_a_receiver_at_an_ipv6_address_is_asked_by_its_address() -> None:
    sender = WebhookSender(allowed("fd00::/8", ports=(443,)), SystemClock())
    _, host = await sender._resolved("https://[fd00::1]:443/x")
    assert host == "[fd00::1]:443"
    await sender.close()


async def test_the_ports_that_we_listen_on_for_feedback_are_our_own(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        ports = {listener.port for listener in world.runner.listeners.values()}
        assert ports
        assert ports <= world.watcher.sender.webhook.own_ports
