"""Making and changing the secret file of a webhook: one secret a line, the newest first, two at most."""

import base64
import os
import secrets
from pathlib import Path

from watchdog.errors import Refused
from watchdog.notify.signing import MOST_SECRETS, SEED_BYTES, SHARED, new_pair


def new_secret() -> str:
    """A shared secret, `whsec_…`."""
    return SHARED + base64.b64encode(secrets.token_bytes(SEED_BYTES)).decode()


def renew(file: Path, *, pair: bool) -> str:
    """Put a new secret above the one that the file holds; the public half (`whpk_…`), or empty.

    The file is replaced whole, so that a notice is never signed with half a secret. Refused while it
    holds two: the receiver has not changed over yet.
    """
    try:
        known = file.read_text("ascii").split() if file.exists() else []
        if len(known) >= MOST_SECRETS:
            raise Refused(
                f"{file} holds two secrets already: when the receiver has changed over to the first "
                "line, take the second out, and then change it again."
            )
        secret, public = new_pair() if pair else (new_secret(), "")
        _replace(file, "\n".join((secret, *known)) + "\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise Refused(f"{file} can not be changed: {why}. Nothing was changed.") from None
    return public


def _replace(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        if file.exists():  # who may read it is not ours to change
            found = file.stat()
            os.fchmod(opened.fileno(), found.st_mode & 0o7777)
            if os.geteuid() == 0:
                os.fchown(opened.fileno(), found.st_uid, found.st_gid)
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    new.replace(file)
