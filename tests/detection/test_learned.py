"""What a run has learned, put into words and taken again; what is damaged starts careful."""

import json

import pytest

from watchdog.detection.learned import learned, restore, stored
from watchdog.detection.path import PathDetector
from watchdog.model.cadence import FAST
from watchdog.model.observation import cold_profile

COLD = cold_profile(30.0, 5.0)


def taught() -> PathDetector:
    made = PathDetector(COLD, FAST)
    for _ in range(500):
        made.arrivals.add(20.0)
    return made


def test_what_was_put_into_words_is_taken_again() -> None:
    after = PathDetector(COLD, FAST)
    restore(after, stored(json.dumps(learned(taught()))))
    assert after.arrivals.snapshot() == taught().arrivals.snapshot()
    assert after.slow.late_s == pytest.approx(1.2 * after.arrivals.p90_s)


def test_what_an_earlier_version_did_not_learn_is_as_it_begins() -> None:
    known = learned(taught())
    del known["hours"], known["spells"]
    after = PathDetector(COLD, FAST)
    restore(after, stored(json.dumps(known)))
    assert after.arrivals.snapshot() == taught().arrivals.snapshot()
    assert after.spells.shares() == PathDetector(COLD, FAST).spells.shares()


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "[]",
        "null",
        "{",
        "{}",
        *(
            json.dumps({**learned(taught()), key: wrong})
            for key, wrong in (
                ("hours", None),
                ("hours", [[]]),
                ("arrivals", [1.0]),
                ("arrivals", [["a"]]),
                ("acks", [None]),
                ("spells", []),
                ("spells", {"watched": None}),
                ("cadence", 7),
                ("rates", [float("nan")]),
            )
        ),
    ],
)
def test_a_row_that_is_damaged_teaches_nothing_and_stops_nobody(damage: str) -> None:
    after = PathDetector(COLD, FAST)
    restore(after, stored(damage))
    assert learned(after) == learned(PathDetector(COLD, FAST))
