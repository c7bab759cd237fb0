"""Several pairs of nodes side by side, each with its own hospital and database, in processes of their own.

A trial is mostly waiting; side by side the trials take half the time.
"""

import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.faults.ending import Wrong

PAIRS, LEAST_EACH = 3, 4
Pair = Callable[[int, int, Path], dict[str, Any]]
"""Trials, seed, folder to what came of them."""


def side_by_side(name: str, pair: Pair, trials: int, seed: int) -> list[dict[str, Any]]:
    """The trials shared between the pairs, each with a seed of its own. SystemExit if one is wrong."""
    count = max(1, min(PAIRS, trials // LEAST_EACH))
    shares = [trials // count + (number < trials % count) for number in range(count)]
    folders = [Path(tempfile.mkdtemp(prefix=f"remissvakt-{name}-")) for _ in shares]
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        asked = [
            pool.submit(pair, share, seed + number, folder)
            for number, (share, folder) in enumerate(zip(shares, folders, strict=True))
        ]
        wrong = [
            f"seed {seed + number}: {error} (logs in {folders[number]})"
            for number, each in enumerate(asked)
            if isinstance(error := each.exception(), Wrong | AssertionError)
        ]
        if wrong:
            raise SystemExit(f"{name}: {'; '.join(wrong)}")
        return [each.result() for each in asked]


def summed(parts: list[dict[str, Any]]) -> dict[str, int]:
    """The counts of all pairs together."""
    counts = [name for name, value in parts[0].items() if isinstance(value, int)]
    return {name: sum(part[name] for part in parts) for name in counts}
