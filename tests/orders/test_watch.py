"""What a path's own orders tell of the RIS beside their arrival: its letters, and its feedback."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from watchdog.model.order import Level
from watchdog.service.watch import FEEDBACK_BEHIND, Watch


@pytest.fixture
def watch() -> Watch:
    nothing = cast("Any", SimpleNamespace())
    return Watch(
        config=nothing,
        site=nothing,
        routine=nothing,
        detector=nothing,
        client=nothing,
        since=nothing,
    )


def test_letters_stay_damaged_until_the_reader_that_showed_it_shows_them_whole(
    watch: Watch,
) -> None:
    watch.reads_text("listener", damaged=None)  # the RIS's own message carries no text of ours
    watch.reads_text("worklist", damaged=True)
    for reader, damaged in (("listener", None), ("listener", False), ("worklist", None)):
        watch.reads_text(reader, damaged=damaged)
        assert watch.text_damaged
    watch.reads_text("worklist", damaged=False)
    assert not watch.text_damaged


def test_a_port_to_which_the_ris_has_told_nothing_is_no_eye(watch: Watch) -> None:
    assert not watch.is_fed_back
    watch.hears_of(Level.E6, first=True)
    assert not watch.is_fed_back
    watch.hears_of(Level.E5, first=False)
    assert watch.is_fed_back
    for _ in range(FEEDBACK_BEHIND):
        watch.hears_of(Level.E6, first=False)  # shown before
        watch.hears_of(Level.E6, first=True)
        assert watch.is_fed_back
    watch.hears_of(Level.E6, first=True)
    assert not watch.is_fed_back
