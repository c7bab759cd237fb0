"""What a run has learned, put into words and taken again; what is damaged starts careful."""

import json
from dataclasses import replace

import pytest

from watchdog.detection.learned import learned, restore, stored
from watchdog.detection.path import PathDetector
from watchdog.detection.week import WEEK_S
from watchdog.model.cadence import FAST, STANDARD
from watchdog.model.observation import cold_profile

COLD = cold_profile(30.0, 5.0)


def taught() -> PathDetector:
    made = PathDetector(COLD, FAST)
    for _ in range(500):
        made.arrivals.add(20.0)
    return made


def test_all_that_was_learned_is_put_into_words_and_taken_again() -> None:
    tapped = replace(COLD, passive="both", hourly_rate_per_min=(5.0,) * 168)
    before, after = PathDetector(tapped, FAST), PathDetector(tapped, FAST)
    before.traffic.restore([1.0 if hour % 24 < 6 else 10.0 for hour in range(168)])
    before.arrivals.at(0.0, before.traffic.rates, well=True)
    for n in range(500):
        before.arrivals.add(20.0)
        before.acks.add(0.7)
        before.spells.arrived(60.0 * n, 20.0, 5.0, well=True)
    before.arrivals.at(WEEK_S, before.traffic.rates, well=True)
    assert len(set(before.arrivals.hours())) == 2
    restore(after, stored(json.dumps(learned(before))))
    assert after.arrivals.snapshot() == before.arrivals.snapshot()
    assert after.arrivals.hours() == before.arrivals.hours()
    assert after.acks.snapshot() == before.acks.snapshot()
    assert after.traffic.rates() == before.traffic.rates()
    assert after.spells.snapshot() == before.spells.snapshot()
    assert after.spells.shares() == pytest.approx(before.spells.shares(), rel=1e-6)
    assert after.slow.late_s == pytest.approx(1.2 * after.arrivals.p90_s)
    assert after.slow.late_s > 20
    assert learned(before)["cadence"] == "fast"


def test_what_was_learned_at_another_cadence_is_not_taken() -> None:
    after = PathDetector(COLD, STANDARD)
    restore(after, stored(json.dumps(learned(taught()))))
    assert after.arrivals.snapshot() == PathDetector(COLD, STANDARD).arrivals.snapshot()


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
