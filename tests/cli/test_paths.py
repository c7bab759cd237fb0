"""Commands that ask for a path refuse a name that there is not, and say which there are."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from watchdog.cli.check import write_sample
from watchdog.cli.main import built
from watchdog.cli.sample import Sample


@pytest.mark.parametrize(
    "command",
    [
        ("record", "hours", "--path", "no-such"),
        ("record", "export", "--path", "no-such"),
        ("orders", "reconcile", "no-such"),
        ("detection", "explain", "no-such"),
        ("probe", "no-such"),
    ],
    ids=" ".join,
)
def test_a_path_that_is_not_configured_is_refused_by_name(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMISSVAKT_TEST_ENVIRONMENT", "1")
    monkeypatch.setenv("REMISSVAKT_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'db.sqlite'}")
    file = tmp_path / "remissvakt.yaml"
    write_sample(file, Sample())
    told = CliRunner().invoke(built(), [*command, "--config", str(file)])
    assert told.exit_code == 3
    assert "No path is called no-such: there are " in told.stderr
    assert not told.stdout
