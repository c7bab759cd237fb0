"""The secret that marks our placer numbers: one file, the same for every process of an installation."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from watchdog.errors import Refused

KEY_BYTES = 32


def placer_key(path: Path) -> bytes:
    """The key in the file; made on first use, readable by its owner only.

    Refused if it cannot be read or made, or does not hold 64 hexadecimal digits: with another key
    our own orders would look like somebody else's, and none would be cancelled.
    """
    try:
        if not path.exists():
            _make(path)
        key = bytes.fromhex(path.read_text("ascii").strip())
    except OSError as error:
        raise Refused(
            f"The key of our order numbers ({path}) can neither be read nor made: {error.strerror}. "
            "It belongs to the account of the service: run the command as that account, or name a "
            "folder in `placer_key_file` where it may write."
        ) from None
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise Refused(
            f"The key of our order numbers ({path}) is damaged: it holds {2 * KEY_BYTES} hexadecimal "
            "digits. Copy it from another node or a backup; a new one would not know the orders "
            "that are in the RIS."
        )
    return key


def _make(path: Path) -> None:
    """Whole at once, and never over another's: two nodes may start on one folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".placer-")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()
