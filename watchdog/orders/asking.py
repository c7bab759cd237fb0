"""Which orders a reader is asked about in one look: the newest, then those longest not asked about.

A reader that asks for each order by itself would otherwise be overrun by an outage's missing orders
and see nothing at all, not even that the path is well again.
"""

from collections.abc import Sequence

from watchdog.model.order import Order

NEWEST_SHARE = 3
"""One in three of a look's places is for the newest orders: they show that a path is well again."""


class Asking:
    """Chooses for one reader of one path; each order comes up, however many there are."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._turn = 0
        self._asked: dict[str, int] = {}

    def choose(self, orders: Sequence[Order]) -> list[Order]:
        """At most `most` of `orders`, which are given oldest first."""
        self._turn += 1
        if len(orders) <= self._most:
            chosen = list(orders)
        else:
            cut = len(orders) - self._most // NEWEST_SHARE
            rest = sorted(orders[:cut], key=lambda order: self._asked.get(order.placer, 0))
            chosen = [*orders[cut:], *rest[: self._most - (len(orders) - cut)]]
        here = {order.placer for order in orders}
        self._asked = {placer: turn for placer, turn in self._asked.items() if placer in here}
        self._asked.update((order.placer, self._turn) for order in chosen)
        return chosen
