"""A clear against failing probes, carried out where the database has not taken the outage yet."""

from pathlib import Path

import pytest

from tests.support.assembled import PATH, assembled
from tests.support.incidents import an_outage
from watchdog.clock import SystemClock
from watchdog.errors import UnknownIncident
from watchdog.model.outage import Reason

WHY = "The worklist was looked at, and every referral is there."


async def test_an_outage_that_only_the_journal_holds_can_be_overridden(tmp_path: Path) -> None:
    clock = SystemClock()
    async with assembled(tmp_path, clock) as watcher:
        watch = watcher.watches[PATH]
        watch.incident = out = an_outage(clock.now(), path=PATH, site=watch.site.id)
        watch.detector.resume_outage(
            clock.monotonic(), Reason.NOT_ARRIVING, partial=False, sender="", orders=0
        )
        assert await watcher.runtime.incidents.get(out.id) is None
        assert "second person" in await watcher.overriding.override(out.id, "Anna", WHY)
        assert "Cleared by hand" in await watcher.overriding.override(out.id, "Bo", WHY)


async def test_what_neither_memory_nor_the_database_holds_is_no_incident(tmp_path: Path) -> None:
    async with assembled(tmp_path, SystemClock()) as watcher:
        with pytest.raises(UnknownIncident, match="inc_2"):
            await watcher.overriding.override("inc_2", "Anna", WHY)
