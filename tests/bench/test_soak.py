"""What the soak calls a leak, and what it does not; which load goes on around it."""

from pathlib import Path

import pytest

from bench.busy import FAULTS, TAPPED, with_tap
from bench.soak import Series, floor_rise, held
from bench.stand import PATHS
from watchdog.cli import sample
from watchdog.cli.check import write_sample
from watchdog.config.load import load
from watchdog.simulator.faults import FaultKind


def series(
    rss_per_h: float = 0, leaked_per_sample: float = 0, tasks: float | None = None
) -> Series:
    """An hour of samples; the first third warms up steeply; a fault opens ten more now and then."""
    made = Series()
    for number in range(360):
        at = number * 10.0
        warm = min(at, 1200) / 10
        files = 50 + int(number * leaked_per_sample) + (10 if number % 12 < 6 else 0)
        made.add(at, 100 + warm + rss_per_h * at / 3600, files, 20, tasks)
    return made


def verdict(made: Series) -> dict[str, bool]:
    return held(
        {
            "judged": made.judged(),
            "status": {"failed": 0, "errors_5xx": 0},
            "load_that_broke_off": [],
            "outages_seen": True,
            "normal_at_the_end": True,
        }
    )


def test_a_service_that_only_warms_up_and_copes_with_faults_holds() -> None:
    assert series().judged()["rss_mib_per_h"] == pytest.approx(0)
    assert all(verdict(series()).values())


def test_a_service_that_grows_by_five_mebibytes_an_hour_is_missed() -> None:
    found = verdict(series(rss_per_h=5))
    assert [name for name, good in found.items() if not good] == ["memory rises at most 4 MiB/h"]


def test_a_service_that_loses_one_descriptor_in_two_minutes_is_missed() -> None:
    found = verdict(series(leaked_per_sample=1 / 12))
    missed = [name for name, good in found.items() if not good]
    assert missed == ["descriptors are flat (floor rises by at most 2)"]


def test_tasks_are_judged_once_the_service_counts_them() -> None:
    assert not any(name.startswith("tasks") for name in verdict(series()))
    assert verdict(series(tasks=30))["tasks are flat (floor rises by at most 2)"]


def test_a_run_that_is_too_short_to_have_a_slope_is_refused() -> None:
    made = Series()
    for number in range(10):
        made.add(number * 10.0, 100, 50, 20, None)
    with pytest.raises(ValueError, match="10 samples are too few"):
        made.judged()


def test_a_floor_is_the_least_of_a_quarter() -> None:
    assert floor_rise([9, 3, 8, 8, 8, 8, 5, 9]) == 2


def test_the_tap_is_on_the_path_that_it_names(tmp_path: Path) -> None:
    file = tmp_path / "remissvakt.yaml"
    write_sample(file, sample.Sample(secrets="secrets"))
    text = with_tap(sample.text(sample.Sample(secrets="secrets")), {"sent": 4001, "arrived": 4002})
    file.write_text(text, "utf-8")
    config, _ = load(file, test_environment=True)
    taps = {name: path.tap for name, path in config.paths.items()}
    tap = taps.pop(PATHS[TAPPED])
    assert list(taps.values()) == [None]
    assert tap is not None
    assert tap.sent is not None
    assert (tap.sent.port, tap.arrived.port) == (4001, 4002)


def test_every_fault_that_ends_by_itself_takes_its_turn() -> None:
    assert set(FAULTS) == {kind.value for kind in FaultKind} - {"none", "nak"}
