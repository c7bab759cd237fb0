"""Networks that a configuration names, and whether an address lies in one of them."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address

Network = IPv4Network | IPv6Network


def is_within(address: str, networks: Iterable[Network]) -> bool:
    """True if it lies in one of them; what is no address lies in none."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip.version == network.version and ip in network for network in networks)
