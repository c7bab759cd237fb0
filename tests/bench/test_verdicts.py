"""What the load bench lets pass, and what it does not."""

import pytest

from bench import database_stop, flood
from bench.figures import FAILED, Seen


def seen(*slow_s: tuple[float, float], status: int = 200, seconds: int = 30) -> Seen:
    """A hundred requests a second that take 1 ms; from and to `slow_s` they take 60 ms."""
    made = Seen()
    for number in range(seconds * 100):
        due = number / 100
        slow = any(begin <= due < end for begin, end in slow_s)
        made.add(due, 0.06 if slow else 0.001, status)
    return made


def missed(found: dict[str, bool]) -> list[str]:
    return [name for name, good in found.items() if not good]


def stopped(made: Seen, *, down: bool = True) -> list[str]:
    judged = database_stop.judged(made, 30) | {"database_was_seen_down": down}
    return missed(database_stop.held(judged))


def test_a_steady_run_holds() -> None:
    assert stopped(seen()) == []


def test_a_slow_spell_without_the_database_is_missed_though_the_whole_run_holds() -> None:
    # a quarter of a second in 30: under one in a hundred of all, over it of the middle third
    assert stopped(seen((12.0, 12.25))) == ["status 500/s: p99 <= 25 ms without the database"]
    assert stopped(seen((2.0, 2.25))) == []


def test_the_second_of_a_stall_is_named() -> None:
    assert database_stop.slow_seconds(seen((12.0, 12.25), (14.9, 15.1))) == {
        12: 60.0, 14: 60.0, 15: 60.0
    }  # fmt: skip


def test_one_request_that_fails_is_missed() -> None:
    for status, name in ((FAILED, "status: every request answered"), (500, "status: no 5xx")):
        made = seen()
        made.add(1.0, 0.001, status)
        assert stopped(made) == [name]


def test_a_run_whose_database_never_stopped_proves_nothing() -> None:
    assert stopped(seen(), down=False) == ["status: the service missed its database meanwhile"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (503, []),
        (200, []),
        (500, ["flood of forms: nothing else breaks (5xx but 503)"]),
        (FAILED, ["flood of forms: at least 90% of its rate was answered or refused"]),
    ],
)
def test_a_flood_may_be_refused_but_not_broken(status: int, expected: list[str]) -> None:
    good = flood._figures(seen(), seen(seconds=600), 30)
    other = flood._figures(seen(), seen(seconds=600, status=status), 30)
    assert missed(flood.held({"reads": good, "forms": other})) == expected


def test_status_that_waits_beside_a_flood_is_missed() -> None:
    slow = seen()
    for _ in range(60):
        slow.add(5.0, 0.2, 200)
    good = flood._figures(seen(), seen(seconds=600), 30)
    found = flood.held({"reads": flood._figures(slow, seen(seconds=600), 30), "forms": good})
    assert missed(found) == ["flood of reads, 2000/s: status p99 <= 100 ms"]
