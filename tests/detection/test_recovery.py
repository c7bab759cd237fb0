"""The way back: how many fresh orders, over how long, and what begins the count anew."""

import math
from dataclasses import replace

import pytest

from watchdog.detection.flight import Flying
from watchdog.detection.recovery import Recovery
from watchdog.model.cadence import FAST

SPAN_S, FLAP_S = 30.0, 1800.0
CADENCE = replace(FAST, interval_s=30.0, recovery_span_s=SPAN_S, flap_memory_s=FLAP_S)
HEALTHY = 0.01
BEGAN = 100.0


def outage(*, partial: bool = False, sender: str = "") -> Recovery:
    found = Recovery(CADENCE)
    found.start(BEGAN, partial=partial, sender=sender)
    return found


def order(id_: str, sent: float, sender: str = "") -> Flying:
    return Flying(id_, sent, bool(sender), sender)


def arrive(found: Recovery, orders: int, every_s: float = 5.0, sender: str = "") -> float:
    """So many orders sent after the declaration arrive, each after a second. When the last came."""
    first = found.fresh[-1] + every_s if found.fresh else BEGAN + every_s
    for n in range(orders):
        sent = first + n * every_s
        found.arrived(sent + 1, order(f"o{sent:g}", sent, sender), late=False)
    return first + (orders - 1) * every_s + 1


def test_two_fresh_orders_are_a_sign_and_three_over_the_span_are_enough() -> None:
    found = outage()
    arrive(found, 1, every_s=15)
    assert not found.began()
    arrive(found, 1, every_s=15)
    assert found.began()
    assert not found.complete(200), "two, over 15 seconds"
    last = arrive(found, 1, every_s=15)
    assert (found.span(), found.needed_span()) == (30.0, SPAN_S)
    assert found.complete(last)


def test_three_in_haste_do_not_cover_the_span() -> None:
    found = outage()
    assert not found.complete(arrive(found, 7, every_s=4))
    assert found.span() == 24.0


def test_of_a_batch_only_what_could_be_missed_speaks_for_recovery() -> None:
    found = outage(partial=True)
    last = arrive(found, 2)
    for n in range(50):
        uncounted = Flying(f"r{n}", last + n / 50, True, "s1", of_path=False, of_sender=False)
        found.arrived(last + 3, uncounted, late=False)
    assert len(found.fresh) == 2
    found.arrived(last + 60, uncounted, late=True)
    assert found.last_late == last + 60, "it drains all the same"


def test_what_was_sent_before_the_declaration_is_not_fresh() -> None:
    found = outage()
    found.arrived(BEGAN + 1, order("o1", BEGAN), late=False)
    assert found.fresh == []
    assert found.span() == 0.0


def test_while_the_backlog_drains_there_is_no_all_clear() -> None:
    found = outage()
    last = arrive(found, 10)
    found.arrived(last, order("old", BEGAN - 40), late=True)
    assert not found.complete(last + SPAN_S - 0.1)
    assert found.complete(last + SPAN_S)


def test_a_late_order_is_no_proof_however_fresh() -> None:
    found = outage()
    found.arrived(200, order("o1", BEGAN + 1), late=True)
    assert (found.fresh, found.nats, found.last_late) == ([], 0.0, 200)


def test_after_partial_loss_twenty_four_in_a_row_are_needed() -> None:
    found = outage(partial=True)
    arrive(found, 9)
    assert not found.began()
    arrive(found, 1)
    assert found.began()
    assert found.hopeless()
    arrive(found, 2)
    assert not found.hopeless(), "half of what is needed"
    last = arrive(found, 11)
    assert not found.complete(last)
    assert found.complete(arrive(found, 1))


def test_the_more_was_lost_the_more_must_arrive() -> None:
    found = outage(partial=True)
    for _ in range(40):
        found.lost(HEALTHY)
    assert found.needed_nats() == pytest.approx(math.log(40 / 0.004))
    arrive(found, 25)
    assert not found.complete(1e4)
    arrive(found, 1)
    assert found.complete(1e4)


def test_one_senders_loss_is_ended_by_that_senders_orders_alone() -> None:
    found = outage(partial=True, sender="s3")
    arrive(found, 50, sender="s1")
    assert found.fresh == []
    found.lost(HEALTHY, sender="s1")
    assert not found.broken
    arrive(found, 19, sender="s3")
    assert not found.complete(1e4)
    arrive(found, 1, sender="s3")
    assert found.complete(1e4)
    for _ in range(40):
        found.lost(HEALTHY, sender="s3")
    assert found.needed_nats() == pytest.approx(math.log(40 / 0.008))


def test_a_loss_costs_the_run_and_ends_it_only_where_nothing_is_left() -> None:
    found = outage(partial=True)
    arrive(found, 12)
    before = found.nats
    found.lost(HEALTHY)
    assert found.nats == pytest.approx(before - math.log(0.3 / HEALTHY))
    assert (len(found.fresh), found.broken) == (12, False)
    found.lost(HEALTHY)
    assert (found.fresh, found.nats, found.broken) == ([], 0.0, True)
    arrive(found, 1)
    assert not found.broken


def test_two_losses_in_one_recovery_are_a_share_being_lost() -> None:
    found = outage()
    found.lost(HEALTHY)
    assert not found.partial
    found.lost(HEALTHY)
    assert found.partial


def test_an_order_that_is_refused_begins_the_count_anew_and_blindness_does_so_without_a_relapse() -> (
    None
):
    found = outage()
    arrive(found, 5)
    found.forget()
    assert (found.fresh, found.nats, found.broken) == ([], 0.0, False)
    arrive(found, 5)
    found.refused()
    assert (found.fresh, found.nats, found.broken) == ([], 0.0, True)


def test_each_turn_doubles_the_span_up_to_sixteen_times() -> None:
    found, spans = outage(), []
    for turn in range(6):
        found.relapse(BEGAN + turn, partial=False)
        spans.append(found.needed_span())
    assert spans == [60.0, 120.0, 240.0, 480.0, 480.0, 480.0]


def test_an_all_clear_is_a_turn_too_and_is_forgotten_in_time() -> None:
    found = outage()
    arrive(found, 5)
    found.cleared(200)
    assert (found.fresh, found.needed_span()) == ([], 60.0)
    found.start(200 + FLAP_S, partial=False)
    assert found.needed_span() == 60.0
    found.start(200.1 + FLAP_S, partial=False)
    assert found.needed_span() == SPAN_S


def test_a_relapse_counts_from_itself_and_stays_partial() -> None:
    found = outage(partial=True)
    arrive(found, 5)
    found.broken = True
    found.relapse(150, partial=False)
    assert (found.declared, found.broken, found.partial, found.fresh) == (150, False, True, [])
    other = outage()
    other.relapse(150, partial=True)
    assert other.partial


def test_a_new_outage_knows_nothing_of_the_losses_of_the_one_before() -> None:
    found = outage(partial=True, sender="s1")
    for _ in range(40):
        found.lost(HEALTHY, sender="s1")
    found.start(500, partial=False)
    assert (found.broken, found.partial, found.sender, found.declared) == (False, False, "", 500)
    assert found.needed_nats() == pytest.approx(24 * -math.log(0.7))


def late_arrivals(found: Recovery, first: float, last: float, every_s: float) -> None:
    at = first
    while at <= last:
        found.arrived(at, order(f"l{at:g}", BEGAN + (at - first) / 100 + 0.01), late=True)
        at += every_s


def test_five_minutes_of_late_arrivals_are_a_path_that_is_slow_and_not_dead() -> None:
    found = outage()
    late_arrivals(found, 110, 409, every_s=20)
    assert not found.only_slow(409.9)
    assert found.only_slow(410)


@pytest.mark.parametrize(("every_s", "slow"), [(30, True), (41, False)])
def test_late_arrivals_that_are_too_few_are_no_path_that_is_alive(
    every_s: float, *, slow: bool
) -> None:
    found = outage()
    late_arrivals(found, 110, 450, every_s=every_s)
    assert found.only_slow(450) is slow


def test_a_gap_of_a_minute_and_an_interval_ends_being_alive() -> None:
    found = outage()
    late_arrivals(found, 110, 410, every_s=20)
    assert found.only_slow(499.9)
    assert not found.only_slow(500)
    late_arrivals(found, 501, 700, every_s=20)
    assert not found.only_slow(700), "alive for 199 seconds since the gap"


def test_a_path_that_loses_a_share_is_not_only_slow() -> None:
    found = outage(partial=True)
    late_arrivals(found, 110, 450, every_s=20)
    assert not found.only_slow(450)


def test_relapses_older_than_the_flap_memory_are_forgotten_when_the_next_outage_begins() -> None:
    found = outage()
    found.relapse(BEGAN + 10, partial=False)
    found.relapse(BEGAN + 20, partial=False)
    assert found.needed_span() == 4 * SPAN_S
    found.start(BEGAN + 15 + FLAP_S, partial=False)
    assert found.needed_span() == 2 * SPAN_S
