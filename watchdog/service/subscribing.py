"""Somebody wants to be told, or not any more: stored, and told from the next event on."""

import secrets

from watchdog.clock import Clock
from watchdog.errors import NotFound
from watchdog.model.ids import uuid7
from watchdog.model.subscription import read
from watchdog.notify.others import trial_notice
from watchdog.service.board import Board
from watchdog.service.recorder import Outgoing
from watchdog.storage import subscriptions
from watchdog.storage.engine import Database
from watchdog.storage.outbox import Outbox


class Subscribing:
    """Keeps the board's list of who has subscribed as the database has it."""

    def __init__(
        self, board: Board, database: Database, outbox: Outbox, outgoing: Outgoing, clock: Clock
    ) -> None:
        self._board, self._database, self._clock = board, database, clock
        self._outbox, self._outgoing = outbox, outgoing

    async def refresh(self) -> None:
        """Read them again. StorageError if the database does not answer."""
        self._board.subscribed = await subscriptions.current(self._database)

    async def subscribe(self, body: str, by: str) -> str:
        """Store it; `body` is a receiver that was checked, as `model.subscription` writes it."""
        endpoint = read(body)
        await subscriptions.add(self._database, endpoint, by, self._clock.now())
        await self.refresh()
        return f"{endpoint.id} is told from the next event on."

    async def unsubscribe(self, ident: str) -> str:
        """End it; what waits for it is not sent. NotFound if nobody of that id has subscribed."""
        if not await subscriptions.end(self._database, ident, self._clock.now()):
            raise NotFound("Nobody of that id has subscribed; configured endpoints stay.")
        await self.refresh()
        return f"{ident} is told no more."

    async def trial(self, ident: str, by: str) -> str:
        """A test notice to anybody who is told. NotFound if there is no such endpoint."""
        found = next((each for each in self._board.endpoints if each.id == ident), None)
        if found is None:
            raise NotFound("No endpoint is called that.")
        now = self._clock.now()
        notice = trial_notice(
            found,
            ident=str(uuid7(now, secrets.token_bytes(10))),
            now=now,
            instance=self._board.config.instance,
            sites=self._board.config.sites,
            by=by,
            order=self._outgoing.places(1),
        )
        await self._outbox.add([notice])
        self._outgoing.on_notices()
        return notice.id
