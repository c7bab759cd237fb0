"""Sign and POST one notice: Standard Webhooks headers, CloudEvents body, no redirects, no proxy."""

import asyncio
import ipaddress
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from watchdog.clock import Clock
from watchdog.errors import DeliveryError
from watchdog.model.endpoint import AllowedTarget, Endpoint
from watchdog.model.notice import Notice
from watchdog.notify.signing import signatures
from watchdog.trust import authorities

CONNECT_S, TOTAL_S = 2.0, 5.0
MOST_ANSWER = 4096
REFUSED = frozenset((400, 409, 413, 415, 422))
"""Answers about what the body says. Any other says something of the receiver, or of all bodies."""
CONTENT_TYPE = "application/cloudevents+json"


class WebhookSender:
    """Sends to allow-listed targets only; a name is resolved once and every address checked."""

    def __init__(
        self,
        allowed: tuple[AllowedTarget, ...],
        clock: Clock,
        *,
        own_ports: frozenset[int] = frozenset(),
        origin: str = "remissvakt",
        ca_file: Path | None = None,
    ) -> None:
        self._allowed, self._clock = allowed, clock
        self.own_ports = own_ports
        self._origin = origin
        self._welcome: set[str] = set()
        """Endpoints that have said they want our notices."""
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(TOTAL_S, connect=CONNECT_S),
            trust_env=False,
            follow_redirects=False,
            verify=authorities(ca_file),
        )

    async def send(self, notice: Notice, endpoint: Endpoint) -> None:
        """Deliver; DeliveryError says what the receiver did and what follows."""
        try:
            # in all: a receiver that drips a byte now and then would hold the endpoint for hours
            async with asyncio.timeout(CONNECT_S + TOTAL_S):
                await self._send(notice, endpoint)
        except TimeoutError:
            raise DeliveryError(f"{endpoint.id} did not finish its answer in time") from None

    async def _send(self, notice: Notice, endpoint: Endpoint) -> None:
        now = self._clock.now()
        headers = {
            "content-type": CONTENT_TYPE,
            "webhook-id": notice.event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signatures(
                endpoint.secret_file, notice.event_id, now, notice.body, endpoint=endpoint.id
            ),
        }
        target, host = await self._resolved(endpoint.url)
        if endpoint.handshake and endpoint.id not in self._welcome:
            await self._ask(endpoint, target, host)
        await self._post(endpoint.id, target, {**headers, "host": host}, notice.body)

    async def beat(self, url: str, body: str) -> None:
        """Tell who waits for our heartbeat; DeliveryError says why it was not taken."""
        try:
            async with asyncio.timeout(CONNECT_S + TOTAL_S):
                target, host = await self._resolved(url)
                headers = {"content-type": "application/json", "host": host}
                await self._post("the heartbeat's receiver", target, headers, body)
        except TimeoutError:
            raise DeliveryError("the heartbeat's receiver did not answer in time") from None

    async def _post(self, who: str, target: str, headers: dict[str, str], body: str) -> None:
        try:
            async with self._client.stream(
                "POST",
                target,
                content=body.encode(),
                headers=headers,
                extensions={"sni_hostname": _name(headers["host"])},
            ) as response:
                read = 0
                async for chunk in response.aiter_raw():
                    read += len(chunk)
                    if read > MOST_ANSWER:
                        break
                status = response.status_code
                later = _retry_after(response.headers.get("retry-after", ""))
        except httpx.HTTPError as error:
            raise DeliveryError(f"{who} did not answer: {type(error).__name__}") from None
        if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's success range
            refused = status in REFUSED
            raise DeliveryError(f"{who} answered HTTP {status}", refused=refused, after_s=later)

    async def close(self) -> None:
        await self._client.aclose()

    async def _ask(self, endpoint: Endpoint, target: str, host: str) -> None:
        """The CloudEvents web hook handshake, once per run: does the receiver want our notices?"""
        try:
            async with self._client.stream(
                "OPTIONS",
                target,
                headers={"host": host, "webhook-request-origin": self._origin},
                extensions={"sni_hostname": _name(host)},
            ) as answer:  # its headers are enough
                allowed = answer.headers.get("webhook-allowed-origin", "")
        except httpx.HTTPError as error:
            raise DeliveryError(f"{endpoint.id} did not answer: {type(error).__name__}") from None
        if allowed not in ("*", self._origin):
            raise DeliveryError(
                f"{endpoint.id} does not allow notices from {self._origin}: its administrator must "
                "answer OPTIONS with WebHook-Allowed-Origin"
            )
        self._welcome.add(endpoint.id)

    async def _resolved(self, url: str) -> tuple[str, str]:
        """The URL with a checked address in place of its name, and the Host header."""
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise DeliveryError("its address is none: nothing was sent") from None
        name = parts.hostname or ""
        try:
            async with asyncio.timeout(CONNECT_S):
                loop = asyncio.get_running_loop()
                found = await loop.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except (OSError, TimeoutError):
            raise DeliveryError(f"the name {name} was not found") from None
        addresses = [ipaddress.ip_address(str(info[4][0]).split("%")[0]) for info in found]
        if (port in self.own_ports and any(map(_is_ours, addresses))) or not all(
            self._allows(a, port) for a in addresses
        ):
            raise DeliveryError(f"{name}:{port} is outside `notify.allow`: nothing was sent")
        address = addresses[0]
        literal = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004
        path = parts.path or "/"
        query = f"?{parts.query}" if parts.query else ""
        shown = f"[{name}]" if ":" in name else name
        return f"{parts.scheme}://{literal}:{port}{path}{query}", f"{shown}:{port}"

    def _allows(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> bool:
        mapped = getattr(address, "ipv4_mapped", None) is not None
        if mapped or address.is_link_local or address.is_multicast or address.is_unspecified:
            return False  # never a receiver, whatever the list says (T07)
        return any(
            target.network.version == address.version
            and address in target.network
            and port in target.ports
            for target in self._allowed
        )


def _retry_after(value: str) -> float | None:
    """Seconds that the receiver asks for; a date, or anything else, is not understood."""
    return float(value) if value.isascii() and value.isdigit() else None


def _name(host: str) -> str:
    """The name in a Host header, without port and brackets: what the certificate must say."""
    return urlsplit(f"//{host}").hostname or ""


def _is_ours(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """True if this machine has the address: only then can a socket be bound to it."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET  # noqa: PLR2004
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True
