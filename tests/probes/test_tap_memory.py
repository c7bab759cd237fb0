"""A tap that nobody asks for its counts forgets all the same."""

import pytest

from watchdog.clock import SystemClock
from watchdog.model.observation import Event
from watchdog.probes.tap import KEPT_S, Tap, TapSettings
from watchdog.probes.tap_lines import Copy


class Shifted(SystemClock):
    """A clock whose monotonic side the test moves on."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


async def nobody(_: Event) -> None:
    """Who is told of each copy."""


@pytest.mark.xfail(strict=True, reason="only GET /v1/paths/{id}/real makes a tap forget")
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
