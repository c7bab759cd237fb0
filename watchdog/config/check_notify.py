"""What the configuration of notices may not say: wrong references, unsafe targets, gaps in who is told."""

import ipaddress
from collections.abc import Callable

from watchdog import trust
from watchdog.config.check_endpoint import (
    ASKED,
    LOOPBACK,
    endpoint_problems,
    is_loopback,
    target_problem,
)
from watchdog.config.schema import AllowFile, ConfigFile, EndpointFile
from watchdog.network import Network
from watchdog.yamltext import Key

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
        if (wrong := trust.problem(self._shape.notify.ca_file)) is not None:
            self._say(("notify", "ca_file"), wrong)
        self._smtp()
        self._everybody_is_told()
        if self._shape.notify.heartbeat is not None:
            self._target(("notify", "heartbeat", "url"), self._shape.notify.heartbeat.url)
        self._daily_test()
        self._public_url()

    def _everybody_is_told(self) -> None:
        """In production each site has somebody who hears of its outages."""
        if self._shape.environment != "production":
            return
        for site in self._shape.sites:
            told = [e.id for e in self._shape.notify.endpoints if site in e.sites]
            roles = {e.role for e in self._shape.notify.endpoints if site in e.sites}
            if not roles & {"duty_officer", "it"}:
                whom = f"only {', '.join(told)}" if told else "nobody"
                self._say(
                    ("sites", site),
                    f"{whom} would hear of its outages: name a duty officer in `notify.endpoints`",
                )

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
        for where, message in endpoint_problems(
            endpoint,
            self._shape.sites,
            has_mail=self._shape.notify.smtp is not None,
            test=self._test,
        ):
            self._say((*base, *where), message)
        self._follow_up(base, endpoint)

    def _target(self, where: tuple[Key, ...], url: str) -> None:
        if (wrong := target_problem(url, test=self._test)) is not None:
            self._say(where, wrong)

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

    def _daily_test(self) -> None:
        daily = self._shape.notify.daily_test
        known = {each.id for each in self._shape.notify.endpoints}
        for place, name in enumerate(daily.endpoints if daily else ()):
            if name not in known:
                where = ("notify", "daily_test", "endpoints", place)
                self._say(where, f"{name!r} is not one of {', '.join(sorted(known))}")
        paths = set(self._shape.paths)
        if daily and daily.drill is not None and daily.drill not in paths:
            where = ("notify", "daily_test", "drill")
            self._say(where, f"{daily.drill!r} is not one of {', '.join(sorted(paths))}")

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
        if smtp.security == "none" and not (self._test and is_loopback(smtp.host)):
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
