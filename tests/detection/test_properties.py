"""What holds for every sequence of observations, not only for the faults that we thought of."""

import math
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from watchdog.detection.path import PathDetector
from watchdog.detection.silence import silence_nats
from watchdog.model.cadence import FAST
from watchdog.model.observation import Ev, Event, Profile, cold_profile
from watchdog.model.outage import Phase

PROFILE = cold_profile(30, 10.0)
BUSY = replace(
    PROFILE, hourly_rate_per_min=tuple(1 + h % 24 / 6 for h in range(168)), passive="both"
)
WEEK = 7 * 86400.0

moments = st.lists(
    st.tuples(
        st.floats(0.05, 20),
        st.sampled_from(list(Ev)),
        st.integers(0, 12),
        st.sampled_from(["", "s1", "s2"]),
    ),
    max_size=40,
)


def events(given_: list[tuple[float, Ev, int, str]], wall: float = 1.79e9) -> list[Event]:
    now, out = 0.0, []
    for gap, ev, number, sender in given_:
        now += gap
        id_ = f"{'r' if ev.value.startswith('real') else 'p'}{number}"
        out.append(Event(ev=ev, mono=now, t=wall + now, id=id_, sender=sender))
    return out


def run(
    profile: Profile, seen: list[Event], *, starting: bool = True, twice: bool = False
) -> list[tuple[float, Phase, Phase]]:
    detector = PathDetector(profile, FAST, starting=starting)
    said, now = [], 0.0
    for event in seen:
        while now + 1 < event.mono:
            now += 1
            said += detector.tick(now)
        now = event.mono
        detector.observe(event)
        if twice:
            detector.observe(event)
        said += detector.tick(now)
        assert detector.evidence >= 0
        assert detector.next_probe_at(now) >= 0 or math.isinf(detector.next_probe_at(now))
    return [(t.mono, t.before, t.after) for t in said]


@settings(max_examples=60, deadline=None)
@given(moments, st.booleans())
def test_nothing_is_declared_that_was_not_suspected_first(
    given_: list[tuple[float, Ev, int, str]], starting: bool
) -> None:
    for _, before, after in run(BUSY, events(given_), starting=starting):
        if after is Phase.DECLARED:
            assert before in (Phase.SUSPECTED, Phase.RECOVERING)


@settings(max_examples=40, deadline=None)
@given(moments, st.floats(-1e8, 1e8))
def test_without_a_profile_the_wall_clock_says_nothing(
    given_: list[tuple[float, Ev, int, str]], shift: float
) -> None:
    assert run(PROFILE, events(given_)) == run(PROFILE, events(given_, 1.79e9 + shift))


@settings(max_examples=40, deadline=None)
@given(moments, st.integers(-4, 4))
def test_a_profile_is_a_week_long(given_: list[tuple[float, Ev, int, str]], weeks: int) -> None:
    base = 1.7904e9  # a September without public holidays, four weeks either way
    assert run(BUSY, events(given_, base)) == run(BUSY, events(given_, base + weeks * WEEK))


@settings(max_examples=40, deadline=None)
@given(moments)
def test_an_observation_told_twice_changes_nothing(
    given_: list[tuple[float, Ev, int, str]],
) -> None:
    assert run(BUSY, events(given_)) == run(BUSY, events(given_), twice=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(1, 40), max_size=60))
def test_a_watchdog_that_sees_nothing_at_all_concludes_nothing(gaps: list[float]) -> None:
    now, seen = 0.0, []
    for gap in gaps:
        now += gap
        seen.append(Event(ev=Ev.CONTROL_FAIL, mono=now, t=now))
    phases = {after for _, _, after in run(PROFILE, seen)}
    assert phases <= {Phase.UNKNOWN}


def test_silence_is_worth_less_than_its_expected_count() -> None:
    for expected in (1.0, 10.0, 100.0):
        assert 0 < silence_nats(expected) < expected
