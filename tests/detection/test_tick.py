"""What a tick asks of each part, in what order, with which clock, and what a change of phase frees."""

from typing import Any

import pytest

from watchdog.detection.path import PathDetector
from watchdog.model.cadence import FAST
from watchdog.model.observation import Ev, Event, cold_profile
from watchdog.model.outage import Phase, Reason, Transition
from watchdog.model.text import Text

NOW, WALL = 1000.0, 1_790_000_000.0
P = Phase


def change(before: Phase, after: Phase) -> Transition:
    return Transition(
        before=before, after=after, mono=NOW, t=0.0, reason=Reason.SLOW, because=Text("", "")
    )


class Told:
    """A detector whose parts only write down what they are asked."""

    def __init__(self, *changes: Transition, owed: bool = False, phase: Phase = P.CLEAR) -> None:
        self.asked: list[Any] = []
        self.detector = found = PathDetector(cold_profile(30.0, 10.0), FAST, starting=False)
        found.observe(Event(ev=Ev.CONTROL_OK, mono=NOW - 1, t=WALL + NOW - 1))
        found.judge.phase = phase
        script = list(changes)
        self._note(found.arrivals, "at")
        self._note(found._weighing, "set_limits", "weigh")
        self._note(found.silence, "passes")
        self._note(found._finishing, "at", name="finish")
        self._note(found.pacing, "release", "unacked", "vacate")
        self._note(found.proof, "owed", gives=lambda: owed)
        self._note(found.judge, "step", gives=lambda: script.pop(0) if script else None)

    def _note(self, part: Any, *methods: str, name: str = "", gives: Any = lambda: None) -> None:
        for method in methods:

            def asked(*args: Any, _name: str = name or method, **named: Any) -> Any:
                self.asked.append((_name, *args, *named.values()))
                return gives()

            setattr(part, method, asked)

    def vacated(self) -> list[float]:
        self.detector.tick(NOW)
        return [at for name, at, *_ in self.asked if name == "vacate"]


@pytest.mark.parametrize("phase", [P.CLEAR, P.DECLARED])
def test_everything_is_brought_up_to_now_before_the_judge_is_asked(phase: Phase) -> None:
    told = Told(phase=phase)
    finished_s, p99_s = told.detector.finished_s, told.detector.p99_s
    assert told.detector.tick(NOW) == []
    wall = WALL + NOW
    assert told.asked == [
        ("at", wall, told.detector.traffic.rates, phase is P.CLEAR),
        ("set_limits", wall),
        ("passes", NOW, wall, phase is P.CLEAR),
        ("finish", NOW, finished_s),
        ("release", NOW, phase, p99_s),
        ("owed", NOW),
        ("weigh", NOW),
        ("step", NOW, wall),
    ]


def test_an_ack_that_is_owed_makes_the_next_one_a_sign_of_life() -> None:
    told = Told(owed=True)
    told.detector.tick(NOW)
    assert ("unacked",) in told.asked


def test_changes_are_told_in_their_order_and_at_most_three_at_once() -> None:
    steps = [change(P.CLEAR, P.SUSPECTED), change(P.SUSPECTED, P.DECLARED)]
    assert Told(*steps).detector.tick(NOW) == steps
    endless = [change(P.CLEAR, P.SUSPECTED)] * 9
    assert len(Told(*endless).detector.tick(NOW)) == 3


@pytest.mark.parametrize(
    ("before", "after"),
    [(P.UNKNOWN, P.CLEAR), (P.RECOVERING, P.CLEAR), (P.DECLARED, P.SUSPECTED)],
)
def test_a_path_that_is_proven_well_takes_the_places_of_the_lost_orders_back(
    before: Phase, after: Phase
) -> None:
    told = Told(change(before, after))
    assert told.vacated() == [NOW - told.detector.finished_s]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (P.SUSPECTED, P.CLEAR),
        (P.CLEAR, P.SUSPECTED),
        (P.CLEAR, P.UNKNOWN),
        (P.UNKNOWN, P.SUSPECTED),
        (P.SUSPECTED, P.DECLARED),
        (P.DECLARED, P.RECOVERING),
        (P.RECOVERING, P.DECLARED),
    ],
)
def test_no_other_change_gives_a_place_back(before: Phase, after: Phase) -> None:
    assert Told(change(before, after)).vacated() == []
