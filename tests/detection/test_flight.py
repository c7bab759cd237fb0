"""Which orders are under way, which of them count, and when they are finished."""

import math

from watchdog.detection.flight import MOST_SENDERS, REMEMBERED, Flight

EVERY_S = 2.0


def test_an_order_is_told_once_and_found_by_its_id() -> None:
    flight = Flight(EVERY_S)
    order = flight.sent("p1", 10.0, real=False)
    assert order is not None
    assert (order.id, order.sent, order.real, order.acked, order.open) == (
        "p1",
        10.0,
        False,
        False,
        True,
    )
    assert flight.sent("p1", 11.0, real=False) is None
    assert flight.find("p1") is order
    assert flight.find("p2") is None
    assert list(flight.open) == [order]


def test_of_a_batch_of_real_orders_the_first_counts_and_all_are_remembered() -> None:
    flight = Flight(EVERY_S)
    first = flight.sent("r1", 10.0, real=True, sender="s1")
    assert first is not None
    assert (first.real, first.sender, first.acked) == (True, "s1", True)
    assert flight.sent("r2", 11.9, real=True) is None
    assert flight.sent("r3", 12.0, real=True) is not None
    uncounted = flight.find("r2")
    assert uncounted is not None
    assert not uncounted.open
    assert [order.id for order in flight.open] == ["r1", "r3"]


def test_another_senders_order_just_before_takes_nothing_from_ones_own_chart() -> None:
    flight = Flight(EVERY_S)
    first = flight.sent("r1", 10.0, real=True, sender="s1")
    other = flight.sent("r2", 11.0, real=True, sender="s2")
    assert first is not None
    assert other is not None
    assert (first.of_path, first.of_sender) == (True, True)
    assert (other.of_path, other.of_sender) == (False, True), "the path's two seconds are s1's"
    assert flight.sent("r3", 11.9, real=True, sender="s1") is None
    assert flight.sent("r4", 12.9, real=True, sender="s2") is not None, "the path's are over"
    later = flight.sent("r5", 12.95, real=True, sender="s2")
    assert later is None, "of s2's own batch"
    uncounted = flight.find("r5")
    assert uncounted is not None
    assert not uncounted.counts
    again = flight.sent("r6", 13.0, real=True, sender="s2")
    assert again is not None
    assert again.of_sender, "after two seconds"


def test_more_senders_at_once_than_can_be_told_apart_count_for_the_path_alone() -> None:
    flight = Flight(EVERY_S)
    for n in range(MOST_SENDERS):
        flight.sent(f"r{n}", 10.0, real=True, sender=f"s{n}")
    assert flight.sent("x1", 11.0, real=True, sender="one more") is None
    later = flight.sent("x2", 12.0, real=True, sender="one more")
    assert later is not None
    assert later.of_sender, "the others' batches are over: names that vary take nobody's place"
    assert len(flight._counted_of) == 1


def test_orders_of_ours_count_however_close_to_a_real_one() -> None:
    flight = Flight(EVERY_S)
    flight.sent("r1", 10.0, real=True)
    assert flight.sent("p1", 10.1, real=False) is not None


def test_finished_are_those_that_came_back_or_are_too_old_oldest_first() -> None:
    flight = Flight(EVERY_S)
    old, back, waits, young = (flight.sent(f"p{n}", 10.0 * n, real=False) for n in range(1, 5))
    assert old is not None
    assert back is not None
    assert waits is not None
    assert young is not None
    back.age, young.age = 3.0, math.inf
    assert list(flight.finished(39.9, 30.0)) == []
    assert list(flight.finished(40.0, 30.0)) == [old, back], "the third waits for its time"
    assert (old.open, back.open, waits.open) == (False, False, True)
    assert list(flight.finished(60.0, 30.0, own_until=45.0)) == [], "nobody looked since"
    assert list(flight.finished(60.0, 30.0)) == [waits, young]


def test_what_ended_is_not_found_any_more() -> None:
    flight = Flight(EVERY_S)
    order = flight.sent("p1", 10.0, real=False)
    assert order is not None
    flight.ended(order)
    assert flight.find("p1") is None
    flight.ended(order)


def test_an_order_of_an_earlier_run_may_prove_life_and_accuses_nobody() -> None:
    flight = Flight(EVERY_S)
    flight.inherit("p1", 5.0)
    order = flight.find("p1")
    assert order is not None
    assert (order.sent, order.real, order.acked, order.open) == (5.0, False, True, False)
    assert not flight.open


def test_blindness_takes_everything_out_that_was_open() -> None:
    flight = Flight(EVERY_S)
    order = flight.sent("p1", 10.0, real=False)
    assert flight.forget() == [order]
    assert order is not None
    assert order.open is False
    assert not flight.open
    assert flight.find("p1") is order, "its arrival still proves life"


def test_the_rate_of_real_orders_is_that_of_two_minutes_batches_included() -> None:
    flight = Flight(EVERY_S)
    for n in range(6):
        flight.sent(f"r{n}", 100.0 + n, real=True)
    assert flight.real_per_s(105.0) == 6 / 120
    assert flight.real_per_s(222.0) == 4 / 120, "those of 100 and 101 are older than two minutes"
    assert flight.real_per_s(500.0) == 0.0


def test_old_orders_are_let_go_once_there_are_many_and_open_ones_never() -> None:
    flight = Flight(EVERY_S)
    for n in range(REMEMBERED):
        flight.sent(f"p{n}", float(n), real=False)
    for order in list(flight.open)[1:]:
        order.open = False
    flight.trim(1e9)
    assert flight.find("p1") is not None, "not more than are remembered"
    flight.sent("one more", float(REMEMBERED), real=False)
    flight.trim(10.0)
    assert [flight.find(f"p{n}") is None for n in (0, 1, 10, 11)] == [False, True, True, False]
