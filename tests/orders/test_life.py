"""The life of an order: only what the table allows, cancel only after proof."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watchdog.errors import UnsafeOrder
from watchdog.model.order import Arrival, Level, Order, OrderState
from watchdog.orders import life

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
S = OrderState
ORDER = Order(placer="WD1", control_id="C1", path="p", state=S.ACKNOWLEDGED, planned_at=NOW)
SEEN = Arrival(placer="WD1", level=Level.E6, reader="sql")
RETRIES = (60.0, 300.0, 1800.0)


def test_the_first_proof_moves_an_order_and_the_second_is_recorded() -> None:
    first = life.arrived(ORDER, SEEN, NOW)
    heard = Arrival(placer="WD1", level=Level.E5, reader="listener", filler="F1")
    both = life.arrived(first, heard, NOW + timedelta(seconds=1))
    assert first.state is both.state is S.ARRIVED
    assert both.levels == (Level.E5, Level.E6)
    assert both.filler == "F1"
    assert both.arrived_at == NOW


@pytest.mark.parametrize("state", [S.SENDING, S.SENT, S.ACKNOWLEDGED, S.LOST, S.DEBT, S.REFUSED])
def test_an_order_that_turns_up_in_the_ris_is_to_be_cancelled_whatever_was_believed(
    state: OrderState,
) -> None:
    assert life.may_cancel(life.arrived(replace(ORDER, state=state), SEEN, NOW))


@pytest.mark.parametrize("state", [s for s in S if s not in (S.ARRIVED, S.CANCEL_SENT)])
def test_nothing_is_cancelled_before_its_arrival_is_proven(state: OrderState) -> None:
    with pytest.raises(UnsafeOrder, match="without proof"):
        life.cancelling(replace(ORDER, state=state), "C2", NOW, RETRIES)


def test_an_order_that_overtakes_its_ack_has_been_sent_all_the_same() -> None:
    sending = replace(ORDER, state=S.SENDING)
    assert life.arrived(sending, SEEN, NOW + timedelta(seconds=1)).sent_at == NOW
    known = replace(ORDER, sent_at=NOW + timedelta(seconds=2))
    assert life.arrived(known, SEEN, NOW + timedelta(seconds=9)).sent_at == known.sent_at


def test_a_cancelled_order_stays_cancelled() -> None:
    gone = replace(ORDER, state=S.CANCELLED)
    assert life.arrived(gone, SEEN, NOW).state is S.CANCELLED
    with pytest.raises(UnsafeOrder):
        life.move(gone, S.SENDING)


def test_cancels_are_retried_after_one_five_and_thirty_minutes_and_then_owed() -> None:
    order, now, waits = life.arrived(ORDER, SEEN, NOW), NOW, []
    for _ in range(4):
        order = life.cancelling(order, "C2", now, RETRIES)
        assert order.next_cancel_at is not None
        waits.append((order.next_cancel_at - now).total_seconds())
        now = order.next_cancel_at
    assert waits == [60, 300, 1800, 1800]
    assert life.cancel_exhausted(order, RETRIES, now)


@pytest.mark.parametrize(("back_s", "due"), [(0, False), (30, False), (3600, True), (7200, True)])
def test_a_cancel_does_not_wait_for_hours_because_the_clock_was_set_back(
    back_s: int, due: bool
) -> None:
    order = life.cancelling(life.arrived(ORDER, SEEN, NOW), "C2", NOW, RETRIES)
    now = NOW + timedelta(seconds=1 - back_s)
    assert life.cancel_is_due(order, RETRIES, now) is due


def test_a_cancel_is_due_when_its_wait_is_over() -> None:
    order = life.cancelling(life.arrived(ORDER, SEEN, NOW), "C2", NOW, RETRIES)
    assert not life.cancel_is_due(order, RETRIES, NOW + timedelta(seconds=59))
    assert life.cancel_is_due(order, RETRIES, NOW + timedelta(seconds=60))


def test_after_a_restart_a_planned_order_never_left_and_a_sending_one_possibly_did() -> None:
    assert life.after_restart(replace(ORDER, state=S.PLANNED)).state is S.REFUSED
    assert life.after_restart(replace(ORDER, state=S.SENDING)).state is S.SENDING


def test_no_state_leads_back_to_sending() -> None:
    assert all(
        S.SENDING not in after for state, after in life.NEXT.items() if state is not S.PLANNED
    )


@pytest.mark.parametrize("filler", ["", "F" * 61, "F1\x00", "F\n1"])
def test_what_can_be_no_filler_number_is_not_kept_and_proves_arrival_all_the_same(
    filler: str,
) -> None:
    shown = Arrival(placer="WD1", level=Level.E5, reader="listener", filler=filler)
    found = life.arrived(ORDER, shown, NOW)
    assert found.state is OrderState.ARRIVED
    assert found.filler == ""
    longest = life.arrived(ORDER, replace(shown, filler="F" * 60), NOW)
    assert longest.filler == "F" * 60
