"""What a run has learned of a path, the next one knows."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.support.assembled import PATH, assembled
from watchdog.clock import ManualClock
from watchdog.detection.path import PathDetector
from watchdog.detection.week import WEEK_S
from watchdog.model.observation import cold_profile
from watchdog.model.site import PathConfig
from watchdog.runner.startup import _relearn

MONDAY = datetime(2026, 11, 23, tzinfo=UTC).timestamp()
RATES = [1.0 if hour % 24 < 6 else 10.0 for hour in range(168)]


def fresh(path: PathConfig) -> PathDetector:
    """As it is made where copies of real orders are seen, and how many is known only roughly."""
    profile = cold_profile(path.cadence.interval_s, path.normal_max_s)
    return PathDetector(
        replace(profile, hourly_rate_per_min=(5.0,) * 168, passive="both"), path.cadence
    )


async def test_ages_hours_rates_and_spells_outlive_a_restart(tmp_path: Path) -> None:
    async with assembled(tmp_path, ManualClock(datetime(2026, 11, 23, 9, tzinfo=UTC))) as watcher:
        watch = watcher.watches[PATH]
        watch.detector = before = fresh(watch.config)
        before.traffic.restore(RATES)
        before.arrivals.at(MONDAY, before.traffic.rates, well=True)
        for n in range(3000):
            before.arrivals.add(7.0)
            before.acks.add(0.4)
            before.spells.arrived(60.0 * n, 7.0, 2.0, well=True)
        before.arrivals.at(MONDAY + WEEK_S, before.traffic.rates, well=True)
        before.relearn()
        state = watcher.advance.views.state(watch)

        watch.detector = after = fresh(watch.config)
        _relearn(watch, state)
        assert after.arrivals.snapshot() == before.arrivals.snapshot()
        assert after.arrivals.hours() == before.arrivals.hours()
        assert len(set(after.arrivals.hours())) == 2, "nights are quiet"
        assert after.acks.snapshot() == before.acks.snapshot()
        assert after.traffic.rates() == RATES
        assert after.spells.shares() == before.spells.shares()
        assert after.spells.shares() != fresh(watch.config).spells.shares()

        watch.config = replace(watch.config, cadence=replace(watch.config.cadence, name="another"))
        watch.detector = cold = fresh(watch.config)
        _relearn(watch, state)
        assert cold.arrivals.snapshot() == fresh(watch.config).arrivals.snapshot()
