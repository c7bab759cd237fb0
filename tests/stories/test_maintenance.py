"""A planned window on a running service: entered, shown, exported; an outage inside it is told."""

import asyncio
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from tests.support.world import PATHS, World
from watchdog.model.calendar import STOCKHOLM
from watchdog.simulator.faults import FaultKind


async def _say(folder: Path, *words: str) -> str:
    """The command as a person types it, beside the running service."""
    return await asyncio.to_thread(_run, folder, *words)


def _run(folder: Path, *words: str) -> str:
    command = [sys.executable, "-m", "watchdog", "maintenance", *words]
    done = subprocess.run(
        [*command, "--config", str(folder / "remissvakt.yaml")],
        env={"PATH": "/usr/bin:/bin", "REMISSVAKT_TEST_ENVIRONMENT": "1"},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )
    return done.stdout + done.stderr


async def test_an_outage_inside_a_planned_window_is_told_all_the_same(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        await world.healthy(0.5)
        now = datetime.now(STOCKHOLM)
        start, end = now - timedelta(minutes=1), now + timedelta(hours=1)
        times = ["--from", f"{start:%Y-%m-%dT%H:%M:%S}", "--to", f"{end:%Y-%m-%dT%H:%M:%S}"]
        said = await _say(tmp_path, "add", PATHS["biztalk"], *times, "--owner", "Drift Ansvarig")
        assert "Drift Ansvarig" in said, said
        told = await world.until(lambda t: t["state"] == "maintenance")
        assert told["workflow"]["urgent"] == "electronic"
        calendar = await _say(tmp_path, "export")
        assert "BEGIN:VEVENT" in calendar
        (tmp_path / "in.ics").write_text(calendar, "utf-8")
        assert "1 windows taken in" in await _say(tmp_path, "import", str(tmp_path / "in.ics"))

        await world.breaks(FaultKind.SWALLOW)
        told = await world.until(lambda t: t["workflow"]["urgent"] == "paper_and_fax")
        assert told["state"] == "outage"
        await world.mends()
        await world.state("maintenance")
        ident = (await _say(tmp_path, "list")).split()[0]
        assert "cancelled" in await _say(tmp_path, "cancel", ident)
        await world.state("normal")
