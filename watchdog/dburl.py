"""Database URLs as people write them, with the driver that we use."""


def async_url(url: str) -> str:
    """The configured URL with the asynchronous driver named."""
    for plain, driver in (("sqlite:", "sqlite+aiosqlite:"), ("postgresql:", "postgresql+psycopg:")):
        if url.startswith(plain):
            return driver + url.removeprefix(plain)
    if url.startswith("postgres:"):
        return "postgresql+psycopg:" + url.removeprefix("postgres:")
    return url
