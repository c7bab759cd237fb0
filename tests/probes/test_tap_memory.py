"""A tap that nobody asks for its counts forgets all the same."""

from datetime import datetime, timedelta

from watchdog.clock import SystemClock
from watchdog.model.observation import Ev, Event
from watchdog.probes.tap import KEPT_S, MISSING_KEPT_S, Tap, TapSettings
from watchdog.probes.tap_lines import Copy


class Shifted(SystemClock):
    """A clock whose monotonic side the test moves on."""

    ahead = 0.0
    days = 0

    def now(self) -> datetime:
        return super().now() + timedelta(days=self.days)

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


async def nobody(_: Event) -> None:
    """Who is told of each copy."""


async def test_referrals_of_two_days_ago_are_forgotten_though_nobody_asks_for_the_counts() -> None:
    clock, side = Shifted(), {"port": 0, "peers": ["127.0.0.0/8"]}
    settings = TapSettings.model_validate({"sent": side, "arrived": side})
    tap = Tap(settings, secret=b"s" * 32, seen=nobody, clock=clock)

    async def refers(placer: str) -> None:
        copy = Copy(placer=placer, control="NW", sender="VAS")
        await tap._on_sent(copy)
        await tap._on_arrived(copy)

    for number in range(100):
        await refers(f"R{number}")
    clock.ahead = KEPT_S + 1
    await refers("R100")

    assert len(tap._done) == 1


async def test_a_referral_that_is_sent_again_on_another_day_is_the_same_referral() -> None:
    clock, side = Shifted(), {"port": 0, "peers": ["127.0.0.0/8"]}
    settings = TapSettings.model_validate({"sent": side, "arrived": side})
    told: list[Event] = []

    async def tell(event: Event) -> None:
        told.append(event)

    tap = Tap(settings, secret=b"s" * 32, seen=tell, clock=clock)
    for day in range(3):
        clock.days = day
        await tap._on_sent(Copy(placer="R1", control="NW", sender="VAS"))
        await tap._on_arrived(Copy(placer="R1", control="NW", sender="VAS"))
    assert [event.ev for event in told] == [Ev.REAL_SENT, Ev.REAL_ARRIVED]
    assert tap.counts().oldest_missing_s is None


async def test_what_has_not_arrived_is_remembered_for_thirty_days() -> None:
    clock, side = Shifted(), {"port": 0, "peers": ["127.0.0.0/8"]}
    settings = TapSettings.model_validate({"sent": side, "arrived": side})
    tap = Tap(settings, secret=b"s" * 32, seen=nobody, clock=clock)
    await tap._on_sent(Copy(placer="LOST", control="NW", sender="VAS"))
    clock.ahead = 29 * 86400
    kept = tap.counts()
    assert (kept.sent, round(kept.oldest_missing_s or 0)) == (0, 29 * 86400)
    clock.ahead = MISSING_KEPT_S + 1
    assert tap.counts().oldest_missing_s is None


async def test_a_referral_that_comes_out_after_four_weeks_is_missing_no_more() -> None:
    clock, side = Shifted(), {"port": 0, "peers": ["127.0.0.0/8"]}
    settings = TapSettings.model_validate({"sent": side, "arrived": side})
    told: list[Event] = []

    async def tell(event: Event) -> None:
        told.append(event)

    tap = Tap(settings, secret=b"s" * 32, seen=tell, clock=clock)
    stuck = Copy(placer="STUCK", control="NW", sender="VAS")
    await tap._on_sent(stuck)
    clock.days, clock.ahead = 28, 28 * 86400
    await tap._on_sent(stuck)  # asked for again
    await tap._on_arrived(stuck)
    await tap._on_arrived(stuck)  # told twice
    assert [event.ev for event in told] == [Ev.REAL_SENT, Ev.REAL_ARRIVED]
    assert told[0].id == told[1].id
    counts = tap.counts()
    assert (counts.arrived, counts.unmatched, counts.oldest_missing_s) == (1, 0, None)


async def test_no_more_days_keys_are_tried_than_hold_something() -> None:
    clock, side = Shifted(), {"port": 0, "peers": ["127.0.0.0/8"]}
    settings = TapSettings.model_validate({"sent": side, "arrived": side})
    tap = Tap(settings, secret=b"s" * 32, seen=nobody, clock=clock)
    for day in range(60):
        clock.days, clock.ahead = day, day * 86400
        await tap._on_sent(Copy(placer=f"R{day}", control="NW", sender="VAS"))
    assert len(list(tap._marks("R"))) in (30, 31)  # the thirtieth day back ends about now


async def test_the_counts_say_since_when_they_count() -> None:
    clock, side = Shifted(), {"port": 0, "peers": ["127.0.0.0/8"]}
    settings = TapSettings.model_validate({"sent": side, "arrived": side})
    clock.days = -3
    tap = Tap(settings, secret=b"s" * 32, seen=nobody, clock=clock)
    began = clock.now()
    clock.days = 0
    assert abs(tap.counts().since - began) < timedelta(minutes=1)
