"""`detection explain` says what the budget means by day and by night, with what the service learned."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.support.assembled import PATH
from tests.support.states import a_path_state
from tests.support.tapped import tapped
from watchdog.cli.check import write_sample
from watchdog.cli.main import built
from watchdog.cli.sample import Sample
from watchdog.clock import SystemClock
from watchdog.config.load import load
from watchdog.detection.learned import learned
from watchdog.detection.path import PathDetector
from watchdog.storage.engine import Database
from watchdog.storage.migrate import upgrade
from watchdog.storage.states import save_state

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path with a tap; the database has not been made yet."""
    monkeypatch.setenv("REMISSVAKT_TEST_ENVIRONMENT", "1")
    monkeypatch.setenv("REMISSVAKT_DATABASE_URL", f"sqlite:///{tmp_path / 'db.sqlite'}")
    made = tmp_path / "remissvakt.yaml"
    write_sample(made, Sample())
    made.write_text(tapped(made.read_text("utf-8"), per_min=3), "utf-8")
    return made


def told(file: Path, *more: str) -> str:
    found = CliRunner().invoke(
        built(), ["detection", "explain", PATH, "--config", str(file), *more]
    )
    assert found.exit_code == 0, found.stderr
    return found.stdout


async def learn(file: Path) -> None:
    """Store what a service has learned: 5 000 orders, and that nights are quiet."""
    config, _ = load(file, test_environment=True)
    detector = PathDetector(config.paths[PATH].profile, config.paths[PATH].cadence)
    detector.traffic.restore([0.2 if hour % 24 < 6 else 8.0 for hour in range(168)])
    for _ in range(5000):
        detector.arrivals.add(0.1)
    database = Database(f"sqlite:///{file.parent / 'db.sqlite'}", SystemClock())
    await upgrade(database)
    state = replace(a_path_state(PATH, NOW), learned=json.dumps(learned(detector)))
    async with database.transaction() as db:
        await save_state(db, state)
    await database.close()


def test_a_service_that_never_ran_has_learned_nothing(file: Path) -> None:
    said = told(file)
    assert "(assumed)" in said
    assert "  at any hour; 3 real orders a minute; limits: outage " in said
    made = {each.name for each in file.parent.iterdir()} | {p.name for p in file.parent.rglob("*")}
    assert "db.sqlite" not in made, "who only asks makes no database"
    assert "placer.key" not in made, "and no key"


def test_what_was_learned_tells_the_busiest_hour_from_the_quietest(file: Path) -> None:
    asyncio.run(learn(file))
    said = told(file)
    assert "(learned from 5000 orders)" in said
    assert "  busiest hour, Mon 06-07 UTC; 8 real orders a minute; limits: outage " in said
    assert "  quietest hour, Mon 00-01 UTC; 0.2 real orders a minute; limits: outage " in said
    plain = json.loads(told(file, "--json"))
    assert plain["busiest"]["outage_nats"] > plain["quietest"]["outage_nats"]
    assert plain["learned_orders"] == 5000


def test_a_database_that_does_not_answer_is_said_and_not_passed_off_as_nothing_learned(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMISSVAKT_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    found = CliRunner().invoke(built(), ["detection", "explain", PATH, "--config", str(file)])
    assert found.exit_code == 0
    assert "cannot be read, so it is left out" in found.stderr
    assert "(assumed)" in found.stdout
