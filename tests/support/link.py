"""A link between a client and a server that a test may hold up or cut: our own chaos proxy."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable
from enum import Enum


class Mode(Enum):
    """What the link does with what it carries."""

    PASS = "pass"
    HOLD = "hold"
    """Connections stay open and nothing passes: a silent partition."""
    CUT = "cut"
    """Connections are broken, and new ones refused by closing them at once."""
    LOSSY = "lossy"
    """Of a request and its answer each pair meets a `Fate`."""


class Fate(Enum):
    """What becomes of a request and its answer on a lossy link."""

    CARRIED = "carried"
    BROKEN = "broken"
    """The connection breaks before the request has passed."""
    HELD = "held"
    """The request is gone, and the connection stays open until the client gives up."""
    UNANSWERED = "unanswered"
    """The request has passed, and the connection breaks before the answer does."""


LOST = (Fate.BROKEN, Fate.HELD, Fate.UNANSWERED)


class Talk:
    """One connection's request that is under way."""

    def __init__(self) -> None:
        self.under_way = False
        self.fate = Fate.CARRIED


class Link:
    """Listens on loopback and carries to `target`: (host, port), or the path of a Unix socket."""

    def __init__(
        self, target: tuple[str, int] | str, chance: random.Random | None = None, lost: float = 0.3
    ) -> None:
        self._target = target
        self._chance, self._lost = chance or random.Random(1), lost
        self.delay_s = 0.0
        """How long each piece is under way, one after the other."""
        self.fates: Counter[Fate] = Counter()
        """Of the pairs that it carried, or lost, while it was lossy."""
        self._mode = Mode.PASS
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._carrying: set[asyncio.Task[None]] = set()
        self.port = 0

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    def aim(self, target: tuple[str, int]) -> None:
        """Where new connections are carried to."""
        self._target = target

    def be(self, mode: Mode) -> None:
        """Change what it does, for open connections too."""
        self._mode = mode
        self._changed.set()
        self._changed = asyncio.Event()
        if mode is Mode.CUT:
            for task in self._carrying:
                task.cancel()

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._carrying):
            task.cancel()
        if self._carrying:
            await asyncio.wait(self._carrying)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await self._serve(reader, writer)
        writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._mode is Mode.CUT:
            return
        await self._until(lambda: self._mode is not Mode.HOLD)
        if isinstance(self._target, str):
            far_reader, far_writer = await asyncio.open_unix_connection(self._target)
        else:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        talk = Talk()
        ways = {
            asyncio.create_task(self._carry(reader, far_writer, lambda: self._may_ask(talk))),
            asyncio.create_task(self._carry(far_reader, writer, lambda: _may_answer(talk))),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            far_writer.transport.abort()
            for way in ways:
                way.cancel()
            await asyncio.wait(ways)

    def _may_ask(self, talk: Talk) -> Fate:
        """Called with what a client sent: the fate of the request that it is a part of."""
        if not talk.under_way:
            talk.under_way, talk.fate = True, Fate.CARRIED
            if self._mode is Mode.LOSSY:
                if self._chance.random() < self._lost:
                    talk.fate = self._chance.choice(LOST)
                self.fates[talk.fate] += 1
        # an unanswered request passes: its answer does not
        return Fate.CARRIED if talk.fate is Fate.UNANSWERED else talk.fate

    async def _carry(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        fate_of: Callable[[], Fate],
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                await self._until(lambda: self._mode is not Mode.HOLD)
                await self._delayed()
                match fate_of():
                    case Fate.CARRIED:
                        sink.write(data)
                        await sink.drain()
                    case Fate.HELD:
                        continue
                    case _:
                        return

    async def _delayed(self) -> None:
        """Until a piece that set out now is there; a link that is made quick again is so at once."""
        if self.delay_s:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.delay_s):
                    await self._changed.wait()

    def slow(self, delay_s: float) -> None:
        """Change how long each piece is under way, for those that are, too."""
        self.delay_s = delay_s
        self._changed.set()
        self._changed = asyncio.Event()

    async def _until(self, met: Callable[[], bool]) -> None:
        while not met():
            await self._changed.wait()


def _may_answer(talk: Talk) -> Fate:
    """Called with what a server sent."""
    talk.under_way = False
    return talk.fate
