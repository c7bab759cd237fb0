"""Sign and POST one notice: Standard Webhooks headers, CloudEvents body, no redirects, no proxy."""

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

import httpx
from standardwebhooks.webhooks import Webhook

from watchdog.clock import Clock
from watchdog.errors import DeliveryError
from watchdog.model.notice import Notice
from watchdog.model.site import AllowedTarget, Endpoint

CONNECT_S, TOTAL_S = 2.0, 5.0
MOST_ANSWER = 4096
CONTENT_TYPE = "application/cloudevents+json"


class WebhookSender:
    """Sends to allow-listed targets only; a name is resolved once and every address checked."""

    def __init__(
        self,
        allowed: tuple[AllowedTarget, ...],
        clock: Clock,
        *,
        own_ports: frozenset[int] = frozenset(),
    ) -> None:
        self._allowed, self._clock = allowed, clock
        self.own_ports = own_ports
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(TOTAL_S, connect=CONNECT_S),
            trust_env=False,
            follow_redirects=False,
        )

    async def send(self, notice: Notice, endpoint: Endpoint) -> None:
        """Deliver; DeliveryError says what the receiver did and what follows."""
        now = self._clock.now()
        try:
            secret = endpoint.secret_file.read_text("utf-8").strip()
        except OSError:
            raise DeliveryError(f"the secret file of {endpoint.id} cannot be read") from None
        headers = {
            "content-type": CONTENT_TYPE,
            "webhook-id": notice.event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign(notice.event_id, now, notice.body),
        }
        target, host = await self._resolved(endpoint.url)
        try:
            async with self._client.stream(
                "POST",
                target,
                content=notice.body.encode(),
                headers={**headers, "host": host},
                extensions={"sni_hostname": host.split(":", maxsplit=1)[0]},
            ) as response:
                read = 0
                async for chunk in response.aiter_raw():
                    read += len(chunk)
                    if read > MOST_ANSWER:
                        break
                status = response.status_code
        except httpx.HTTPError as error:
            raise DeliveryError(f"{endpoint.id} did not answer: {type(error).__name__}") from None
        if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's success range
            raise DeliveryError(f"{endpoint.id} answered HTTP {status}")

    async def close(self) -> None:
        await self._client.aclose()

    async def _resolved(self, url: str) -> tuple[str, str]:
        """The URL with a checked address in place of its name, and the Host header."""
        parts = urlsplit(url)
        name = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            async with asyncio.timeout(CONNECT_S):
                loop = asyncio.get_running_loop()
                found = await loop.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except (OSError, TimeoutError):
            raise DeliveryError(f"the name {name} was not found") from None
        addresses = [ipaddress.ip_address(str(info[4][0]).split("%")[0]) for info in found]
        if port in self.own_ports or not all(self._allows(a, port) for a in addresses):
            raise DeliveryError(
                f"{name}:{port} is outside `notify.allow`: nothing was sent", retryable=False
            )
        address = addresses[0]
        literal = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004
        path = parts.path or "/"
        query = f"?{parts.query}" if parts.query else ""
        return f"{parts.scheme}://{literal}:{port}{path}{query}", f"{name}:{port}"

    def _allows(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> bool:
        return any(
            target.network.version == address.version
            and address in target.network
            and port in target.ports
            for target in self._allowed
        )
