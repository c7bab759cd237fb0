"""Orders and states of paths share commits: each whole, in order, and none held up by another's fault."""

import asyncio
from datetime import UTC, datetime

import pytest

from tests.support.states import a_path_state
from watchdog.errors import StorageError
from watchdog.model.order import Order, OrderState
from watchdog.storage.engine import GROUP_S, Database
from watchdog.storage.orders import OrderBook
from watchdog.storage.states import States, renew

NOW = datetime(2026, 11, 21, 3, 0, 0, 123456, tzinfo=UTC)


def order(placer: str, state: OrderState = OrderState.SENDING, **more: object) -> Order:
    return Order(
        placer=placer, control_id=f"C{placer}", path="p", state=state, planned_at=NOW, **more
    )


async def test_many_savers_share_commits_and_the_newest_form_stays(database: Database) -> None:
    book = OrderBook(database)
    await asyncio.gather(*(book.save(order(f"WD{n}")) for n in range(50)))
    await book.save(order("WD7", OrderState.CANCELLED))
    assert await book.counts() == {"sending": 49, "cancelled": 1}
    assert len(await book.open("p")) == 49


async def test_of_several_forms_of_an_order_in_one_commit_the_last_one_stays(
    database: Database,
) -> None:
    book = OrderBook(database)
    forms = [order("WD1"), order("WD1", OrderState.SENT), order("WD1", OrderState.ACKNOWLEDGED)]
    await asyncio.gather(*(book.save(form) for form in forms))
    assert await book.get("WD1") == forms[-1]


@pytest.mark.parametrize("behind", [0, 1], ids=["it waits for the lock", "it waits for those"])
async def test_a_state_that_was_given_up_is_never_stored(database: Database, behind: int) -> None:
    states = States(database)
    async with database.transaction():  # as a disk that stands still
        before = [
            asyncio.create_task(renew(database, a_path_state("p", NOW), 5.0)) for _ in range(behind)
        ]
        await asyncio.sleep(3 * GROUP_S)
        with pytest.raises(StorageError, match=r"did not answer in 0\.1 s"):
            await renew(database, a_path_state("q", NOW), 0.1)
    await asyncio.gather(*before)
    await asyncio.sleep(5 * GROUP_S)
    await renew(database, a_path_state("p", NOW, "newest"), 5.0)
    assert {path: state.phase for path, state in (await states.all()).items()} == {"p": "newest"}


async def test_what_cannot_be_stored_holds_up_nobody_else(database: Database) -> None:
    book = OrderBook(database)
    results = await asyncio.gather(
        book.save(order("WD1")),
        book.save(order("WD2", detail="\ud800")),  # half a letter
        renew(database, a_path_state("p", NOW, "well"), 5.0),
        book.save(order("WD3")),
        return_exceptions=True,
    )
    assert [result is None for result in results] == [True, False, True, True]
    assert {found.placer for found in await book.open()} == {"WD1", "WD3"}
    assert (await States(database).all())["p"].phase == "well"


async def test_a_text_that_is_too_long_for_its_column_holds_up_nobody_else(
    database: Database,
) -> None:
    book = OrderBook(database)
    too_long = order("WD2", filler="F" * 200)
    results = await asyncio.gather(
        book.save(order("WD1")), book.save(too_long), return_exceptions=True
    )
    assert results[0] is None
    assert (results[1] is None) == database.is_sqlite  # which has no lengths
