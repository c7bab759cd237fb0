"""What our own eyes are worth: control probes, and readers that cannot look."""

from watchdog.detection.blindness import Blindness
from watchdog.model.observation import ARRIVALS, Ev, Event


def control(at: float, *, ok: bool, scope: str = "") -> Event:
    ev = Ev.CONTROL_OK if ok else Ev.CONTROL_FAIL
    return Event(ev=ev, t=at, mono=at, scope=scope)


def test_readers_are_blind_at_once_gone_after_two_rounds_and_back_after_one() -> None:
    sight = Blindness(blind_after=2)
    assert not sight.observe(control(1, ok=False, scope=ARRIVALS))
    assert (sight.readers_blind, sight.readers_gone, sight.doubtful) == (True, False, False)
    assert not sight.observe(control(2, ok=False, scope=ARRIVALS))
    assert sight.readers_gone
    assert sight.observe(control(3, ok=True, scope=ARRIVALS)), "what was missed proves nothing"
    assert not sight.readers_blind
    assert not sight.observe(control(4, ok=True, scope=ARRIVALS)), "nothing came back"


def test_one_round_that_failed_is_enough_for_its_end_to_be_news() -> None:
    sight = Blindness(blind_after=2)
    sight.observe(control(1, ok=False, scope=ARRIVALS))
    assert sight.observe(control(2, ok=True, scope=ARRIVALS))


def test_a_control_that_is_told_twice_counts_once() -> None:
    sight = Blindness(blind_after=2)
    failed = control(5, ok=False)
    assert not sight.observe(failed)
    assert not sight.observe(failed)
    assert (sight.doubtful, sight.blind, sight.failed) == (True, False, 1)


def test_blindness_is_doubted_from_the_last_control_that_passed() -> None:
    sight = Blindness(blind_after=2)
    assert sight.sighted_since(0.0), "no control is configured"
    sight.observe(control(1, ok=True))
    sight.observe(control(2, ok=False))
    sight.observe(control(3, ok=False))
    assert (sight.blind, sight.doubted_since) == (True, 1)
    assert not sight.sighted_since(1.0)
    assert sight.observe(control(4, ok=True))
    assert sight.sighted_since(3.9)
    assert not sight.blind


def test_what_has_not_been_looked_for_is_not_missing_yet() -> None:
    sight = Blindness(blind_after=2)
    assert sight.seen_until(50.0) == 50.0, "arrivals are told as they happen"
    sight.looked(42.0)
    assert sight.seen_until(50.0) == 42.0
    assert sight.seen_until(40.0) == 40.0
    sight.observe(control(51, ok=False, scope=ARRIVALS))
    assert sight.seen_until(52.0) == 52.0, "blind readers are another matter"
    sight.looked(None)
    sight.observe(control(53, ok=True, scope=ARRIVALS))
    assert sight.seen_until(54.0) == 54.0


def test_the_first_control_that_fails_begins_the_doubt_and_the_next_that_passes_ends_it() -> None:
    sight = Blindness(blind_after=2)
    for at, ok in ((1, True), (2, False), (3, True)):
        back = sight.observe(control(at, ok=ok))
    assert back, "one failure was enough to freeze the evidence, so its end is news"
    assert not sight.observe(control(4, ok=False))
    assert (sight.doubtful, sight.blind, sight.doubted_since) == (True, False, 3)
    sight.observe(control(5, ok=False))
    assert sight.doubted_since == 3
    assert sight.last_ok == 3
