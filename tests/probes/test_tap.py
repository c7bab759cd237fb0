"""The tap keeps hashes, matches over midnight, and leaves our own orders alone."""

from datetime import UTC, datetime, timedelta

import pytest

from watchdog.clock import SystemClock
from watchdog.hl7.splitter import Message, split
from watchdog.model.observation import Ev, Event
from watchdog.probes.tap import Tap, TapPort, TapSettings, _copy
from watchdog.probes.tap_lines import Copy

PORT = TapPort(port=0, peers=["127.0.0.0/8"])


class Midnight(SystemClock):
    """A clock whose wall time the test moves."""

    def __init__(self) -> None:
        super().__init__()
        self.at = datetime(2026, 11, 20, 23, 59, 50, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


def message(placer: str, sender: str = "VAS", control: str = "NW") -> Message:
    text = (
        f"MSH|^~\\&|{sender}|KLIN1|RIS|X|20261120||ORM^O01|1|P|2.3.1\r"
        f"PID|||191212121212||Secret^Name\rORC|{control}|{placer}\rOBR||{placer}\r"
    )
    return split(text.encode())


def copy(*args: str, **kwargs: str) -> Copy:
    return _copy(message(*args, **kwargs))


@pytest.fixture
def tapped() -> tuple[Tap, list[Event], Midnight]:
    seen: list[Event] = []
    clock = Midnight()

    async def take(event: Event) -> None:
        seen.append(event)

    settings = TapSettings(sent=PORT, arrived=PORT)
    return Tap(settings, secret=b"secret", seen=take, clock=clock), seen, clock


async def test_a_referral_is_matched_by_hash_and_nothing_else_is_kept(tapped) -> None:
    tap, seen, _ = tapped
    await tap._on_sent(copy("R123"))
    assert tap.counts().oldest_missing_s is not None
    await tap._on_arrived(copy("R123", "RIS"))
    assert [event.ev for event in seen] == [Ev.REAL_SENT, Ev.REAL_ARRIVED]
    assert seen[0].id == seen[1].id
    assert seen[0].sender == "VAS/KLIN1"
    everything = repr(seen) + repr(tap._open) + repr(tap._done)
    for secret in ("R123", "191212121212", "Secret"):
        assert secret not in everything
    counts = tap.counts()
    assert (counts.sent, counts.arrived, counts.oldest_missing_s) == (1, 1, None)


async def test_a_referral_sent_before_midnight_is_found_after_it(tapped) -> None:
    tap, seen, clock = tapped
    await tap._on_sent(copy("R1"))
    clock.at += timedelta(hours=2)
    await tap._on_arrived(copy("R1"))
    assert seen[-1].ev is Ev.REAL_ARRIVED
    await tap._on_sent(copy("R1x"))
    first, second = seen[0].id, seen[-1].id
    assert first != second


async def test_told_twice_cancelled_or_ours_is_no_new_referral(tapped) -> None:
    tap, seen, _ = tapped
    await tap._on_sent(copy("R1"))
    await tap._on_sent(copy("R1"))
    await tap._on_sent(copy("R2", control="CA"))
    await tap._on_sent(copy("WD" + "A" * 18))
    await tap._on_arrived(copy("R9"))
    await tap._on_arrived(copy("R1"))
    await tap._on_arrived(copy("R1"))
    assert [event.ev for event in seen] == [Ev.REAL_SENT, Ev.REAL_ARRIVED]
    assert tap.counts().unmatched == 1


async def test_another_day_has_another_key(tapped) -> None:
    tap, _, _ = tapped
    today = tap._today()
    assert tap._hash("R1", today) != tap._hash("R1", today + timedelta(days=1))
