"""Quantiles, slopes and verdicts of the longer benches, and the file that they leave behind."""

import json
import math
import os
import platform
import statistics
import subprocess
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HOUR_S = 3600.0
FAILED = 0
"""Instead of a status: the connection broke, or nothing came in time."""
UNDER_LOAD = frozenset({429, 503})
"""Refusals: quick by design, and no answer whose latency counts."""


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` (0 to 1) of them do not exceed; ValueError without any."""
    if not values:
        raise ValueError("nothing was measured")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def delays(seconds: Iterable[float]) -> dict[str, float]:
    """Quantiles in ms of delays in seconds; empty without any."""
    values = sorted(seconds)
    if not values:
        return {}
    shares = {"p50_ms": 0.5, "p99_ms": 0.99, "p999_ms": 0.999, "worst_ms": 1.0}
    return {name: round(quantile(values, share) * 1000, 2) for name, share in shares.items()}


def slope_per_hour(at_s: Sequence[float], values: Sequence[float]) -> float:
    """How fast `values` rise, by least squares, in their own unit per hour."""
    return statistics.linear_regression(at_s, values).slope * HOUR_S


@dataclass(slots=True)
class Seen:
    """Every request: when it was due (s after the beginning), how long it took from then, status."""

    due_s: "array[float]" = field(default_factory=lambda: array("d"))
    took_s: "array[float]" = field(default_factory=lambda: array("d"))
    status: "array[int]" = field(default_factory=lambda: array("h"))
    late_s: "array[float]" = field(default_factory=lambda: array("d"))
    """How late the generator itself was in letting a request go: its own error."""

    def add(self, due_s: float, took_s: float, status: int) -> None:
        self.due_s.append(due_s)
        self.took_s.append(took_s)
        self.status.append(status)

    def between(self, begin_s: float, end_s: float) -> "Seen":
        """Those that were due in that time."""
        part = Seen()
        for due, took, status in zip(self.due_s, self.took_s, self.status, strict=True):
            if begin_s <= due < end_s:
                part.add(due, took, status)
        return part

    def summary(self) -> dict[str, Any]:
        """Counts, and quantiles of every answer that is not a refusal under load (429, 503)."""
        counts = Counter(self.status)
        pairs = zip(self.took_s, self.status, strict=True)
        found: dict[str, Any] = {
            "requests": len(self.status),
            "by_status": {str(status): counts[status] for status in sorted(counts)},
            **delays(took for took, status in pairs if status not in UNDER_LOAD),
        }
        if self.late_s:
            found["generator_late_p99_ms"] = delays(self.late_s)["p99_ms"]
        return found

    def count(self, first: int, last: int) -> int:
        """How many answers have a status in that range, both ends included."""
        return sum(first <= status <= last for status in self.status)


def origin() -> dict[str, Any]:
    """Which source on which machine; a plus after the commit: with changes on top of it.

    The load of the machine at the end: a busy neighbour shows there (1, 5 and 15 minutes, ours included).
    """
    where = Path(__file__).resolve().parents[1]

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=where, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    changed = "+" if git("status", "--porcelain", "--untracked-files=no") else ""
    return {
        "commit": (git("rev-parse", "HEAD") or "not in git") + changed,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def conclude(found: dict[str, Any], held: dict[str, bool], out: Path) -> int:
    """Write the file, print the verdicts, and return the exit code: 1 on a miss or without any."""
    out.parent.mkdir(parents=True, exist_ok=True)
    whole = {**origin(), **found, "held": held}
    out.write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
    for name, good in held.items():
        print(f"{'held  ' if good else 'MISSED'} {name}")
    return 0 if held and all(held.values()) else 1
