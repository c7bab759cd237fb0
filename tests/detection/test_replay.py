"""Recordings: the same input gives the same bytes; what cannot be played is refused with its line."""

import json
from collections.abc import Iterator

import pytest

from tests.detection.simulated import Path
from watchdog.detection.backtest import Variant, play
from watchdog.detection.path import PathDetector
from watchdog.detection.promise import Known, promise
from watchdog.detection.replay import Replay, profile_line, read, transition_line
from watchdog.errors import RecordingError
from watchdog.model.cadence import FAST, GENTLE, STANDARD
from watchdog.model.observation import Ev, Event, cold_profile
from watchdog.model.outage import Phase


class Recorder(Path):
    """A simulated path that keeps what was seen."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__(FAST, seed, 5.0)
        self.detector = PathDetector(cold_profile(30, 5.0), FAST, starting=False)
        self.seen: list[Event] = []

    def _see(self, ev: Ev, ident: str = "", scope: str = "") -> None:
        self.seen.append(Event(ev=ev, mono=self.now, t=self.wall + self.now, id=ident, scope=scope))
        super()._see(ev, ident, scope)

    def lines(self) -> Iterator[str]:
        for line in profile_line("p", cold_profile(30, 5.0), FAST, self.seen):
            yield json.dumps(line)


@pytest.fixture(scope="session")
def outage() -> Recorder:
    path = Recorder()
    path.run(1500)
    path.fate = lambda _: None
    path.run(2400)
    path.fate = path.healthy
    path.run(3600)
    return path


def replayed(lines: list[str]) -> list[str]:
    return [transition_line(path, t) for path, t in Replay().run(lines)]


def test_a_recording_replayed_says_what_was_said_live(outage: Recorder) -> None:
    live = [t.after for _, t in outage.said]
    again = [json.loads(line)["state"] for line in replayed(list(outage.lines()))]
    assert again == [phase.value for phase in live]
    assert again == ["suspect", "outage", "recovering", "operational"]


def test_the_same_recording_gives_the_same_bytes(outage: Recorder) -> None:
    lines = list(outage.lines())
    assert replayed(lines) == replayed(lines)


def test_two_paths_interleaved_do_not_touch_each_other(outage: Recorder) -> None:
    one = list(outage.lines())
    two = [line.replace('"path": "p"', '"path": "q"') for line in one]
    mixed = [line for pair in zip(one, two, strict=True) for line in pair]
    said = [json.loads(line) for line in replayed(mixed)]
    alone = [json.loads(line) for line in replayed(one)]
    assert [s | {"path": "p"} for s in said if s["path"] == "q"] == alone
    assert [s for s in said if s["path"] == "p"] == alone


def test_unknown_kinds_and_fields_are_ignored(outage: Recorder) -> None:
    lines = list(outage.lines())
    strange = json.dumps({"ev": "moon_phase", "path": "p", "mono": 0.0, "t": 1.0})
    more = [lines[0], strange] + [line[:-1] + ', "new": 1}' for line in lines[1:]]
    with pytest.raises(RecordingError, match=r"line 3: mono goes back"):
        replayed([lines[0], strange.replace("0.0", "9e3"), *lines[1:]])
    assert replayed([m for m in more if m]) == replayed(lines)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("[]", "line 1: it is no JSON object"),
        ("{", "line 1: "),
        ('{"ev": "probe_sent"}', "line 1: KeyError"),
        ('{"ev": "profile", "path": "p"}', "line 1: the profile has no 'probe_interval'"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, why: str) -> None:
    with pytest.raises(RecordingError, match=why.replace("(", r"\(")):
        replayed([line])


def test_a_gap_of_years_is_refused_at_once(outage: Recorder) -> None:
    line = json.dumps({"ev": "control_ok", "path": "p", "mono": 1e9, "t": 1e9})
    with pytest.raises(RecordingError, match="days without a line"):
        replayed([*outage.lines(), line])


def test_a_recording_runs_on_over_a_restart_of_the_process() -> None:
    profile = cold_profile(30, 5.0)
    before = Event(ev=Ev.PROBE_SENT, mono=5000.0, t=1000.0, id="a")
    after = Event(ev=Ev.PROBE_SENT, mono=3.0, t=1060.0, id="b")
    lines = list(profile_line("p", profile, FAST, [before, after]))
    assert [line["mono"] for line in lines] == [0.0, 0.0, 60.0, 60.0]


def test_a_smaller_budget_declares_sooner_and_a_slower_cadence_sends_less(
    outage: Recorder,
) -> None:
    recording = read(list(outage.lines()))["p"]
    strict = play(recording.profile, recording.events, Variant(1000, FAST))
    loose = play(recording.profile, recording.events, Variant(1, FAST))
    slow = play(recording.profile, recording.events, Variant(1000, STANDARD))
    assert len(strict.declared) == len(loose.declared) == len(slow.declared) == 1
    assert loose.declared[0].mono < strict.declared[0].mono <= slow.declared[0].mono
    assert slow.probes < strict.probes
    assert 880 < strict.outage_s < 1100


def test_a_faster_cadence_than_recorded_cannot_be_played(outage: Recorder) -> None:
    recording = read(list(outage.lines()))["p"]
    slow = play(recording.profile, recording.events, Variant(1000, GENTLE))
    assert slow.probes > 0
    gentle = [e for e in recording.events if e.ev is not Ev.PROBE_SENT or int(e.id[1:]) % 10 == 0]
    with pytest.raises(RecordingError, match="cannot be played"):
        play(recording.profile, gentle, Variant(1000, FAST))


def test_the_promise_agrees_with_the_detector(outage: Recorder) -> None:
    told = promise(Known(profile=cold_profile(30, 5.0), cadence=FAST))
    dead = told.busiest
    live = next(t.mono for _, t in outage.said if t.after is Phase.DECLARED) - 1500
    assert dead.dead_median_s / 2 < live < 2 * dead.dead_worst_s
    assert dead.refused_median_s < dead.dead_median_s <= dead.dead_worst_s
    assert told.orders_per_day == 2880
