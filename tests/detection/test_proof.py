"""Proof of life: what an arrival clears, and what each order that is missing is worth."""

import math

import pytest

from watchdog.detection.flight import Flying
from watchdog.detection.histogram import Histogram
from watchdog.detection.latency import Latency
from watchdog.detection.proof import (
    LONE_FACTOR,
    LONE_REFUSAL_NATS,
    MOST_MISSING,
    ProofOfLife,
    hard_nats,
)
from watchdog.detection.spells import Spells
from watchdog.model.observation import cold_profile

PROFILE = cold_profile(30.0, 10.0)
HARD = 6.0


def proof() -> tuple[ProofOfLife, Latency, Histogram]:
    latency, acks = Latency(PROFILE), Histogram()
    acks.seed(PROFILE.ack_quantiles, PROFILE.hard, PROFILE.samples)
    return ProofOfLife(latency, acks, Spells(()), hard_nats=HARD), latency, acks


def order(sent: float, *, acked: bool = True, hard: bool = False, rejected: bool = False) -> Flying:
    return Flying(f"p{sent:g}", sent, False, acked=acked, hard=hard, rejected=rejected)


def missing(*orders: Flying) -> ProofOfLife:
    found, _, _ = proof()
    for each in orders:
        found.sent(each)
    return found


def test_an_arrival_clears_everything_sent_until_then_and_nothing_younger() -> None:
    found = missing(order(10), order(20), order(30))
    found.lives(20)
    assert [each.sent for each in found.missing] == [30]
    assert found.life == 20
    found.lives(10)
    assert found.life == 20, "an older one that comes later proves nothing more"
    assert [each.sent for each in found.missing] == [30]


def test_nothing_missing_is_no_evidence() -> None:
    assert missing().evidence(100) == 0.0


def test_each_missing_order_is_worth_what_its_age_says() -> None:
    found, latency, _ = proof()
    for sent in (10, 40):
        found.sent(order(sent))
    wanted = latency.evidence(60) + latency.evidence(30)
    assert found.evidence(70) == pytest.approx(wanted)


def test_an_ack_that_is_owed_says_more_than_the_arrival_that_is_not() -> None:
    found, latency, acks = proof()
    found.sent(order(10, acked=False))
    assert latency.evidence(2.5) < acks.evidence(2.5)
    assert found.evidence(12.5) == pytest.approx(acks.evidence(2.5))
    assert found.evidence(500) == pytest.approx(max(latency.evidence(490), acks.evidence(490)))


def test_without_sight_of_arrivals_only_the_send_side_speaks() -> None:
    found, _, acks = proof()
    found.sent(order(10))
    assert found.evidence(500, seen_until=-math.inf) == 0.0
    found.sent(order(20, acked=False))
    assert found.evidence(500, seen_until=-math.inf) == pytest.approx(acks.evidence(480))


def test_a_look_that_is_late_makes_ours_no_older_and_real_ones_all_the_same() -> None:
    found, latency, acks = proof()
    found.sent(order(10))
    assert found.evidence(70, seen_until=40) == pytest.approx(latency.evidence(30))
    assert found.evidence(70, seen_until=10) == 0.0
    found.sent(order(20, acked=False))
    assert found.evidence(70, seen_until=10) == pytest.approx(acks.evidence(50))
    real = missing(Flying("r", 10, True, "s1", acked=True))
    assert real.evidence(70, seen_until=40) == pytest.approx(latency.evidence(60))


def test_one_refusal_is_an_accident_until_time_shows_that_it_is_not() -> None:
    found, latency, _ = proof()
    found.sent(order(10, hard=True))
    assert found.evidence(10.1) == LONE_REFUSAL_NATS
    grown = 1.5 * latency.evidence(9)
    assert LONE_REFUSAL_NATS < grown < HARD
    assert found.evidence(19) == pytest.approx(grown)
    assert found.evidence(1000) == HARD


def test_two_refusals_are_worth_what_refusals_are_worth() -> None:
    assert missing(order(10, hard=True), order(11, hard=True)).evidence(11.1) == 2 * HARD


def test_what_a_refusal_is_worth_follows_from_how_often_it_happens() -> None:
    assert hard_nats(5e-4, 198) == pytest.approx(-math.log(5e-4 + 1 / 200))


def test_blindness_forgets_all_and_blind_readers_only_what_depends_on_them() -> None:
    seen = (order(10), order(20, acked=False), order(30, hard=True))
    found = missing(*seen)
    found.forget(arrivals_only=True)
    assert list(found.missing) == [seen[1], seen[2]]
    assert found.missing.maxlen == MOST_MISSING
    found.forget()
    assert not found.missing


def test_an_order_of_any_age_is_overdue_in_the_end_but_never_a_rejected_one() -> None:
    found = missing(order(10), order(11, hard=True, rejected=True))
    assert not found.overdue(70, 60)
    assert found.overdue(70.1, 60)
    assert not missing(order(11, hard=True, rejected=True)).overdue(1e6, 60)


def test_the_engine_fails_us_when_it_refuses_or_owes_an_ack() -> None:
    refused, owes, slow = (
        missing(order(10, hard=True)),
        missing(order(10, acked=False)),
        missing(order(10)),
    )
    assert refused.refused()
    assert refused.sharp(10.1)
    assert not owes.sharp(10.1)
    assert owes.sharp(20)
    assert owes.owed(20)
    assert not owes.refused()
    assert not slow.sharp(1000)


def test_only_the_newest_eighty_are_weighed() -> None:
    found, latency, _ = proof()
    for n in range(200):
        found.sent(order(float(n)))
    wanted = sum(latency.evidence(300.0 - n) for n in range(120, 200))
    assert found.evidence(300.0) == pytest.approx(wanted)


@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize("acked", [False, True])
def test_every_order_is_weighed_as_if_the_path_were_as_slow(*, hard: bool, acked: bool) -> None:
    _, latency, acks = proof()
    found = ProofOfLife(latency, acks, Spells(((4.0, 0.5),)), hard_nats=HARD)
    found.sent(order(10, acked=acked, hard=hard))
    found.sent(order(12))

    def worth(factor: float) -> float:
        age = 20 / factor
        waits = latency.evidence(age) if acked else max(latency.evidence(age), acks.evidence(age))
        if hard:
            waits = max(LONE_REFUSAL_NATS, min(HARD, LONE_FACTOR * latency.evidence(age)))
        return waits + latency.evidence(18 / factor)

    mixed = -math.log(math.exp(-worth(1.0)) + 0.5 * math.exp(-worth(4.0)))
    assert found.evidence(30) == pytest.approx(mixed, rel=1e-9)


def test_of_real_orders_blind_readers_leave_nothing_either() -> None:
    found = missing(Flying("r1", 10.0, True, "s1", acked=True))
    assert found.evidence(70) > 3
    assert found.evidence(70, seen_until=-math.inf) == 0.0
