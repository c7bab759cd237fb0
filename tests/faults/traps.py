"""What sees a connection that should not have been made: a trap, a resolver of ours, and a hook.

The hook hears of every connection that this process attempts (audit event `socket.connect`) and turns
away all that would leave loopback: even where the product fails, nothing leaves the machine.
"""

import asyncio
import ipaddress
import socket
import sys
from collections.abc import Callable
from typing import Any

Resolver = Callable[[str], tuple[str, ...]]


class Attempts:
    """Addresses to which this process tried to connect while it was watching."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._watching = False
        sys.addaudithook(self._hear)

    def __enter__(self) -> list[str]:
        self.seen = []
        self._watching = True
        return self.seen

    def __exit__(self, *_: object) -> None:
        self._watching = False

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._watching or event != "socket.connect" or not isinstance(arguments[1], tuple):
            return
        host, port = arguments[1][:2]
        self.seen.append(f"{host} {port}")
        address = ipaddress.ip_address(str(host).split("%", maxsplit=1)[0])
        mapped = getattr(address, "ipv4_mapped", None) or address
        if not (mapped.is_loopback or mapped.is_unspecified):
            raise ConnectionRefusedError(f"{host} is not on this machine")


class Loop(asyncio.SelectorEventLoop):
    """Numbers are read by the system's own rules (017700000001 is 127.0.0.1), names by `resolver`."""

    resolver: Resolver = staticmethod(lambda _: ())

    async def getaddrinfo(self, host: Any, port: Any, **more: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        name = host.decode() if isinstance(host, bytes) else str(host)
        flags = more.pop("flags", 0) | socket.AI_NUMERICHOST
        try:
            return socket.getaddrinfo(name, port, flags=flags, **more)
        except socket.gaierror:
            # as the system's does: full-width letters and circled digits become plain ones, and a
            # label that cannot be one is a UnicodeError
            plain = name.encode("idna").decode().rstrip(".").lower()
        try:
            return socket.getaddrinfo(plain, port, flags=flags, **more)
        except socket.gaierror:
            found = self.resolver(plain)
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [
            each
            for address in found
            for each in socket.getaddrinfo(address, port, flags=flags, **more)
        ]


class Trap:
    """Counts connections, and hangs up."""

    def __init__(self) -> None:
        self.hits = 0
        self.port = 0
        self._servers: list[asyncio.Server] = []

    async def start(self, *addresses: str, port: int = 0) -> int:
        """Listen at each address, all on one port; the port."""
        for address in addresses:
            server = await asyncio.start_server(self._hit, address, self.port or port)
            self._servers.append(server)
            self.port = server.sockets[0].getsockname()[1]
        return self.port

    async def close(self) -> None:
        for server in self._servers:
            server.close()
            await server.wait_closed()

    async def _hit(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.hits += 1
        writer.close()


class Receiver:
    """A receiver of notices: 204, or a redirect."""

    def __init__(self, redirect: str = "") -> None:
        self.taken = 0
        self.redirect = redirect
        self._server: asyncio.Server | None = None

    async def start(self, address: str, port: int) -> None:
        self._server = await asyncio.start_server(self._answer, address, port)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.taken += 1
        head = f"302 Found\r\nLocation: {self.redirect}" if self.redirect else "204 No Content"
        writer.write(f"HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()
