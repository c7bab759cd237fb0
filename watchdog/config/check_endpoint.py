"""What may be said of one receiver of notices, whether it is configured or has subscribed."""

import ipaddress
from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from watchdog.config.schema import EndpointFile
from watchdog.yamltext import Key

ASKED = ("duty_officer", "receiving_unit")
"""Roles whose person must acknowledge."""
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
Said = tuple[tuple[Key, ...], str]
"""Where in the endpoint, and what is wrong there."""


def endpoint_problems(
    endpoint: EndpointFile, sites: Collection[str], *, has_mail: bool, test: bool
) -> Iterator[Said]:
    """Everything that is wrong with it by itself. `test`: loopback may be told, without TLS."""
    for site in endpoint.sites:
        if site not in sites:
            yield ("sites",), f"{site!r} is not one of {', '.join(sorted(sites))}"
    if endpoint.role == "receiving_unit" and endpoint.unit is None:
        yield ("role",), "receiving_unit needs `unit`"
    yield from _open_hours(endpoint)
    if bool(endpoint.mail) == bool(endpoint.url):
        yield ("url",), "needs either `url` with `secret_file`, or `mail`"
        return
    if endpoint.mail:
        if not has_mail:
            yield ("mail",), "needs `notify.smtp`"
        return
    if not endpoint.secret_file.is_file():
        yield ("secret_file",), f"there is no file {endpoint.secret_file}"
    if (wrong := target_problem(endpoint.url, test=test)) is not None:
        yield ("url",), wrong


def target_problem(url: str, *, test: bool) -> str | None:
    """What is wrong with an address to which notices go, if anything."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "is not an address: https://host[:port]/path"
    if parts.scheme == "http" and not (test and is_loopback(parts.hostname or "")):
        return "must be https; http is for loopback in a test environment only"
    return None


def is_loopback(host: str) -> bool:
    """True for this machine by name or by number."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address.version == net.version and address in net for net in LOOPBACK)


def _open_hours(endpoint: EndpointFile) -> Iterator[Said]:
    if endpoint.hours is None:
        return
    if endpoint.hours.start >= endpoint.hours.end:
        yield ("hours",), "must begin before they end, on one day"
    told = not endpoint.events or "advice_changed" in endpoint.events
    if told and endpoint.role in ASKED:
        yield (
            ("hours",),
            f"{endpoint.role} must acknowledge, and is told at any hour; name other `events` "
            "for who only wants to know",
        )
