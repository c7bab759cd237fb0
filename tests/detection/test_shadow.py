"""A detector that would not fire any more, or that cries wolf, is found out by the shadow path."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from watchdog.detection import shadow
from watchdog.detection.path import PathDetector
from watchdog.model.cadence import FAST
from watchdog.model.observation import Ev, Event
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


def test_a_detector_that_declares_a_healthy_path_does_not_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = PathDetector.tick

    def wolf(self: PathDetector, now: float) -> Iterator[Transition]:
        for transition in whole(self, now):
            yield replace(transition, before=Phase.CLEAR, after=Phase.DECLARED)

    monkeypatch.setattr(PathDetector, "tick", wolf)
    assert shadow.declared_after_s() is None


def test_the_shadow_path_is_well_for_an_hour_and_then_acknowledges_and_delivers_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Event] = []
    whole = PathDetector.observe

    def watched(self: PathDetector, event: Event) -> None:
        seen.append(event)
        whole(self, event)

    monkeypatch.setattr(PathDetector, "observe", watched)
    after = shadow.declared_after_s()
    assert after is not None
    sent = {e.id: e.mono for e in seen if e.ev is Ev.PROBE_SENT}
    assert list(sent) == [f"shadow{n + 1}" for n in range(len(sent))]
    assert sent["shadow1"] == 0.0
    assert max(sent.values()) <= shadow.WELL_S + after
    acked = {e.id: e.mono - sent[e.id] for e in seen if e.ev is Ev.PROBE_ACK}
    assert max(acked.values()) == pytest.approx(0.05)
    assert min(acked.values()) == pytest.approx(0.05)
    arrived = {e.id: e.mono - sent[e.id] for e in seen if e.ev is Ev.PROBE_ARRIVED}
    assert min(arrived.values()) == pytest.approx(2.0)
    assert max(arrived.values()) == pytest.approx(2.0)
    assert set(arrived) == {ident for ident, at in sent.items() if at < shadow.WELL_S}
    controls = [e.mono for e in seen if e.ev is Ev.CONTROL_OK]
    assert controls[0] == 0.0
    gaps = [later - earlier for earlier, later in pairwise(controls)]
    assert min(gaps) >= FAST.control_every_s
    assert max(gaps) <= FAST.control_every_s + FAST.tick_s
