"""What may happen to a synthetic order, and in what order. The table is the specification."""

from dataclasses import replace
from datetime import datetime, timedelta

from watchdog.errors import UnsafeOrder
from watchdog.model.order import MOST_FILLER, Arrival, Level, Order, OrderState

S = OrderState
NEXT: dict[OrderState, frozenset[OrderState]] = {
    S.PLANNED: frozenset({S.SENDING, S.REFUSED}),
    S.SENDING: frozenset({S.SENT, S.ACKNOWLEDGED, S.ARRIVED, S.REFUSED, S.LOST, S.DEBT}),
    S.SENT: frozenset({S.ACKNOWLEDGED, S.ARRIVED, S.REFUSED, S.LOST, S.DEBT}),
    S.ACKNOWLEDGED: frozenset({S.ARRIVED, S.LOST, S.DEBT, S.REFUSED}),
    S.LOST: frozenset({S.ARRIVED, S.DEBT}),
    S.ARRIVED: frozenset({S.CANCEL_SENT, S.CANCELLED, S.DEBT}),
    S.CANCEL_SENT: frozenset({S.CANCEL_SENT, S.CANCELLED, S.DEBT}),
    S.DEBT: frozenset({S.ARRIVED, S.CANCELLED, S.DEBT}),
    S.CANCELLED: frozenset(),
    S.REFUSED: frozenset({S.ARRIVED}),
}


def is_terminal(order: Order) -> bool:
    """True if the order may rest: cleaned up, never taken, or on the list handed to people."""
    return order.state in (S.CANCELLED, S.REFUSED, S.DEBT) or (
        order.state is S.LOST and order.ended_at is not None
    )


def is_sought(order: Order) -> bool:
    """True if it counts as ended and is looked for all the same: it may stand in the RIS."""
    return order.state is S.LOST or (order.state is S.REFUSED and order.sent_at is not None)


def is_debt(order: Order) -> bool:
    """True if people must look after it: not cancelled for certain, or swallowed without a trace."""
    return order.state is S.DEBT or (order.state is S.LOST and order.ended_at is not None)


def move(order: Order, to: OrderState, **changes: object) -> Order:
    """The order in its next state. UnsafeOrder when the life does not allow that step."""
    if to not in NEXT[order.state]:
        raise UnsafeOrder(
            f"Order {order.placer} is {order.state} and cannot become {to}: "
            f"only {', '.join(sorted(NEXT[order.state])) or 'nothing'} may follow."
        )
    return replace(order, state=to, **changes)  # pyright: ignore[reportArgumentType]


def arrived(order: Order, arrival: Arrival, now: datetime, *, damaged: bool = False) -> Order:
    """The order with this proof of arrival added; its first proof moves it to `arrived`.

    A late arrival of a lost, refused or given-up order counts: it is in the RIS and must be
    cancelled. An order that is already being cancelled only gains the second rung.
    """
    fields: dict[str, object] = {}
    if arrival.level is Level.E5 and order.e5_at is None:
        fields["e5_at"] = now
    if arrival.level is Level.E6 and order.e6_at is None:
        fields["e6_at"] = now
    if not order.filler and _is_number(arrival.filler):
        fields["filler"] = arrival.filler
    if damaged:
        fields["text_damaged"] = True
    if order.sent_at is None:  # it overtook its own ACK; its row was committed just before it left
        fields["sent_at"] = order.planned_at
    if order.state in (S.ARRIVED, S.CANCEL_SENT, S.CANCELLED):
        return replace(order, **fields) if fields else order  # pyright: ignore[reportArgumentType]
    return move(order, S.ARRIVED, next_cancel_at=now, **fields)


def _is_number(filler: str) -> bool:
    """True for what may be a filler number; another is not kept, and the cancel goes without."""
    return 0 < len(filler) <= MOST_FILLER and filler.isprintable()


def may_cancel(order: Order) -> bool:
    """Only after proof of arrival: a cancel that overtakes its order is lost (trap 8)."""
    return order.arrived_at is not None and order.state in (S.ARRIVED, S.CANCEL_SENT)


def cancel_is_due(order: Order, retries_s: tuple[float, ...], now: datetime) -> bool:
    """True when its next cancel may go.

    No cancel is planned further ahead than its wait: what lies more than twice as far ahead was
    planned on a wall clock that has been set back since, and goes now.
    """
    at = order.next_cancel_at
    if at is None or at <= now:
        return True
    wait = retries_s[min(max(order.cancel_attempts, 1), len(retries_s)) - 1]
    return at > now + timedelta(seconds=2 * wait)


def cancelling(order: Order, control_id: str, now: datetime, retries_s: tuple[float, ...]) -> Order:
    """The order as it is stored before its cancel goes out; the next try is planned already."""
    if not may_cancel(order):
        raise UnsafeOrder(
            f"Order {order.placer} is {order.state} without proof of arrival: it is not cancelled."
        )
    attempts = order.cancel_attempts + 1
    wait = retries_s[min(attempts, len(retries_s)) - 1]
    return move(
        order,
        S.CANCEL_SENT,
        cancel_control_id=control_id,
        cancel_sent_at=now,
        cancel_attempts=attempts,
        next_cancel_at=now + timedelta(seconds=wait),
    )


def cancel_exhausted(order: Order, retries_s: tuple[float, ...], now: datetime) -> bool:
    """True when the last retry has had its time and the RIS still has not confirmed."""
    return (
        order.state is S.CANCEL_SENT
        and order.cancel_attempts > len(retries_s)
        and order.next_cancel_at is not None
        and now >= order.next_cancel_at
    )


def after_restart(order: Order) -> Order:
    """What a new process may believe of a row left by an old one.

    `planned` never left. `sending` possibly did: it is watched and cancelled on arrival, and
    never sent again.
    """
    if order.state is S.PLANNED:
        return move(order, S.REFUSED, detail="never sent: the service stopped before it left")
    return order
