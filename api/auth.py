"""Who may what: reads are open for configured networks, writes need an API key with a role."""

from functools import lru_cache

from fastapi import Request

from watchdog.errors import NotAllowed, NotSignedIn
from watchdog.network import Network, is_within
from watchdog.runtime import Runtime
from watchdog.storage.keys import ApiKey

DECLARE = frozenset({"read", "stop", "declare", "acknowledge"})
MAY: dict[str, frozenset[str]] = {
    "read": frozenset({"read"}),
    "stop": frozenset({"read", "stop"}),
    "declare": DECLARE,
    "clear": DECLARE | {"clear"},
    "admin": DECLARE | {"clear", "resume", "close", "resend", "drill", "subscribe"},
}
"""Role to what it may do. Anything not named here is denied to everyone."""


class Networks:
    """Addresses that may read without a key."""

    def __init__(self, networks: tuple[Network, ...]) -> None:
        self._networks = networks
        self.allows = lru_cache(maxsize=4096)(self._allows)

    def _allows(self, address: str) -> bool:
        return is_within(address, self._networks)


async def signed_in(request: Request, runtime: Runtime) -> ApiKey:
    """The key that came as `Authorization: Bearer wdk_…`. NotSignedIn without a good one."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    key = await runtime.keys.check(value.strip()) if scheme.lower() == "bearer" else None
    if key is None:
        raise NotSignedIn("Send a valid API key as `Authorization: Bearer wdk_…`.")
    return key


async def may(request: Request, runtime: Runtime, what: str) -> ApiKey:
    """The key, if its role allows `what`. NotAllowed otherwise."""
    key = await signed_in(request, runtime)
    if what not in MAY.get(key.role, frozenset()):
        roles = ", ".join(role for role, allowed in MAY.items() if what in allowed)
        raise NotAllowed(f"This needs the role {roles}; the key has {key.role}.")
    return key
