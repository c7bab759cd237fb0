"""Whether our database answers is asked once for many paths, and never taken from before an order."""

import pytest

from watchdog.clock import SystemClock
from watchdog.errors import StorageError
from watchdog.runner.database_control import DatabaseControl
from watchdog.storage.engine import Database

LONG_S = 60.0


class Counted(DatabaseControl):
    """Asks the real database, counts, and may find it gone."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, SystemClock())
        self.asked, self.gone = 0, False

    async def _ask(self) -> None:
        self.asked += 1
        if self.gone:
            raise StorageError("gone")
        await super()._ask()


async def test_an_answer_is_good_for_others_until_one_of_their_orders_has_left(
    database: Database,
) -> None:
    control, before = Counted(database), SystemClock().monotonic()
    assert await control.answers(LONG_S, before)
    assert await control.answers(LONG_S, before)
    assert control.asked == 1
    assert await control.answers(LONG_S, SystemClock().monotonic())
    assert control.asked == 2, "what passed before an order left shows nothing of the time since"
    assert await control.answers(0.0, before)
    assert control.asked == 3, "too old"


@pytest.mark.parametrize("share_s", [0.0, LONG_S])
async def test_a_database_that_does_not_answer_is_asked_anew_by_everybody(
    database: Database, share_s: float
) -> None:
    control, before = Counted(database), SystemClock().monotonic()
    assert await control.answers(LONG_S, before)
    control.gone = True
    assert not await control.answers(0.0, before)
    assert not await control.answers(share_s, before)
    control.gone = False
    assert await control.answers(share_s, before)
    assert control.asked == 4
