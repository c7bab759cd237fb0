"""A planned window renames a path that is well, and hides nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from watchdog.detection.effective import Effective
from watchdog.errors import Refused
from watchdog.incidents.maintenance import active, checked, published
from watchdog.model.maintenance import Window
from watchdog.model.outage import Reason, State

NOW = datetime(2026, 12, 1, 22, 0, tzinfo=UTC)


def window(start_h: float = 0, hours: float = 2, **more: object) -> Window:
    start = NOW + timedelta(hours=start_h)
    given: dict[str, object] = {
        "id": "w",
        "path": "p",
        "starts_at": start,
        "ends_at": start + timedelta(hours=hours),
        "owner": "Drift Ansvarig",
        "reason": "",
        "by": "test",
    }
    return Window(**{**given, **more})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("state", State)
def test_only_a_path_that_is_well_reads_maintenance(state: State) -> None:
    real = Effective(
        state=state, reason=Reason.ARRIVING, stale=False, valid_for_s=40, expires_mono=9
    )
    told = published(real, window())
    if state is State.NORMAL:
        assert (told.state, told.reason) == (State.MAINTENANCE, Reason.MAINTENANCE)
        assert told.valid_for_s == real.valid_for_s
    else:
        assert told == real
    assert published(real, None) == real


def test_a_window_is_half_open_and_an_overrun_is_outside_it() -> None:
    planned = window()
    assert active([planned], "p", NOW) is planned
    assert active([planned], "p", planned.ends_at) is None
    assert active([planned], "p", NOW - timedelta(seconds=1)) is None
    assert active([planned], "other", NOW) is None
    assert active([window(cancelled_at=NOW)], "p", NOW) is None


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (window(hours=8.1), "8 hours"),
        (window(hours=-1), "before it begins"),
        (window(start_h=-5, hours=2), "over already"),
        (window(owner=" "), "named owner"),
    ],
)
def test_a_window_that_could_hide_something_is_refused(wrong: Window, why: str) -> None:
    with pytest.raises(Refused, match=why):
        checked(wrong, NOW)


def test_a_window_of_eight_hours_is_taken() -> None:
    assert checked(window(hours=8), NOW).owner == "Drift Ansvarig"
