"""uvicorn inside a running event loop; signals stay with whoever started us."""

import asyncio
from typing import Any

import uvicorn

from watchdog.clock import Clock
from watchdog.httplimits import Limits, limited


class WebServer:
    """Serves one ASGI application."""

    def __init__(
        self, app: Any, clock: Clock, *, host: str = "127.0.0.1", limits: Limits | None = None
    ) -> None:
        self._clock = clock
        self.limits = limits or Limits()
        self._config = uvicorn.Config(
            app,
            host=host,
            port=0,
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,  # who asks is who connects; a header could claim anything
            timeout_keep_alive=30,
            http=limited(self.limits),
        )
        self._server = uvicorn.Server(self._config)
        self._task: asyncio.Task[None] | None = None
        self.port = 0

    async def start(self, port: int = 0) -> int:
        self._config.port = port
        self._task = asyncio.create_task(self._server._serve())  # pyright: ignore[reportPrivateUsage]
        while not self._server.started:
            if self._task.done():
                raise OSError(f"port {port} cannot be opened: another program may listen on it")
            await self._clock.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        return self.port

    async def close(self) -> None:
        if self._task is not None:
            self._server.should_exit = True
            self._server.force_exit = True
            await self._task
            self._task = None
