"""Does our own database answer? The control probe of paths that have no address to try."""

from sqlalchemy import text

from watchdog.clock import Clock
from watchdog.errors import StorageError
from watchdog.storage.engine import Database
from watchdog.within import within

CONTROL_S = 2.0


class DatabaseControl:
    """Asked by every path at its own time; one that has just been answered need not be asked again."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._answered = float("-inf")

    async def answers(self, share_s: float, newest_sent: float) -> bool:
        """True if it answers, or did so at most `share_s` ago and after the path's newest order.

        A control that passed before an order left shows nothing of the time since (hazards, R4).
        """
        began = self._clock.monotonic()
        if began - self._answered <= share_s and newest_sent <= self._answered:
            return True
        try:
            await within(CONTROL_S, self._ask())
        except StorageError:
            self._answered = float("-inf")
            return False
        self._answered = max(self._answered, began)
        return True

    async def _ask(self) -> None:
        async with self._database.read() as db:
            await db.execute(text("SELECT 1"))
