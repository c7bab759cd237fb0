"""The only reader of environment variables."""

import os
from dataclasses import dataclass
from pathlib import Path

TRUE = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says, once, at start."""

    home: Path
    """Where databases and evidence are written (REMISSVAKT_HOME; default: the working folder)."""
    config: Path
    """The configuration file (REMISSVAKT_CONFIG)."""
    database_url: str | None
    """Overrides `database:` of the configuration (REMISSVAKT_DATABASE_URL)."""
    test_environment: bool
    """REMISSVAKT_TEST_ENVIRONMENT: nothing here is real care; production refuses to start with it."""


def read() -> Settings:
    """The settings of this process."""
    home = Path(os.environ.get("REMISSVAKT_HOME") or Path.cwd())
    return Settings(
        home=home,
        config=Path(os.environ.get("REMISSVAKT_CONFIG") or home / "remissvakt.yaml"),
        database_url=os.environ.get("REMISSVAKT_DATABASE_URL") or None,
        test_environment=os.environ.get("REMISSVAKT_TEST_ENVIRONMENT", "").lower() in TRUE,
    )
