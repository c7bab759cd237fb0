"""Systems beside the referral paths: DICOM nodes and web systems that can be shut, each on its port."""

import asyncio
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from watchdog.clock import Clock
from watchdog.simulator import dicom
from watchdog.simulator.dicom import DicomServer
from watchdog.simulator.ports import free_port
from watchdog.webserver import WebServer

DICOM = (
    "bfr", "syngo_via", "image_transfer", "mei",
    "gateway_z97117", "gateway_z83680", "inbound", "skane", "blekinge", "halland", "jonkoping",
)  # fmt: skip
WEB = ("nal_ris", "nal_pacs", "network", "melior", "picsara")


@dataclass(slots=True)
class WebNode:
    """A web system: up, read-only, or shut."""

    name: str
    clock: Clock
    read_only: bool = False
    port: int = 0
    _server: WebServer | None = field(default=None)

    async def open(self) -> None:
        async def page(_: Request) -> Response:
            mode = "läsläge" if self.read_only else "redo"
            return PlainTextResponse(f"{self.name}: {mode}")

        self._server = WebServer(Starlette(routes=[Route("/", page)]), self.clock)
        self.port = await self._server.start(self.port or free_port())

    async def shut(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await server.close()


class Nodes:
    """All of them; `shut` and `open` by name."""

    def __init__(self, clock: Clock) -> None:
        self.dicom: dict[str, DicomServer] = {name: dicom.node(name) for name in DICOM}
        self.web = {name: WebNode(name, clock) for name in WEB}

    async def start(self) -> None:
        """Open every one on a free port."""
        for server in self.dicom.values():
            server.open()
        for web in self.web.values():
            await web.open()

    def ports(self) -> dict[str, int]:
        """Name to port."""
        return {name: node.port for name, node in {**self.dicom, **self.web}.items()}

    async def shut(self, name: str) -> None:
        """Take one down; its port refuses."""
        await (self.dicom[name] if name in self.dicom else self.web[name]).shut()

    async def open(self, name: str) -> None:
        """Bring one back on its port."""
        if name in self.dicom:
            self.dicom[name].open()
        else:
            await self.web[name].open()

    async def close(self) -> None:
        """Take all of them down."""
        nodes = (*self.dicom.values(), *self.web.values())
        await asyncio.gather(*(node.shut() for node in nodes), return_exceptions=True)
