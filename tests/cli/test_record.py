"""`record export`: what replay reads is what the service saw, with all that the service believed."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.support.assembled import PATH
from tests.support.tapped import tapped
from watchdog.cli.check import write_sample
from watchdog.cli.main import built
from watchdog.cli.sample import Sample
from watchdog.clock import SystemClock
from watchdog.detection.replay import Replay
from watchdog.model.observation import Ev, Event
from watchdog.storage import observations
from watchdog.storage.engine import Database
from watchdog.storage.migrate import upgrade

NOW = datetime.now(UTC)
Export = Callable[..., tuple[list[dict[str, Any]], str]]


def seen(ev: Ev, hours_ago: float, ident: str, sender: str = "") -> tuple[str, Event]:
    at = NOW - timedelta(hours=hours_ago)
    return PATH, Event(ev=ev, mono=at.timestamp(), t=at.timestamp(), id=ident, sender=sender)


OBSERVED = [
    # of the older two only the one that did not arrive is still known
    *(seen(Ev.REAL_SENT, 100 + n / 100, f"old{n}", "VAS") for n in range(40)),
    seen(Ev.PROBE_SENT, 99, "p1"),
    seen(Ev.PROBE_ARRIVED, 98.999, "p1"),
    seen(Ev.REAL_SENT, 2, "new", "VAS"),
    seen(Ev.REAL_ARRIVED, 1.999, "new"),
    seen(Ev.PROBE_SENT, 1, "p2"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "remissvakt.yaml"


@pytest.fixture
def export(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Export:
    """The exported lines and what was said beside them; the path has a tap on both sides."""
    monkeypatch.setenv("REMISSVAKT_TEST_ENVIRONMENT", "1")
    url = f"sqlite:///{tmp_path / 'db.sqlite'}"
    monkeypatch.setenv("REMISSVAKT_DATABASE_URL", url)
    write_sample(file, Sample())
    file.write_text(tapped(file.read_text("utf-8"), per_min=3), "utf-8")

    async def store() -> None:
        database = Database(url, SystemClock())
        await upgrade(database)
        await observations.append(database, OBSERVED)
        await database.close()

    asyncio.run(store())

    def run(*words: str) -> tuple[list[dict[str, Any]], str]:
        told = CliRunner().invoke(built(), ["record", "export", *words, "--config", str(file)])
        assert told.exit_code == 0, told.stderr
        return [json.loads(line) for line in told.stdout.splitlines()], told.stderr

    return run


def test_a_path_with_a_tap_is_exported_with_its_rate_from_where_real_orders_are_whole(
    export: Export,
) -> None:
    (profile, *lines), said = export()
    assert (profile["passive"], set(profile["hourly_rate_per_min"])) == ("both", {3.0})
    assert [line.get("id") for line in lines] == ["new", "new", "p2", None]
    assert "the last 48 hours" in said
    assert export("--days", "1")[1] == ""
    assert list(Replay(years=None).run(json.dumps(line) for line in (profile, *lines))) == []


def test_without_real_orders_it_goes_as_far_back_as_was_asked(export: Export) -> None:
    (profile, *lines), said = export("--probes-only")
    assert (profile["passive"], profile["hourly_rate_per_min"]) == ("none", [])
    assert [line.get("id") for line in lines] == ["p1", "p1", "p2", None]
    assert said == ""


@pytest.mark.parametrize(
    ("left", "seen"),
    [("arrived", ["new", "p2", None]), ("none", ["p1", "p1", "p2", None])],
)
def test_what_the_path_does_not_see_any_more_is_left_out(
    export: Export, file: Path, left: str, seen: list[str | None]
) -> None:
    """Real orders whose other end is not seen would look lost."""
    text = file.read_text("utf-8")
    side = "      sent: {port: 0, peers: [127.0.0.0/8]}\n"
    assert side in text
    text = text.replace(side, "")
    if left == "none":
        text = text.replace("    tap:\n      per_min: 3\n", "").replace(
            side.replace("sent", "arrived"), ""
        )
    file.write_text(text, "utf-8")
    (_, *lines), _said = export()
    assert [line.get("id") for line in lines] == seen
