"""Somebody outside who waits for heartbeats, and rings when none has come for too long."""

import asyncio
import contextlib

from watchdog.clock import Clock

PERIOD_S, GRACE_S = 30.0, 80.0
"""As docs/notices.md recommends: it rings 110 s after the last heartbeat."""
LOOKS_EVERY_S = 1.0
GOT = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class DeadMan:
    """A receiver with a period and a grace, as services for this have them. Silent until the first beat."""

    def __init__(self, clock: Clock, silence_s: float = PERIOD_S + GRACE_S) -> None:
        self._clock, self._silence_s = clock, silence_s
        self.beats: list[float] = []
        """When each came, monotonic."""
        self.rang: list[float] = []
        """When it rang; once for each silence."""
        self.port = 0

    async def __aenter__(self) -> "DeadMan":
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self._looking = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._looking.cancel()
        await asyncio.wait({self._looking})
        self._server.close()

    def configured(self, text: str, _port: int) -> str:
        """The configuration, with this receiver in it."""
        url = f"http://127.0.0.1:{self.port}/ping/remissvakt"
        beat = f'  heartbeat: {{url: "{url}", every_s: {PERIOD_S:g}}}\n'
        allow = f"    - {{network: 127.0.0.0/8, ports: [{self.port}]}}\n"
        return text.replace("notify:\n", f"notify:\n{beat}", 1).replace(
            "  allow:\n", f"  allow:\n{allow}", 1
        )

    def longest_silence_s(self) -> float:
        """Between two heartbeats."""
        pairs = zip(self.beats, self.beats[1:], strict=False)
        return max((after - before for before, after in pairs), default=0.0)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError, TimeoutError, ValueError):
            async with asyncio.timeout(5):
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                sizes = [x for x in head.split(b"\r\n") if x.startswith(b"content-length:")]
                await reader.readexactly(int(sizes[0].split(b":")[1]) if sizes else 0)
                writer.write(GOT)
                await writer.drain()
                self.beats.append(self._clock.monotonic())
        writer.close()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOKS_EVERY_S)
            now, last = self._clock.monotonic(), self.beats[-1:]
            rung = bool(last and self.rang and self.rang[-1] > last[0])
            if last and not rung and now - last[0] > self._silence_s:
                self.rang.append(now)
