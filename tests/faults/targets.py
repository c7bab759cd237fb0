"""One attempt to have a notice sent: what the configuration says of the address, and the sender."""

import ipaddress
import json
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.traps import Attempts
from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample
from watchdog.config.load import load
from watchdog.errors import ConfigError, DeliveryError
from watchdog.model.endpoint import AllowedTarget, Endpoint
from watchdog.model.notice import Notice
from watchdog.notify.webhook import WebhookSender

ATTEMPTS = Attempts()
PLACE = '"http://127.0.0.1:22580/hooks/tib_sas"'
"""The first endpoint's address in the sample."""


def notice() -> Notice:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    return Notice(
        id="n1",
        event_id="e1",
        endpoint="it",
        incident="inc",
        kind="test",
        body="{}",
        created_at=now,
        order=1,
    )


def allowed(*networks: str, ports: tuple[int, ...]) -> tuple[AllowedTarget, ...]:
    return tuple(AllowedTarget(network=ipaddress.ip_network(n), ports=ports) for n in networks)


class Checked:
    """The configuration's own word on an address."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "remissvakt.yaml"
        write_sample(self._file, Sample())
        self._text = self._file.read_text("utf-8")
        assert PLACE in self._text, "the sample's first endpoint has another address"

    def refuses(self, url: str) -> bool:
        """True if a problem is told at the address. Any other exception is the caller's to count."""
        self._file.write_text(self._text.replace(PLACE, json.dumps(url)), "utf-8")
        try:
            load(self._file, test_environment=False)
        except ConfigError as error:
            return any("notify.endpoints.0.url" in p.message for p in error.problems)
        return False


async def attempt(sender: WebhookSender, url: str, secret: Path) -> tuple[str, list[str]]:
    """(what the sender said, where it tried to connect)."""
    endpoint = Endpoint(id="it", role="it", sites=("sas",), url=url, secret_file=secret)
    with ATTEMPTS as tried:
        try:
            await sender.send(notice(), endpoint)
        except DeliveryError as error:
            return ("refused" if not tried else f"DeliveryError: {error}"), list(tried)
        except Exception as error:  # noqa: BLE001 - any other is told as what it is
            return type(error).__name__, list(tried)
    return "delivered", list(tried)
