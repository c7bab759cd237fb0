"""However many orders are missing, a look stays small, sees the newest, and leaves none out."""

from datetime import UTC, datetime

from watchdog.model.order import Order, OrderState
from watchdog.orders.asking import Asking

ORDERS = [
    Order(
        placer=f"WD{n:04}",
        control_id=f"C{n}",
        path="p",
        state=OrderState.ACKNOWLEDGED,
        planned_at=datetime(2026, 11, 21, tzinfo=UTC),
    )
    for n in range(100)
]


def test_few_orders_are_all_asked_about() -> None:
    assert Asking(24).choose(ORDERS[:24]) == ORDERS[:24]


def test_of_many_the_newest_are_asked_about_in_each_look() -> None:
    asking = Asking(24)
    for _ in range(5):
        chosen = asking.choose(ORDERS)
        assert len({order.placer for order in chosen}) == 24
        assert set(ORDERS[-8:]) <= set(chosen)


def test_each_of_many_comes_up_while_more_are_added() -> None:
    asking, seen = Asking(24), set[str]()
    for turn in range(8):  # 92 older ones, 16 at a time; two new ones each turn
        seen |= {order.placer for order in asking.choose(ORDERS[: 80 + 2 * turn])}
    assert {order.placer for order in ORDERS[:80]} <= seen
