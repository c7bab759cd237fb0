"""The detector on simulated paths: speed, sobriety, and what must never happen."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.detection.simulated import Path
from watchdog.model.cadence import BENCH, FAST, GENTLE, STANDARD, Cadence
from watchdog.model.observation import Ev, Event
from watchdog.model.outage import Phase, Reason

P = Phase


def learned(seed: int = 1, cadence: Cadence = BENCH) -> Path:
    path = Path(cadence, seed, 0.2 if cadence is BENCH else cadence.interval_s / 6)
    path.run(30 * cadence.interval_s)
    assert path.phases() == [P.CLEAR]
    return path


@pytest.mark.parametrize("seed", range(10))
def test_a_dead_path_is_declared_within_seconds_at_bench_cadence(seed: int) -> None:
    path = learned(seed)
    path.fate = lambda _: None
    path.run(40)
    declared = next(at for at, t in path.said if t.after is P.DECLARED)
    assert declared - 30 < 3.0


@pytest.mark.parametrize(
    ("cadence", "within"),
    [(FAST, 90), (STANDARD, 150), (GENTLE, 700)],
    ids=["fast", "standard", "gentle"],
)
def test_a_dead_path_is_declared_in_time_at_each_cadence(cadence: Cadence, within: float) -> None:
    path = learned(3, cadence)
    start = path.now
    path.fate = lambda _: None
    path.run(start + 2 * within)
    declared = next(at for at, t in path.said if t.after is P.DECLARED)
    assert declared - start < within


def test_copies_of_real_orders_do_not_prove_that_ours_reach_the_ris() -> None:
    path = learned(cadence=GENTLE)
    path.fate, last = (lambda _: None), path.detector.proven
    for number in range(400):  # ours are lost; of twelve real ones a minute the engine sends copies
        for ev in (Ev.REAL_SENT, Ev.REAL_ARRIVED):
            path.later(path.now + 1.0, ev, f"r{number}")
        path.run(path.now + 5.0)
    detector = path.detector
    assert detector.life is not None
    assert detector.life > path.now - 10
    assert detector.proven == last  # so `normal` ends with its evidence
    detector.pacing.stopped = True  # nothing of ours is to be seen now
    assert detector.proven == detector.life


def test_a_healthy_path_is_never_even_suspected() -> None:
    path = learned()
    path.run(600)
    assert path.phases() == [P.CLEAR]
    assert path.sent <= 601 * 1.05


def test_one_lost_order_is_no_outage() -> None:
    path = learned()
    path.fate = lambda _: None
    path.run(path.now + 0.99)
    path.fate = path.healthy
    path.run(path.now + 30)
    assert P.DECLARED not in path.phases()


def test_nothing_is_declared_without_being_suspected_first() -> None:
    path = learned()
    path.refuses = True
    path.run(40)
    phases = path.phases()
    assert phases[phases.index(P.DECLARED) - 1] is P.SUSPECTED


def test_a_backlog_that_drains_is_recovering_until_it_is_quiet() -> None:
    path = learned()
    path.fate = lambda sent: 40 - sent + 0.02 * path.sent  # held until 40, then one by one
    path.run(40)
    path.fate = path.healthy
    path.run(50)
    assert path.phases()[-3:] == [P.DECLARED, P.RECOVERING, P.CLEAR]
    cleared = path.said[-1][0]
    assert cleared > 40 + BENCH.recovery_span_s


def test_one_lucky_order_does_not_end_an_outage() -> None:
    path = learned()
    path.fate = lambda _: None
    path.run(40)
    path.fate = lambda sent: 0.05 if 40.0 <= sent < 40.25 else None
    path.run(45)
    assert path.phases()[-1] is P.DECLARED
    assert P.CLEAR not in path.phases()[1:]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("share", [0.5, 0.7])
def test_a_path_that_loses_a_share_is_declared_and_not_cleared_early(
    seed: int, share: float
) -> None:
    path = learned(seed)
    healthy = path.healthy
    path.fate = lambda sent: None if path.chance.random() < share else healthy(sent)
    path.run(70)
    assert P.DECLARED in path.phases()
    assert P.CLEAR not in path.phases()[1:]
    path.fate = healthy
    path.run(120)
    assert path.phases()[-1] is P.CLEAR


def test_slow_orders_are_suspected_and_not_declared() -> None:
    path = learned()
    path.fate = lambda _: path.chance.uniform(0.3, 0.6)
    path.run(60)
    assert path.detector.reason is Reason.SLOW
    assert P.DECLARED not in path.phases()


def test_the_first_rejection_stops_sending_until_a_person_resumes() -> None:
    path = learned()
    sent = path.sent
    path.naks = True
    path.run(50)
    assert path.sent == sent + 1
    assert path.phases()[-1] is P.SUSPECTED
    assert path.detector.reason is Reason.PROBE_REJECTED
    path.naks = False
    path.detector.pacing.resume()
    path.run(60)
    assert path.phases()[-1] is P.CLEAR


def test_orders_that_never_left_are_no_evidence_and_hold_no_place() -> None:
    path = learned()
    begun = path.now
    for n in range(20):  # each was about to leave when the path was stopped
        ident = f"held{n}"
        path.detector.observe(Event(ev=Ev.PROBE_SENT, mono=path.now, t=0.0, id=ident))
        path.detector.withdraw(ident, path.now)
        path.detector.withdraw("never heard of", path.now)
    assert list(path.detector.flight.open) == []
    assert list(path.detector.proof.missing) == []
    path.detector.pacing.stopped = True
    path.run(begun + 2 * path.cadence.overdue_s)
    assert path.phases() == [P.CLEAR]


def test_blind_controls_are_unknown_and_never_an_outage() -> None:
    path = learned()
    path.control_ok, path.refuses = False, True
    path.run(60)
    assert path.phases()[-1] is P.UNKNOWN
    assert P.DECLARED not in path.phases()
    path.control_ok, path.refuses = True, False
    path.run(80)
    assert path.phases()[-1] is P.CLEAR


def test_blind_readers_with_a_well_send_side_are_unknown() -> None:
    path = learned()
    path.fate = lambda _: None
    path.reader(blind=True)
    path.run(path.now + 0.1)
    path.reader(blind=True)
    path.run(45)
    assert path.phases()[-1] is P.UNKNOWN
    assert P.DECLARED not in path.phases()


def test_blind_readers_and_a_closed_port_are_an_outage() -> None:
    path = learned()
    path.reader(blind=True)
    path.reader(blind=True)
    path.refuses = True
    path.run(45)
    assert P.DECLARED in path.phases()


def test_at_most_the_open_limit_waits_before_an_outage_and_one_scout_in_it() -> None:
    path = learned()
    path.fate = lambda _: None
    most = 0
    while path.now < 45:
        path.run(path.now + 0.05)
        limit = BENCH.open_limit + (path.detector.phase is P.DECLARED)
        most = max(most, path.detector.pacing.open)
        assert path.detector.pacing.open <= limit
    assert most == BENCH.open_limit + 1


@pytest.mark.parametrize("cadence", [BENCH, FAST, STANDARD, GENTLE], ids=lambda each: each.name)
def test_after_an_outage_whose_orders_never_came_the_path_is_probed_as_before(
    cadence: Cadence,
) -> None:
    path = learned(cadence=cadence)
    path.fate = lambda _: None
    while len(path.detector.pacing._places) <= cadence.open_limit:
        path.run(path.now + cadence.tick_s)
    path.fate = path.healthy
    while path.detector.phase is not P.CLEAR:
        path.run(path.now + cadence.tick_s)
    end, oldest = path.now + 10 * cadence.interval_s, 0.0
    while path.now < end:
        path.run(path.now + cadence.tick_s)
        assert path.detector.life is not None
        oldest = max(oldest, path.now - path.detector.life)
    assert oldest <= cadence.evidence_limit(path.detector.p99_s)
    assert path.detector.phase is P.CLEAR


@pytest.mark.parametrize("cadence", [BENCH, STANDARD, GENTLE], ids=lambda each: each.name)
def test_a_path_full_of_an_earlier_runs_orders_is_proven_all_the_same(cadence: Cadence) -> None:
    path = Path(cadence, 1, 0.2 if cadence is BENCH else cadence.interval_s / 6)
    for number in range(cadence.open_limit + 2):
        path.detector.inherit(f"old{number}", path.now)
    most = 0
    while path.now < 4 * cadence.interval_s:
        path.run(path.now + cadence.tick_s)
        most = max(most, path.detector.pacing.open)
    assert P.CLEAR in path.phases()
    assert most <= cadence.open_limit + 3  # what was inherited, and one that goes beyond


def test_orders_of_an_incident_are_capped() -> None:
    path = learned(1, replace(FAST, orders_per_incident=40))
    path.fate = lambda _: None
    path.run(path.now + 3600)
    assert path.detector.pacing.in_incident == 40


@pytest.mark.parametrize("cadence", [BENCH, FAST, STANDARD], ids=["bench", "fast", "standard"])
@pytest.mark.parametrize("times", [1.1, 3.0, 30.0])
def test_a_pause_of_our_own_is_not_silence_of_the_path(cadence: Cadence, times: float) -> None:
    path = learned(cadence=cadence)
    path.fate = lambda _: None  # orders are under way when we are paused ...
    while len(path.detector.proof.missing) < 5:
        path.run(path.now + cadence.tick_s)
    path.fate = path.healthy
    path.pause(times * cadence.evaluation_limit_s)  # ... for longer than anybody may believe us
    path.run(path.now + 10 * cadence.interval_s)
    assert P.DECLARED not in path.phases()


@settings(max_examples=30, deadline=None)
@given(st.floats(-1e7, 1e7), st.integers(0, 5))
def test_shifting_wall_time_changes_nothing(shift: float, seed: int) -> None:
    def told(wall: float) -> list[tuple[float, Phase]]:
        path = Path(BENCH, seed)
        path.wall = wall
        path.run(10)
        path.fate = lambda _: None
        path.run(15)
        path.fate = path.healthy
        path.run(22)
        return [(at, t.after) for at, t in path.said]

    assert told(1_790_000_000.0) == told(1_790_000_000.0 + shift)


def test_arrivals_told_twice_change_nothing() -> None:
    one, two = learned(4), learned(4)
    for path, repeats in ((one, 1), (two, 3)):
        for n in range(20):
            at = path.now + 0.001 * n
            path.detector.observe(Event(ev=Ev.PROBE_SENT, mono=at, t=at, id=f"x{n}"))
            for _ in range(repeats):
                event = Event(ev=Ev.PROBE_ARRIVED, mono=at + 0.05, t=at, id=f"x{n}")
                path.detector.observe(event)
        path.detector.tick(path.now + 5)
    assert one.detector.arrivals.samples == two.detector.arrivals.samples
    assert one.detector.slow.nats == two.detector.slow.nats
