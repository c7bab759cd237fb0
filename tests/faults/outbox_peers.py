"""What the killed service talks to, in a process that is not killed: receivers of notices, and an engine.

The receiver verifies each webhook, writes it to its log, and only then answers 200. Its log is one
side of the verdict; the database, which nobody here has written, is the other.
"""

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from watchdog.clock import SystemClock
from watchdog.hl7 import ack
from watchdog.hl7.framing import Frame, FrameDecoder, frame
from watchdog.hl7.splitter import split

LOCALHOST = "127.0.0.1"
MOST_ORDER = 64 * 1024
ESCALATED = "tib_sas"


class AppendLog:
    """A file of JSON lines; a line that was written outlives every process."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, line: Mapping[str, object]) -> None:
        os.write(self._file, json.dumps(line, ensure_ascii=False).encode() + b"\n")

    def close(self) -> None:
        os.close(self._file)


def lines(path: Path) -> list[dict[str, Any]]:
    """Every line of an AppendLog; none if nobody has written one."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


class Peers:
    """Everybody's webhook receiver, and an engine that accepts every order."""

    def __init__(self, secrets: dict[str, str]) -> None:
        self._verifiers = {name: Webhook(secret) for name, secret in secrets.items()}
        self._log: AppendLog | None = None
        self._servers: list[asyncio.Server] = []
        self.hooks_port = 0
        self.orders_port = 0
        self.refuses_since: datetime | None = None
        """The duty officer's receiver answers 503 to new advice in outages declared from then on."""
        self.life = 0
        """Which life is talking, as the log notes it."""
        self.hangs_up = False
        """It closes after each answer, so that each webhook needs a connection of its own."""

    async def __aenter__(self) -> "Peers":
        for answer in (self._hooks, self._orders):
            self._servers.append(await asyncio.start_server(answer, LOCALHOST, 0))
        ports = [server.sockets[0].getsockname()[1] for server in self._servers]
        self.hooks_port, self.orders_port = ports
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
        if self._log is not None:
            self._log.close()

    def log_to(self, path: Path) -> None:
        """From now on write there."""
        if self._log is not None:
            self._log.close()
        self._log = AppendLog(path)

    async def _hooks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # whoever calls is killed at any moment: a broken connection is no news
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                first = await reader.readexactly(1)
                at = time.monotonic()
                head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                request, *rest = head.split("\r\n")
                pairs = (line.split(":", 1) for line in rest if ":" in line)
                headers = {name.strip().lower(): value.strip() for name, value in pairs}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                status = self._take(request.split(" ")[1], headers, body, at)
                ends = "connection: close\r\n" if self.hangs_up else ""
                writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n{ends}\r\n".encode())
                await writer.drain()
                if self.hangs_up:
                    break
        writer.close()

    def _take(self, path: str, headers: dict[str, str], body: bytes, at: float) -> str:
        endpoint = path.rsplit("/", 1)[-1]
        try:
            told: Any = self._verifiers[endpoint].verify(body, headers)
        except (WebhookVerificationError, KeyError):
            return "401 Unauthorized"
        if self._refused(endpoint, told):
            return "503 Service Unavailable"
        assert self._log is not None, "nobody said where to write"
        unanswered = told["data"].get("unanswered") or {}
        self._log.write(
            {
                "at": at,
                "life": self.life,
                "endpoint": endpoint,
                "id": headers["webhook-id"],
                "kind": told["type"].split(".")[-2],
                "incident": told["data"]["incident"],
                "epoch": told["epoch"],
                "revision": told["revision"],
                "rung": f"{unanswered['endpoint']}/{unanswered['after_s']}" if unanswered else "",
            }
        )
        return "200 OK"

    def _refused(self, endpoint: str, told: dict[str, Any]) -> bool:
        if self.refuses_since is None or endpoint != ESCALATED:
            return False
        declared = datetime.fromisoformat(told["data"]["declared_at"])
        return ".advice_changed." in told["type"] and declared >= self.refuses_since

    async def _orders(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder, clock = FrameDecoder(MOST_ORDER), SystemClock()
        with contextlib.suppress(OSError):
            while data := await reader.read(MOST_ORDER):
                for item in decoder.feed(data):
                    message = split(item.payload) if isinstance(item, Frame) else None
                    if message is not None:
                        answer = ack.write(
                            message, "AA", f"A{time.monotonic_ns()}"[:20], clock.now()
                        )
                        writer.write(frame(answer))
                await writer.drain()
        writer.close()
