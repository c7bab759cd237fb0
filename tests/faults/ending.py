"""How a part of `make faults` ends: what it found, or what was wrong and where that can be read."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any


class Wrong(Exception):
    """What the part is there to show did not hold; the message names the figure."""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def in_folder(
    name: str, part: Callable[[Path], Coroutine[Any, Any, dict[str, object]]]
) -> dict[str, object]:
    """What came of it, in a folder of its own. SystemExit, and the folder stays, if it was wrong."""
    folder = Path(tempfile.mkdtemp(prefix=f"remissvakt-{name}-"))
    try:
        found = asyncio.run(part(folder))
    except (Wrong, AssertionError, TimeoutError) as error:
        raise SystemExit(f"{name} is missed: {error} (logs in {folder})") from None
    say(f"{name}: {found}")
    shutil.rmtree(folder, ignore_errors=True)
    return found
