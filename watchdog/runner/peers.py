"""Asking the other watchdogs: their own word on each path, for as long as it may be believed (R8, R9)."""

import asyncio
from typing import Annotated

import httpx
import structlog
from pydantic import BaseModel, Field, ValidationError

from watchdog.model.outage import State
from watchdog.model.peer import Peer, PeerWord
from watchdog.runtime import Runtime

log = structlog.get_logger()
ASK_S, MOST_BYTES = 2.0, 1024 * 1024
ASKS_PER_VALIDITY = 9
NOT_OVER = (State.OUTAGE.value, State.RECOVERING.value)


class NoAnswer(Exception):
    """It did not say anything that may be believed."""


class Told(BaseModel):
    """What it says of one path; a word that we do not know is no outage."""

    id: str
    own_state: str
    own_valid_for_s: Annotated[float, Field(allow_inf_nan=False)]


class Answer(BaseModel):
    """What we read of its `/v1/status`."""

    instance: str
    epoch: int
    revision: int
    paths: list[Told]


class Peering:
    """Asks each peer now and then; what it said is on the board."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime, self._clock = runtime, runtime.clock
        self._clients = {
            peer.id: httpx.AsyncClient(
                timeout=ASK_S,
                trust_env=False,
                follow_redirects=False,
                verify=str(peer.ca_file) if peer.ca_file else True,
            )
            for peer in runtime.config.peers
        }
        self._seen: dict[str, tuple[int, int]] = {}
        self._silent: set[str] = set()

    async def run(self) -> None:
        """Until cancelled; ends at once where there are none."""
        try:
            while self._clients:
                await self.turn()
        finally:
            await asyncio.gather(*(client.aclose() for client in self._clients.values()))

    async def turn(self) -> None:
        """Ask everyone once, at the same time."""
        config = self._runtime.config
        await asyncio.gather(*(self._hear(peer) for peer in config.peers))
        validities = [path.cadence.valid_for_s for path in config.paths.values()]
        await self._clock.sleep(min(validities, default=45.0) / ASKS_PER_VALIDITY)

    async def _hear(self, peer: Peer) -> None:
        asked = self._clock.monotonic()
        try:
            async with asyncio.timeout(ASK_S):
                answer = await self._ask(peer)
            self._take(peer, answer, asked)
        except (NoAnswer, httpx.HTTPError, TimeoutError, ValidationError) as error:
            if peer.id not in self._silent:  # once, not at every turn
                why = str(error) if isinstance(error, NoAnswer) else type(error).__name__
                log.warning("peer_silent", peer=peer.id, why=why)
            self._silent.add(peer.id)
            return
        self._silent.discard(peer.id)

    async def _ask(self, peer: Peer) -> Answer:
        async with self._clients[peer.id].stream("GET", f"{peer.url}/v1/status") as answer:
            if not answer.is_success:
                raise NoAnswer(f"HTTP {answer.status_code}")
            data = b""
            async for chunk in answer.aiter_bytes():
                data += chunk
                if len(data) > MOST_BYTES:
                    raise NoAnswer("its answer does not end")
        found = Answer.model_validate_json(data)
        if found.instance != peer.id:
            raise NoAnswer("another answers in its place")
        return found

    def _take(self, peer: Peer, answer: Answer, asked: float) -> None:
        number = (answer.epoch, answer.revision)
        if number < self._seen.get(peer.id, (0, 0)):
            raise NoAnswer("an answer older than the one before")
        self._seen[peer.id] = number
        board, ours = self._runtime.board, self._runtime.config.paths
        for told in answer.paths:
            if told.id not in ours or told.own_valid_for_s <= 0:
                continue  # it does not see either
            # never believed for longer than we would be
            until = asked + min(told.own_valid_for_s, ours[told.id].cadence.valid_for_s)
            board.peers_until[peer.id] = max(board.peers_until.get(peer.id, until), until)
            words = board.words.setdefault(told.id, {})
            before = words.pop(peer.id, None)
            if told.own_state in NOT_OVER:
                out = told.own_state == State.OUTAGE.value
                goes_on = before and before.outage is out and asked < before.until_mono
                since = before.since_mono if before and goes_on else asked
                words[peer.id] = PeerWord(
                    peer=peer.id, outage=out, since_mono=since, until_mono=until
                )
