"""When an order that has not come counts as lost or late, and what each finished one teaches."""

import math

import pytest

from watchdog.detection.path import PathDetector
from watchdog.model.cadence import FAST
from watchdog.model.observation import Ev, Event, cold_profile
from watchdog.model.outage import Phase

NOW, WALL = 1000.0, 1_790_000_000.0
LIMIT_S = 40.0


class Path:
    """A detector, orders put into its flight by hand, and the finishing of them."""

    def __init__(self) -> None:
        self.detector = PathDetector(cold_profile(30.0, 10.0), FAST, starting=False)
        self.late_s = self.detector.slow.late_s
        self.finished: list[tuple[str, bool]] = []
        self.detector.partial.finished = lambda order, *, lost: self.finished.append(
            (order.id, lost)
        )

    def put(
        self, ident: str, aged: float, *, real: bool = False, sender: str = "", **more: object
    ) -> "Path":
        """An order that left `aged` seconds ago."""
        order = self.detector.flight.sent(ident, NOW - aged, real=real, sender=sender)
        assert order is not None
        for name, value in more.items():
            setattr(order, name, value)
        return self

    def at(self, now: float = NOW) -> "Path":
        self.detector._finishing.at(now, LIMIT_S)
        return self

    @property
    def slow(self) -> float:
        return self.detector.slow.nats


def blind(path: Path, scope: str = "") -> Path:
    path.detector.observe(Event(ev=Ev.CONTROL_FAIL, mono=NOW - 2, t=WALL, scope=scope))
    return path


def test_an_order_is_lost_at_the_limit_and_arrived_before_it() -> None:
    path = Path().put("lost", LIMIT_S).put("late", 39.9, age=30.0).put("waits", 39.8).at()
    assert path.finished == [("lost", True), ("late", False)]
    assert Path().put("p1", 60.0, age=LIMIT_S).at().finished == [("p1", False)]
    assert Path().put("p1", 60.0, age=LIMIT_S + 0.1).at().finished == [("p1", True)]
    assert Path().put("p1", 1.0, age=math.inf, hard=True).at().finished == [("p1", True)]


def test_on_a_path_that_is_slow_just_now_lateness_is_given_as_many_times_longer() -> None:
    path = Path().put("p1", 2.9 * LIMIT_S)
    path.detector.spells._slowness = math.log(3.0)
    assert path.at().finished == []
    assert path.at(NOW + 0.2 * LIMIT_S).finished == [("p1", True)]


def test_ours_age_only_until_we_looked_and_real_ones_until_now() -> None:
    path = Path().put("ours", 50.0)
    path.detector.sight.looked(NOW - 20)
    assert path.at().finished == []
    path.detector.sight.looked(NOW - 10)
    assert path.at().finished == [("ours", True)]
    real = Path().put("real", 50.0, real=True)
    real.detector.sight.looked(NOW - 20)
    assert real.at().finished == [("real", True)]


def test_an_order_under_way_is_late_once_and_a_younger_one_is_not() -> None:
    path = Path()
    path.put("p1", path.late_s + 0.1).put("p2", path.late_s - 0.1).at()
    once = path.slow
    assert once > 0
    assert path.detector.slow._counted == {"p1"}
    assert path.at().slow == once


def test_one_that_came_or_counts_for_its_sender_alone_is_not_late_under_way() -> None:
    path = Path()
    path.put("first", path.late_s + 3, real=True, sender="s1", age=1.0)
    path.put("other", path.late_s + 2, real=True, sender="s2").at()
    other = path.detector.flight.find("other")
    assert other is not None
    assert (other.of_path, other.of_sender) == (False, True)
    assert path.detector.slow._counted == set()


def test_whether_one_is_late_under_way_is_asked_as_of_the_newest_look() -> None:
    ours = Path()
    ours.put("ours", ours.late_s + 5)
    ours.detector.sight.looked(NOW - 6)
    assert ours.at().slow == 0.0
    real = Path()
    real.put("real", real.late_s + 5, real=True)
    real.detector.sight.looked(NOW - 6)
    assert real.at().slow > 0.0


@pytest.mark.parametrize("scope", ["", "arrivals"])
def test_while_we_do_not_see_nothing_is_late_or_lost(scope: str) -> None:
    path = Path()
    path.put("old", LIMIT_S).put("late", path.late_s + 1)
    blind(path, scope).at()
    assert path.finished == []
    assert path.slow == 0.0
    assert path.detector.slow._counted == set()
    assert [order.id for order in path.detector.flight.open] == ["late"]


def test_what_is_older_than_the_news_teaches_and_accuses_nobody() -> None:
    path = Path().put("old", 50.0)
    path.detector._charts.counts_from = NOW - 49
    assert path.at().finished == []
    path.put("at the limit", 49.0)
    path.detector._charts.counts_from = NOW - 49
    assert path.at().finished == [("at the limit", True)]


def test_a_rejected_order_is_no_loss_while_the_breaker_is_open() -> None:
    path = Path().put("p1", 50.0, age=math.inf, hard=True, rejected=True)
    path.detector.pacing.reject(NOW)
    assert path.at().finished == []
    resumed = Path().put("p1", 50.0, age=math.inf, hard=True, rejected=True)
    assert resumed.at().finished == [("p1", True)]


def learned(path: Path) -> list[float]:
    told: list[float] = []
    path.detector.arrivals.add = told.append
    path.at()
    return told


def test_arrivals_are_learned_and_the_first_of_ours_that_is_lost_but_not_the_second() -> None:
    path = Path().put("p1", 60.0, age=3.0).put("p2", 59.0).put("p3", 58.0)
    assert learned(path) == [3.0, math.inf]
    assert path.detector.proof.own_lost == 2
    real = Path().put("r1", 60.0, real=True).put("r2", 55.0, real=True)
    assert learned(real) == [math.inf, math.inf]
    assert real.detector.proof.own_lost == 0


def test_losses_are_learned_only_while_nothing_speaks_against_the_path() -> None:
    path = Path().put("p1", 60.0, age=3.0).put("p2", 59.0)
    path.detector._charts.evidence = 1.0
    assert learned(path) == [3.0]


def test_only_a_well_path_teaches_or_one_that_has_long_been_slow_and_alive() -> None:
    for phase, slow, told in (
        (Phase.SUSPECTED, False, []),
        (Phase.SUSPECTED, True, [3.0]),
        (Phase.CLEAR, False, [3.0]),
        (Phase.DECLARED, False, []),
    ):
        path = Path().put("p1", 60.0, age=3.0)
        path.detector.judge.phase = phase
        path.detector._charts.learns_slowness = slow
        assert learned(path) == told


def test_an_order_that_counts_for_its_sender_alone_teaches_the_path_nothing() -> None:
    path = Path().put("r1", 60.0, real=True, sender="s1", age=1.0)
    path.put("r2", 59.5, real=True, sender="s2", age=2.0)
    assert learned(path) == [1.0]
    assert path.finished == [("r1", False), ("r2", False)]


def test_learning_moves_what_is_late() -> None:
    path = Path().put("p1", 60.0, age=3.0)
    path.detector.arrivals.p90_s = 50.0
    path.at()
    assert path.detector.slow.late_s == 60.0


def test_what_came_and_is_finished_is_forgotten_and_what_is_lost_may_still_turn_up() -> None:
    path = Path().put("came", 60.0, age=3.0).put("refused", 59.0, age=math.inf).put("lost", 58.0)
    path.at()
    flight = path.detector.flight
    assert flight.find("came") is None
    assert flight.find("refused") is not None
    assert flight.find("lost") is not None


def test_a_refused_order_was_never_under_way_for_long_and_is_late_all_the_same() -> None:
    assert Path().put("p1", 1.0, age=math.inf, hard=True).at().slow > 0.0


def test_one_that_came_after_the_limit_teaches_that_it_did_not_come() -> None:
    assert learned(Path().put("p1", 60.0, age=LIMIT_S + 1)) == [math.inf]


@pytest.mark.parametrize(("sender", "lost"), [("ill", 1), ("well", 0)])
def test_of_one_senders_outage_only_that_senders_losses_break_the_run(
    sender: str, lost: int
) -> None:
    path = Path().put("r1", 50.0, real=True, sender=sender)
    path.detector.judge.phase = Phase.RECOVERING
    path.detector.recovery.start(NOW - 100, partial=True, sender="ill")
    path.detector.recovery.fresh.append(NOW - 60)
    path.at()
    assert path.detector.recovery._lost == lost
