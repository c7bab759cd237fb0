"""The hospital's own append-only log: the oracle against which the product is judged."""

import json
from pathlib import Path
from typing import Any

from watchdog.clock import Clock


class HospitalLog:
    """One JSON line per thing that happened, flushed at once; kept in memory for tests."""

    def __init__(self, path: Path | None, clock: Clock) -> None:
        self._clock = clock
        self._file = path.open("a", encoding="utf-8") if path is not None else None
        self.lines: list[dict[str, Any]] = []

    def add(self, where: str, event: str, **details: Any) -> None:
        """Log; `where` is engine, ris, fault or webhook."""
        line = {
            "at": self._clock.now().isoformat(),
            "where": where,
            "event": event,
            **details,
        }
        self.lines.append(line)
        if self._file is not None:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()

    def placers(self, where: str, event: str, lane: str | None = None) -> list[str]:
        """Placer numbers of every such line, in order."""
        return [
            str(line["placer"])
            for line in self.lines
            if line["where"] == where
            and line["event"] == event
            and (lane is None or line.get("lane") == lane)
        ]

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
