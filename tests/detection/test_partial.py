"""Charts for a share being lost: what each order adds, what is taken back, and whose loss it is."""

import math
from dataclasses import replace

import pytest

from watchdog.detection.budget import thresholds
from watchdog.detection.flight import Flying
from watchdog.detection.latency import Latency
from watchdog.detection.partial import CEILING_NATS, KEPT, MOST_SENDERS, Chart, PartialLoss
from watchdog.detection.spells import Spells
from watchdog.model.observation import cold_profile

HEALTHY = 0.01
BUDGET = thresholds(years=1000, interval_s=30.0)


def step(p: float, *, lost: bool) -> float:
    return math.log(p / HEALTHY if lost else (1 - p) / (1 - HEALTHY))


def test_a_loss_climbs_by_what_it_says_and_an_arrival_falls() -> None:
    chart = Chart()
    chart.finished(1.0, HEALTHY, CEILING_NATS, lost=True)
    assert chart.nats == pytest.approx({p: step(p, lost=True) for p in (0.3, 0.7)})
    assert chart.worse() == 0.7
    chart.finished(2.0, HEALTHY, CEILING_NATS, lost=False)
    both = {p: step(p, lost=True) + step(p, lost=False) for p in (0.3, 0.7)}
    assert chart.nats == pytest.approx(both)
    assert (chart.worse(), chart.counted) == (0.7, {0.3: 2, 0.7: 2})
    chart.finished(3.0, HEALTHY, CEILING_NATS, lost=False)
    assert chart.worse() == 0.3


def test_back_at_nought_a_chart_has_forgotten() -> None:
    chart = Chart()
    chart.finished(1.0, HEALTHY, CEILING_NATS, lost=True)
    for n in range(20):
        chart.finished(2.0 + n, HEALTHY, CEILING_NATS, lost=False)
    assert chart.nats == {0.3: 0.0, 0.7: 0.0}
    assert chart.counted == {0.3: 0, 0.7: 0}
    assert not any(chart.lost.values())


def test_no_chart_climbs_above_the_ceiling_or_keeps_more_than_a_hundred_losses() -> None:
    chart = Chart()
    for n in range(KEPT + 5):
        chart.finished(float(n), HEALTHY, CEILING_NATS, lost=True)
    assert chart.nats == {0.3: CEILING_NATS, 0.7: CEILING_NATS}
    assert list(chart.lost[0.3]) == [float(n) for n in range(5, KEPT + 5)]


def test_an_order_that_was_only_late_is_taken_back_once() -> None:
    chart = Chart((0.3,))
    for sent in (1.0, 2.0):
        chart.finished(sent, HEALTHY, CEILING_NATS, lost=True)
    chart.was_only_late(1.0, HEALTHY)
    chart.was_only_late(1.0, HEALTHY)
    chart.was_only_late(9.0, HEALTHY)
    assert chart.nats[0.3] == pytest.approx(step(0.3, lost=True))
    assert list(chart.lost[0.3]) == [2.0]


def charts() -> PartialLoss:
    latency = Latency(cold_profile(30.0, 10.0))
    return PartialLoss(latency, Spells(()))


def order(sent: float, *, sender: str = "", real: bool = True, hard: bool = False) -> Flying:
    of = bool(sender)
    return Flying(f"o{sent:g}", sent, real, sender, acked=True, hard=hard, of_sender=of)


def weigh(loss: PartialLoss, now: float, waiting: list[Flying] | None = None) -> None:
    loss.weigh(now, waiting or [], 12.0, BUDGET)


def test_one_senders_losses_are_told_from_the_paths() -> None:
    loss = charts()
    for n in range(30):
        loss.finished(order(10.0 * n, sender="s1"), lost=False)
        loss.finished(order(10.0 * n + 5, sender="s2"), lost=n % 3 == 0)
    weigh(loss, 1000.0)
    assert loss.sender == "s2"
    assert loss.evidence == loss.sender_nats > loss.nats
    assert loss.tally() == (10, 30)
    assert loss.is_mixed(None), "the other senders' orders arrive"


def test_the_paths_losses_are_nobodys_in_particular() -> None:
    loss = charts()
    for n in range(8):
        loss.finished(order(10.0 * n, real=False), lost=True)
    weigh(loss, 100.0)
    assert loss.sender == ""
    assert (loss.path_declares, loss.sender_declares) == (True, False)
    assert loss.tally() == (8, 8)
    assert (loss.oldest(), loss.newest()) == (0.0, 70.0)


def test_a_loss_is_partial_only_if_two_are_older_than_an_arrival() -> None:
    loss = charts()
    for sent in (10.0, 20.0, 30.0):
        loss.finished(order(sent, real=False), lost=True)
    weigh(loss, 100.0)
    assert not loss.is_mixed(None)
    assert not loss.is_mixed(20.0)
    assert loss.is_mixed(20.1)


def test_what_is_missing_in_flight_counts_before_it_is_given_up() -> None:
    loss = charts()
    weigh(loss, 100.0, [order(90.0, real=False), order(99.0, real=False)])
    assert loss.nats == 0.0, "neither is late"
    weigh(loss, 400.0, [order(90.0, real=False), order(399.0, real=False)])
    assert loss.nats > 0.0
    assert (loss.oldest(), loss.newest(), loss.tally()) == (90.0, 90.0, (1, 1))


def test_an_order_that_came_speaks_for_the_path_while_another_is_missing() -> None:
    alone, beside = charts(), charts()
    missing = [order(90.0, real=False), order(95.0, real=False)]
    came = order(98.0, real=False)
    came.age = 2.0
    weigh(alone, 400.0, missing)
    weigh(beside, 400.0, [*missing, came])
    assert 0 < beside.nats < alone.nats


def test_a_refused_order_in_flight_counts_as_lost_at_once() -> None:
    refused, silent = charts(), charts()
    late = order(10.0, real=False)
    first = order(395.0, real=False, hard=True)
    first.age = math.inf
    weigh(refused, 400.0, [late, first])
    weigh(silent, 400.0, [late, order(395.0, real=False)])
    assert refused.nats > silent.nats + 1


def test_losses_of_the_time_in_which_we_were_blind_are_taken_back() -> None:
    loss = charts()
    for sent in (10.0, 20.0, 30.0):
        loss.finished(order(sent, sender="s1"), lost=True)
    loss.take_back(10.0)
    weigh(loss, 100.0)
    assert loss.tally()[0] == 1
    loss.was_only_late(order(10.0, sender="s1"))
    weigh(loss, 100.0)
    assert loss.evidence == pytest.approx(0.0, abs=1e-9)


def test_a_fault_that_has_ended_is_no_news() -> None:
    loss = charts()
    for n in range(8):
        loss.finished(order(10.0 * n, sender="s1"), lost=True)
    weigh(loss, 100.0)
    loss.reset()
    assert (loss.evidence, loss.sender) == (0.0, "")
    assert not loss.path_declares
    assert not loss.sender_declares
    weigh(loss, 100.0)
    assert loss.evidence == 0.0


def test_the_healthy_share_has_room_for_what_is_not_yet_known() -> None:
    loss = charts()
    learned = Latency(cold_profile(30.0, 10.0))
    never, n = learned.never, max(learned.samples, 1.0)
    assert loss.healthy == pytest.approx(
        max(2e-4, never + 2 * math.sqrt(never * (1 - never) / n) + 1 / n)
    )


def test_the_newest_loss_is_that_of_whom_the_loss_is() -> None:
    loss = charts()
    assert loss.newest() == -math.inf
    for n in range(6):
        loss.finished(order(10.0 * n, sender="ill"), lost=True)
    loss.finished(order(70.0, sender="well"), lost=False)
    weigh(loss, 80.0)
    assert loss.newest() == 50.0
    for n in range(40):
        loss.finished(order(100.0 + n, sender="well"), lost=False)
    loss.finished(order(150.0, sender="well"), lost=True)
    weigh(loss, 200.0)
    assert loss.sender == "ill"
    assert loss.newest() == 50.0, "and not when the other's one was sent"
    weigh(loss, 200.0, [order(170.0, sender="ill"), order(180.0, sender="well")])
    assert loss.newest() == 170.0
    assert loss.oldest() == 0.0
    assert loss.tally() == (7, 7)


@pytest.mark.parametrize("begun", [0, 3])
def test_what_is_under_way_runs_a_chart_on_by_what_each_age_says(begun: int) -> None:
    loss = charts()
    for n in range(begun):
        loss.finished(order(float(n)), lost=True)
    healthy = loss.healthy
    came, lost, waits = order(50.0), order(60.0, hard=True), order(70.0)
    came.age, lost.age = 2.0, math.inf
    weigh(loss, 100.0, [came, lost, waits])

    def run(p: float) -> float:
        nats = min(CEILING_NATS, begun * math.log(p / healthy))
        nats = max(0.0, nats + math.log((1 - p) / (1 - healthy)))
        nats += math.log(p / healthy)
        return nats + math.log(1 - p + p * math.exp(loss._latency.evidence(30.0)))

    assert loss.nats == pytest.approx(min(CEILING_NATS, max(run(0.3), run(0.7))), rel=1e-9)


def test_each_senders_chart_runs_on_over_its_own_orders_and_over_those_that_count_for_it() -> None:
    loss = charts()
    for n in range(3):
        loss.finished(order(float(n), sender="ill"), lost=True)
        loss.finished(order(10.0 + n, sender="well"), lost=True)
    alone = loss._senders["ill"].nats[0.3]
    waits = [
        order(50.0, sender="ill"),
        order(51.0, sender="well", hard=True),
        Flying("of the path", 52.0, True, "ill", acked=True),
    ]
    waits[1].age = math.inf
    weigh(loss, 100.0, waits)
    assert loss.sender_nats == pytest.approx(
        alone + math.log(0.7 + 0.3 * math.exp(loss._latency.evidence(50.0)))
    )
    assert loss._worst == "ill"


def test_a_sender_that_waits_for_nothing_late_has_what_was_finished() -> None:
    loss = charts()
    for n in range(3):
        loss.finished(order(float(n), sender="ill"), lost=True)
    came = order(99.0, sender="ill")
    came.age = 0.5
    weigh(loss, 100.0, [came, order(60.0)])
    assert loss.sender_nats == loss._senders["ill"].nats[0.3]


def test_of_two_that_are_equal_the_first_is_named_and_limits_are_reached_at_their_value() -> None:
    loss = charts()
    for sender in ("a", "b"):
        loss.finished(order(1.0, sender=sender), lost=True)
    nats = loss._senders["a"].nats[0.3]
    exact = replace(BUDGET, sender_nats=nats, partial_nats=max(loss._all.nats.values()))
    loss.weigh(10.0, [], 12.0, exact)
    assert (loss.path_declares, loss.sender_declares, loss._worst) == (True, True, "a")


def test_an_order_that_counts_for_its_sender_alone_moves_no_chart_of_the_path() -> None:
    loss = charts()
    alone = Flying("r1", 1.0, True, "ill", of_path=False, of_sender=True)
    loss.finished(alone, lost=True)
    assert loss._all.nats[0.3] == 0.0
    assert loss._senders["ill"].nats[0.3] > 0.0
    loss.was_only_late(Flying("r2", 1.0, True, "new", of_sender=True))
    assert "new" not in loss._senders


def test_there_are_a_hundred_charts_of_senders_and_no_more() -> None:
    loss = charts()
    for n in range(MOST_SENDERS + 1):
        loss.finished(order(float(n), sender=f"s{n}"), lost=True)
    assert len(loss._senders) == MOST_SENDERS == 100
