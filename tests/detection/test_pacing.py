"""When the next synthetic order may go, and when none may."""

import math
from dataclasses import replace

import pytest

from watchdog.detection.pacing import EAGER_S, STEADY_S, Pacing
from watchdog.model.cadence import FAST
from watchdog.model.outage import Phase

CLEAR, OUT = Phase.CLEAR, Phase.DECLARED
CADENCE = replace(FAST, open_limit=3, orders_per_incident=20, token_bucket=2)
T, REPROBE, P99 = CADENCE.interval_s, CADENCE.reprobe_s, 2.0


def pacing(*sent: float, phase: Phase = CLEAR) -> Pacing:
    found = Pacing(CADENCE, first_at=7.0)
    for at in sent:
        found.sent(f"p{at:g}", at, phase)
    return found


def due(found: Pacing, now: float, phase: Phase = CLEAR, *, watchful: bool = False) -> float:
    return found.next_at(now, phase, watchful=watchful, p99_s=P99)


def test_the_first_order_has_its_time_and_each_next_one_follows_after_t() -> None:
    assert due(pacing(), 0.0) == 7.0
    assert due(pacing(10.0), 11.0) == 10.0 + T


def test_in_doubt_it_asks_again_soon_and_sooner_where_answers_are_sharp() -> None:
    found = pacing(10.0)
    assert due(found, 11.0, watchful=True) == 10.0 + REPROBE
    assert found.next_at(11.0, CLEAR, watchful=True, p99_s=P99, sharp=True) == 10.0 + REPROBE / 2


def test_quick_orders_are_paid_for_with_tokens_that_come_back_one_each_t() -> None:
    found = pacing(10.0, 12.0, 14.0)
    for each in ("p10", "p12", "p14"):
        found.settled(each, 15.0, alive=True)
    assert due(found, 15.0, watchful=True) == 14.0 + T, "both tokens are spent"
    assert due(found, 15.0 + T, watchful=True) == 14.0 + REPROBE


def test_no_more_than_the_open_limit_wait_at_once_until_the_oldest_is_given_up() -> None:
    found = pacing(0.0, 30.0, 60.0)
    assert found.open == 3
    assert due(found, 61.0) == CADENCE.give_up_s
    found.settled("p30", 62.0, alive=True)
    assert due(found, 62.0) == 60.0 + T


def test_an_order_that_is_too_old_loses_its_place_and_says_so_once() -> None:
    found = pacing(0.0, 30.0)
    found.release(CADENCE.give_up_s - 0.1, CLEAR, P99)
    assert found.gave_up() == []
    found.release(CADENCE.give_up_s, CLEAR, P99)
    assert found.gave_up() == ["p0"]
    assert found.gave_up() == []
    assert found.open == 1


def test_in_an_outage_one_scout_goes_beyond_the_limit_and_is_replaced() -> None:
    found = pacing(0.0, 1.0, 2.0)
    found.declared(3.0)
    assert due(found, 3.0, OUT) == 2.0 + REPROBE
    found.sent("scout", 7.0, OUT)
    patience = found.scout_patience(P99)
    assert patience == max(2 * P99, REPROBE)
    assert due(found, 8.0, OUT) == 7.0 + max(REPROBE, patience)
    found.release(7.0 + patience, OUT, P99)
    assert found.gave_up() == ["scout"]
    assert found.scout_patience(100.0) == 200.0


def test_after_the_declaration_it_asks_often_and_then_ever_more_seldom() -> None:
    found = pacing(0.0)
    found.declared(0.0)
    gaps = [due(found, now, OUT) for now in (EAGER_S, EAGER_S + 1, EAGER_S + STEADY_S + 1, 7201.0)]
    assert gaps == [REPROBE, T / 3, max(T, 60.0), 300.0]


def test_any_sign_of_life_brings_haste_back() -> None:
    for sign in ("arrival", "ack", "relapse"):
        found = pacing(0.0)
        found.declared(0.0)
        found.unacked()
        if sign == "arrival":
            found.settled("p0", 5000.0, alive=True)
        elif sign == "ack":
            found.acked(5000.0)
        else:
            found.eager(5000.0)
        assert due(found, 5001.0, OUT) == REPROBE, sign


def test_an_ack_that_nobody_missed_is_no_sign_of_life() -> None:
    found = pacing(0.0)
    found.declared(0.0)
    found.acked(5000.0)
    assert due(found, 5001.0, OUT) == max(T, 60.0)


def test_a_refusal_frees_the_place_and_is_no_sign_of_life() -> None:
    found = pacing(0.0)
    found.declared(0.0)
    found.settled("p0", 5000.0, alive=False)
    assert found.open == 0
    assert due(found, 5001.0, OUT) == max(T, 60.0)


def test_the_orders_of_an_incident_are_capped_and_a_tenth_is_kept_for_a_sign_of_life() -> None:
    found = pacing(0.0)
    found.declared(0.0, orders=17)
    assert due(found, 1.0, OUT) == REPROBE
    found.declared(0.0, orders=18)
    assert due(found, EAGER_S + 1, OUT) == 300.0
    found.settled("p0", EAGER_S + 2, alive=True)
    assert due(found, EAGER_S + 3, OUT) == REPROBE
    found.sent("a", EAGER_S + 4, OUT)
    found.sent("b", EAGER_S + 5, OUT)
    assert found.in_incident == 20
    assert due(found, EAGER_S + 6, OUT) == math.inf
    assert found.spent
    found.allow_more()  # a person's word
    assert not found.spent
    assert found.in_incident == 0
    assert due(found, EAGER_S + 6, OUT) < EAGER_S + 6 + 2 * REPROBE


@pytest.mark.parametrize(("spent", "gap"), [(0, T / 3), (5, T / 3), (6, T), (18, 300.0)])
def test_while_a_share_is_lost_haste_would_only_spend_orders(spent: int, gap: float) -> None:
    found = pacing(0.0)
    found.declared(0.0, orders=spent)
    told = found.next_at(1.0, OUT, watchful=False, p99_s=P99, hopeless=True)
    assert told == gap


def test_the_first_rejection_stops_sending_until_a_person_resumes() -> None:
    found = pacing(0.0)
    found.reject(5.0)
    found.reject(9.0)
    assert (found.rejected, found.rejected_at) == (True, 5.0)
    assert due(found, 100.0) == due(found, 100.0, OUT) == math.inf
    found.resume()
    assert found.rejected is False
    assert due(found, 100.0) == -math.inf, "at once"


def test_a_person_may_stop_it_too() -> None:
    found = pacing(0.0)
    found.stopped = True
    assert due(found, 100.0, OUT) == math.inf


def test_orders_of_an_earlier_run_fill_the_path_and_one_at_a_time_goes_beyond() -> None:
    found = Pacing(CADENCE, first_at=7.0)
    for n in range(3):
        found.inherit(f"old{n}", float(n))
    assert due(found, 5.0) == 7.0
    found.sent("p1", 7.0, CLEAR)
    assert due(found, 8.0) == 7.0 + T
    found.release(7.0 + found.scout_patience(P99), CLEAR, P99)
    assert found.gave_up() == ["p1"]


def test_what_left_before_the_path_was_proven_well_holds_no_place() -> None:
    found = pacing(0.0, 10.0, 20.0)
    found.vacate(10.0)
    assert found.gave_up() == ["p0", "p10"]
    assert found.open == 1


def test_orders_leave_out_of_step_with_faults_that_come_and_go() -> None:
    found = Pacing(replace(CADENCE, jitter_share=0.2, spread_share=0.15), first_at=0.0)
    gaps: list[tuple[float, float]] = []
    for n in range(8):
        at = 1000.0 * n
        found.sent(f"p{n}", at, CLEAR)
        found.settled(f"p{n}", at, alive=True)
        gaps.append((due(found, at) - at, due(found, at, watchful=True) - at))
    assert all(0.85 * T < usual <= T for usual, _ in gaps)
    assert all(REPROBE <= quick < 1.2 * REPROBE for _, quick in gaps)
    assert len({round(usual, 6) for usual, _ in gaps}) == len(gaps)


def test_haste_ends_a_minute_after_the_declaration_whenever_that_was() -> None:
    found = pacing(1000.0)
    found.declared(1000.0)
    assert found.in_incident == 0
    gaps = [
        due(found, 1000.0 + after, OUT) - 1000.0
        for after in (EAGER_S, EAGER_S + 0.1, EAGER_S + STEADY_S, EAGER_S + STEADY_S + 0.1, 7200.0)
    ]
    assert gaps == [REPROBE, T / 3, T / 3, 60.0, 60.0]
    assert due(found, 1000.0 + 7200.1, OUT) - 1000.0 == 300.0


def test_the_last_order_of_an_incident_may_go() -> None:
    found = pacing(0.0)
    found.declared(0.0, orders=19)
    assert due(found, 1.0, OUT) == REPROBE
    found.declared(0.0, orders=20)
    assert due(found, 1.0, OUT) == math.inf


def full(phase: Phase = OUT) -> Pacing:
    """Three orders wait, and a scout that left at 30."""
    found = pacing(0.0, 10.0, 20.0)
    found.declared(20.0)
    found.sent("scout", 30.0, phase)
    return found


def test_beyond_the_limit_one_scout_at_a_time_replaced_after_its_patience() -> None:
    found = full()
    assert found._places["scout"].scout
    assert not found._places["p20"].scout
    assert found.scout_patience(P99) == max(2 * P99, REPROBE)
    assert due(found, 31.0, OUT) == 30.0 + found.scout_patience(P99)
    long = found.next_at(31.0, OUT, watchful=False, p99_s=20.0)
    assert long == 30.0 + 40.0
    found.release(30.0 + found.scout_patience(P99) - 0.01, OUT, P99)
    assert found.open == 4
    found.release(30.0 + found.scout_patience(P99), OUT, P99)
    assert (found.open, found.gave_up()) == (3, ["scout"])
    assert due(found, 36.0, OUT) == 30.0 + REPROBE


def test_without_a_scout_the_next_goes_when_it_is_due() -> None:
    found = pacing(0.0, 10.0, 20.0)
    found.declared(20.0)
    assert found.open == CADENCE.open_limit
    assert due(found, 21.0, OUT) == 20.0 + REPROBE


def test_the_last_token_may_be_spent() -> None:
    found = pacing(10.0, 12.0)
    for each in ("p10", "p12"):
        found.settled(each, 12.0, alive=True)
    assert found._tokens == 1.0
    assert due(found, 12.0, watchful=True) == 12.0 + REPROBE


def test_an_earlier_runs_orders_are_passed_by_one_scout_at_a_time() -> None:
    found = Pacing(CADENCE, first_at=7.0)
    for n in range(3):
        found.inherit(f"old{n}", float(n))
    assert due(found, 7.0) == 7.0
    found.sent("scout", 8.0, CLEAR)
    assert found._places["scout"].scout
    assert due(found, 9.0) == 8.0 + T
    long = found.next_at(9.0, CLEAR, watchful=False, p99_s=40.0)
    assert long == 8.0 + 80.0
