"""What the configuration of notices may not say: wrong references, unsafe targets, gaps in who is told."""

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from watchdog.config.schema import AllowFile, ConfigFile, EndpointFile
from watchdog.model.endpoint import Network
from watchdog.yamltext import Key

ASKED = ("duty_officer", "receiving_unit")
"""Roles whose person must acknowledge."""
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4"),
        *("::/128", "::ffff:0:0/96", "fe80::/10", "ff00::/8"),
    )
)
"""Unspecified, link-local with the metadata services of clouds, multicast, reserved, mapped (T07)."""
Say = Callable[[tuple[Key, ...], str], None]


class NotifyRules:
    """Says every problem of `notify:`, each at its place."""

    def __init__(self, shape: ConfigFile, say: Say, *, test: bool) -> None:
        self._shape, self._say, self._test = shape, say, test

    def run(self) -> None:
        """Every endpoint, then what stands beside them."""
        seen: set[str] = set()
        for index, allow in enumerate(self._shape.notify.allow):
            self._allow(index, allow)
        for index, endpoint in enumerate(self._shape.notify.endpoints):
            self._endpoint(index, endpoint, seen)
        self._smtp()
        if self._shape.notify.heartbeat is not None:
            self._target(("notify", "heartbeat", "url"), self._shape.notify.heartbeat.url)
        self._daily_test()
        self._public_url()

    def _allow(self, index: int, allow: AllowFile) -> None:
        """No network of receivers holds an address that is ours, the machine's, or nobody's."""
        network = ipaddress.ip_network(allow.network)
        ours = self._test and any(_within(network, each) for each in LOOPBACK)
        for denied in (*NEVER, *(() if ours else LOOPBACK)):
            if network.version == denied.version and network.overlaps(denied):
                self._say(
                    ("notify", "allow", index, "network"),
                    f"{network} holds {denied}, where no receiver is: name the receivers' own networks",
                )
                return

    def _endpoint(self, index: int, endpoint: EndpointFile, seen: set[str]) -> None:
        base: tuple[Key, ...] = ("notify", "endpoints", index)
        if endpoint.id in seen:
            self._say((*base, "id"), f"{endpoint.id!r} stands twice")
        seen.add(endpoint.id)
        for site in endpoint.sites:
            if site not in self._shape.sites:
                known = ", ".join(sorted(self._shape.sites))
                self._say((*base, "sites"), f"{site!r} is not one of {known}")
        if endpoint.role == "receiving_unit" and endpoint.unit is None:
            self._say((*base, "role"), "receiving_unit needs `unit`")
        self._follow_up(base, endpoint)
        self._open_hours(base, endpoint)
        if bool(endpoint.mail) == bool(endpoint.url):
            self._say((*base, "url"), "needs either `url` with `secret_file`, or `mail`")
            return
        if endpoint.mail:
            if self._shape.notify.smtp is None:
                self._say((*base, "mail"), "needs `notify.smtp`")
            return
        if not endpoint.secret_file.is_file():
            self._say((*base, "secret_file"), f"there is no file {endpoint.secret_file}")
        self._target((*base, "url"), endpoint.url)

    def _target(self, where: tuple[Key, ...], url: str) -> None:
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError:
            self._say(where, "is not an address: https://host[:port]/path")
            return
        if parts.scheme == "http" and not (self._test and _is_loopback(parts.hostname or "")):
            self._say(where, "must be https; http is for loopback in a test environment only")

    def _follow_up(self, base: tuple[Key, ...], endpoint: EndpointFile) -> None:
        known = {each.id for each in self._shape.notify.endpoints}
        for place, rung in enumerate(endpoint.escalation):
            if rung.to not in known - {endpoint.id}:
                others = ", ".join(sorted(known - {endpoint.id}))
                self._say((*base, "escalation", place, "to"), f"{rung.to!r} is not one of {others}")
        if (endpoint.escalation or endpoint.remind) and endpoint.role not in ASKED:
            self._say(
                (*base, "role"),
                f"{endpoint.role} is not asked to acknowledge: `escalation` and `remind` are for "
                f"{' and '.join(ASKED)}",
            )

    def _open_hours(self, base: tuple[Key, ...], endpoint: EndpointFile) -> None:
        if endpoint.hours is None:
            return
        if endpoint.hours.start >= endpoint.hours.end:
            self._say((*base, "hours"), "must begin before they end, on one day")
        told = not endpoint.events or "advice_changed" in endpoint.events
        if told and endpoint.role in ASKED:
            self._say(
                (*base, "hours"),
                f"{endpoint.role} must acknowledge, and is told at any hour; name other `events` "
                "for who only wants to know",
            )

    def _daily_test(self) -> None:
        daily = self._shape.notify.daily_test
        known = {each.id for each in self._shape.notify.endpoints}
        for place, name in enumerate(daily.endpoints if daily else ()):
            if name not in known:
                where = ("notify", "daily_test", "endpoints", place)
                self._say(where, f"{name!r} is not one of {', '.join(sorted(known))}")

    def _public_url(self) -> None:
        asked = [e for e in self._shape.notify.endpoints if e.role in ASKED]
        if asked and not self._shape.api.public_url.startswith(("https://", "http://")):
            self._say(
                ("api", "public_url"),
                f"is needed: {asked[0].id} is told where to acknowledge, as https://host",
            )

    def _smtp(self) -> None:
        smtp = self._shape.notify.smtp
        if smtp is None:
            return
        base: tuple[Key, ...] = ("notify", "smtp")
        if smtp.security == "none" and not (self._test and _is_loopback(smtp.host)):
            self._say(
                (*base, "security"),
                "must be starttls or tls; none is for loopback in a test environment only",
            )
        for name, file in (("ca_file", smtp.ca_file), ("password_file", smtp.password_file)):
            if file is not None and not file.is_file():
                self._say((*base, name), f"there is no file {file}")


def _within(network: Network, other: Network) -> bool:
    return (
        network.version == other.version
        and int(other.network_address) <= int(network.network_address)
        and int(network.broadcast_address) <= int(other.broadcast_address)
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address.version == net.version and address in net for net in LOOPBACK)
