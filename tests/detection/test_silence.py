"""Silence of real referrals, counted in orders that should have come; the rate is learned."""

import math
from datetime import UTC, datetime

import pytest

from watchdog.detection.silence import (
    LEAST_PER_MIN,
    MOST_SENDERS,
    Silence,
    Traffic,
    silence_nats,
)

MONDAY = datetime(2026, 11, 23, tzinfo=UTC).timestamp()
CHRISTMAS_EVE = datetime(2026, 12, 24, 10, tzinfo=UTC).timestamp()
BY_HOUR = tuple(float(hour) for hour in range(168))
STEADY = (6.0,) * 168
"""One in ten seconds."""


def test_silence_is_judged_for_a_rate_that_is_known_to_a_third() -> None:
    assert silence_nats(0.0) == silence_nats(-3.0) == 0.0
    assert silence_nats(8.0) == pytest.approx(8 * math.log(2))


def test_the_rate_is_that_of_the_hour_of_the_week() -> None:
    traffic = Traffic(BY_HOUR)
    assert traffic.per_s(MONDAY + 9.5 * 3600) == 9 / 60
    assert traffic.per_s(MONDAY + 5 * 86400) == 120 / 60, "Saturdays are their own"
    assert traffic.per_s(MONDAY + 5 * 86400 + 3600) == 121 / 60
    assert traffic.mean_per_s() == pytest.approx((sum(BY_HOUR) + LEAST_PER_MIN) / 168 / 60)


def test_public_holidays_and_eves_are_sundays() -> None:
    assert Traffic(BY_HOUR).per_s(CHRISTMAS_EVE) == (144 + 10) / 60


def test_without_a_profile_nothing_is_expected() -> None:
    traffic = Traffic(())
    assert not traffic
    assert (traffic.per_s(MONDAY), traffic.mean_per_s()) == (0.0, 0.0)
    traffic.watched(MONDAY, 60, well=True)
    assert Traffic(STEADY)


def hour(traffic: Traffic, begin: float, orders: int, *, well_s: float = 3600.0) -> None:
    """An hour of the week goes by in minutes; the next begins."""
    for minute in range(60):
        traffic.watched(begin + 60 * minute, 60.0, well=60 * minute < well_s)
    for _ in range(orders):
        traffic.saw()
    traffic.watched(begin + 3600, 0.0, well=True)


def test_an_hour_teaches_its_rate_a_fifth_of_the_way() -> None:
    traffic = Traffic(STEADY)
    hour(traffic, MONDAY, 60)
    assert traffic.rates()[0] == pytest.approx((4 * 6 + 1) / 5)
    assert traffic.rates()[1] == 6.0


def test_a_burst_teaches_no_more_than_three_times_the_expected() -> None:
    traffic = Traffic(STEADY)
    hour(traffic, MONDAY, 9000)
    assert traffic.rates()[0] == pytest.approx((4 * 6 + 18) / 5)


def test_an_hour_that_was_not_well_for_nine_tenths_teaches_nothing() -> None:
    traffic = Traffic(STEADY)
    hour(traffic, MONDAY, 60, well_s=3000)
    assert traffic.rates()[0] == 6.0
    hour(traffic, MONDAY, 60, well_s=3240)
    assert traffic.rates()[0] == pytest.approx((4 * 6 + 60 / 54) / 5, abs=1e-4)


def test_rates_are_stored_and_come_back_unless_their_number_is_wrong() -> None:
    traffic = Traffic(STEADY)
    traffic.restore([3.0] * 168)
    assert traffic.per_s(MONDAY) == 3 / 60
    assert traffic.rates() == [3.0] * 168
    traffic.restore([1 / 3] * 168)
    assert traffic.rates()[0] == 0.3333
    traffic.restore([3.0] * 168)
    traffic.restore([1.0] * 24)
    assert traffic.per_s(MONDAY) == 3 / 60


def quiet(seconds: float, silence: Silence | None = None, begin: float = 0.0) -> Silence:
    found = silence or Silence(Traffic(STEADY))
    for second in range(int(seconds) + 1):
        found.passes(begin + second, MONDAY + begin + second, well=True)
    return found


def test_silence_counts_what_should_have_come_and_a_referral_ends_it() -> None:
    silence = quiet(80)
    assert silence.nats == pytest.approx(silence_nats(8.0))
    silence.passes(40, MONDAY + 40, well=True)
    assert silence.nats == pytest.approx(silence_nats(8.0)), "time does not run backwards"
    silence.heard()
    assert silence.nats == silence.since_life_nats == 0.0


def test_an_order_of_ours_that_arrives_shows_that_it_is_the_senders_silence() -> None:
    silence = quiet(80)
    silence.lived()
    quiet(20, silence, begin=80)
    assert silence.since_life_nats == pytest.approx(silence_nats(2.0))
    assert silence.nats == pytest.approx(silence_nats(10.0))


def test_a_sender_is_silent_by_its_own_share_of_the_orders() -> None:
    silence = Silence(Traffic(STEADY))
    for n in range(400):
        silence.passes(10.0 * n, MONDAY + 10.0 * n, well=True)
        silence.heard("s1" if n % 2 else "s2")
    assert silence.silent_senders(0.5) == []
    for n in range(400, 460):
        silence.passes(10.0 * n, MONDAY + 10.0 * n, well=True)
        silence.heard("s1")
    assert silence.silent_senders(silence_nats(10.0)) == ["s2"]
    assert silence.silent_senders(silence_nats(60.0)) == []
    at_the_limit = silence_nats(silence._since["s2"])
    assert silence.silent_senders(at_the_limit) == ["s2"]
    silence.heard("s2")
    assert silence.silent_senders(0.5) == []


def test_what_happened_while_we_were_blind_is_no_silence() -> None:
    silence = quiet(80)
    silence.heard("s1")
    quiet(600, silence, begin=80)
    silence.forget()
    assert (silence.nats, silence.since_life_nats, silence.silent_senders(0.01)) == (0.0, 0.0, [])


def test_names_that_vary_take_no_frequent_senders_place() -> None:
    silence = Silence(Traffic(STEADY))
    known = [f"s{n}" for n in range(4)]
    for n in range(400):
        silence.passes(10.0 * n, MONDAY + 10.0 * n, well=True)
        silence.heard(known[n % 4])
    for n in range(400, 4000):
        silence.passes(10.0 * n, MONDAY + 10.0 * n, well=True)
        silence.heard(known[n % 3] if n % 2 else f"varied {n}")
    assert len(silence._shares) == len(silence._since) == MOST_SENDERS
    assert set(known) <= set(silence._shares)
    assert silence.silent_senders(silence_nats(20.0)) == ["s3"]


def test_a_new_sender_is_known_again_when_names_no_longer_vary() -> None:
    silence = Silence(Traffic(STEADY))
    for n in range(150):
        silence.heard(f"varied {n}")
    silence.heard("new")
    assert "new" not in silence._shares
    for _ in range(800):
        silence.heard("s1")
        silence.heard("new")
    assert {"s1", "new"} <= set(silence._shares)


def test_an_order_without_a_sender_ends_the_silence_and_names_nobody() -> None:
    silence = quiet(80)
    silence.heard()
    assert silence.nats == 0.0
    assert silence._shares == {}


def test_a_name_hardly_heard_any_more_gives_way_to_a_new_one() -> None:
    silence = Silence(Traffic(STEADY))
    for n in range(MOST_SENDERS):
        silence.heard(f"s{n}")
    for _ in range(3000):
        silence.heard("s0")
    silence.heard("new")
    assert {"new", "s0"} <= set(silence._shares)
    assert len(silence._shares) == MOST_SENDERS


@pytest.mark.parametrize(("well", "rate"), [(True, (4 * 6 + 0) / 5), (False, 6.0)])
def test_an_hour_in_which_nothing_comes_teaches_only_while_the_path_is_well(
    rate: float, *, well: bool
) -> None:
    silence = Silence(traffic := Traffic(STEADY))
    for minute in range(62):
        silence.passes(60.0 * minute, MONDAY + 60.0 * minute, well=well)
    assert traffic.rates()[0] == pytest.approx(rate)


def test_time_that_was_counted_once_is_not_counted_again() -> None:
    silence = quiet(80)
    silence.passes(40, MONDAY + 40, well=True)
    silence.passes(90, MONDAY + 90, well=True)
    assert silence.nats == pytest.approx(silence_nats(9.0))
