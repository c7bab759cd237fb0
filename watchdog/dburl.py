"""Database URLs as people write them, with the driver that we use."""

from pathlib import Path


def async_url(url: str) -> str:
    """The configured URL with the asynchronous driver named."""
    for plain, driver in (("sqlite:", "sqlite+aiosqlite:"), ("postgresql:", "postgresql+psycopg:")):
        if url.startswith(plain):
            return driver + url.removeprefix(plain)
    if url.startswith("postgres:"):
        return "postgresql+psycopg:" + url.removeprefix("postgres:")
    return url


def sqlite_file(url: str) -> Path | None:
    """The file that a URL names, with or without the driver; None if it is no SQLite."""
    return Path(url.split("///", 1)[-1]) if url.startswith("sqlite") else None
