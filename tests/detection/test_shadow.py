"""A detector that would not fire any more, or that cries wolf, is found out by the shadow path."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from watchdog.detection import shadow
from watchdog.detection.path import PathDetector
from watchdog.model.cadence import FAST
from watchdog.model.outage import Phase, Transition


def test_the_shadow_path_is_declared_as_a_real_one_would_be() -> None:
    after = shadow.declared_after_s()
    assert after is not None
    assert FAST.interval_s / 2 < after < 4 * FAST.interval_s


def test_a_detector_that_says_nothing_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(_self: PathDetector, _now: float) -> list[Transition]:
        return []

    monkeypatch.setattr(PathDetector, "tick", silent)
    assert shadow.declared_after_s() is None


def test_a_detector_that_suspects_a_healthy_path_does_not_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = PathDetector.tick

    def nervous(self: PathDetector, now: float) -> Iterator[Transition]:
        for transition in whole(self, now):
            yield transition
            if transition.after is Phase.CLEAR:
                yield replace(transition, before=Phase.CLEAR, after=Phase.SUSPECTED)

    monkeypatch.setattr(PathDetector, "tick", nervous)
    assert shadow.declared_after_s() is None
