"""Recorded observations in, transitions out: the JSON Lines of the replay format, decoded and run.

Used by `remissvakt replay`, `backtest` and the bench, so that all of them run the detector of the
service. Pure: lines are strings, time is what the lines say. Format: docs/replay.md.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from watchdog.detection.path import PathDetector
from watchdog.errors import RecordingError
from watchdog.model.cadence import CADENCES, Cadence
from watchdog.model.observation import Ev, Event, Profile, cold_profile
from watchdog.model.outage import Transition

KINDS = frozenset(Ev)
STEP_S = 1.0
"""Between two lines the detector's own time runs on in steps of this length, at most."""
COLD_NORMAL_MAX_S = 10.0


def profile_of(line: Mapping[str, Any]) -> Profile:
    """What a `profile` line says; RecordingError names the field that is missing or wrong."""
    try:
        return Profile(
            interval_s=float(line["probe_interval"]),
            samples=float(line["n"]),
            latency_quantiles=_quantiles(line["latency_quantiles"]),
            never=float(line["never"]),
            ack_quantiles=_quantiles(line["ack_quantiles"]),
            hard=float(line["hard"]),
            slow_spells=tuple((float(c), float(w)) for c, w in line["slow_spells"]),
            hourly_rate_per_min=tuple(float(r) for r in line.get("hourly_rate_per_min", ())),
            passive=str(line.get("passive", "none")),
            budget_years=float(line.get("budget_years") or 1000.0),
        )
    except KeyError as error:
        raise RecordingError(f"the profile has no {error}") from None
    except (TypeError, ValueError) as error:
        raise RecordingError(f"the profile has a value of the wrong kind: {error}") from None


def cadence_of(interval_s: float, reprobe_s: float | None = None) -> Cadence:
    """The named cadence of this interval; another interval takes the constants of the nearest."""
    named = min(CADENCES.values(), key=lambda c: abs(c.interval_s - interval_s))
    return replace(named, interval_s=interval_s, reprobe_s=reprobe_s or named.reprobe_s)


def event_of(line: Mapping[str, Any]) -> Event | None:
    """One observation; None for kinds that this version does not know."""
    kind = line["ev"]
    if kind not in KINDS:
        return None
    mono = float(line["mono"] if "mono" in line else line["t"])
    return Event(
        ev=Ev(kind),
        mono=mono,
        t=float(line.get("t", mono)),
        id=str(line.get("id", "")),
        sender=str(line.get("sender", "")),
        code=str(line.get("code", "")),
        scope=str(line.get("scope", "")),
    )


class Replay:
    """One detector per path, each on the time of its own lines."""

    def __init__(self, cadence: Cadence | None = None, years: float | None = None) -> None:
        self._cadence, self._years = cadence, years
        self._paths: dict[str, tuple[PathDetector, float]] = {}

    def run(self, lines: Iterable[str]) -> Iterator[tuple[str, Transition]]:
        """(path, transition), in the order of the lines; RecordingError names the line."""
        for number, text in enumerate(lines, start=1):
            if not text.strip():
                continue
            try:
                line = json.loads(text)
                if not isinstance(line, dict):
                    raise RecordingError("it is no JSON object")  # noqa: TRY301
                yield from self._take(line)  # pyright: ignore[reportUnknownArgumentType]
            except RecordingError as error:
                raise RecordingError(f"line {number}: {error}") from None
            except (ValueError, KeyError, TypeError) as error:
                raise RecordingError(f"line {number}: {type(error).__name__}: {error}") from None

    def _take(self, line: Mapping[str, Any]) -> Iterator[tuple[str, Transition]]:
        path = str(line["path"])
        if line["ev"] == "profile":
            self._paths[path] = (self._made(profile_of(line), line.get("reprobe")), 0.0)
            return
        now = float(line["mono"] if "mono" in line else line["t"])
        if path not in self._paths:
            cold = cold_profile(30.0, COLD_NORMAL_MAX_S)
            self._paths[path] = (self._made(cold, None, starting=True), now)
        detector, was = self._paths[path]
        if now < was:
            raise RecordingError(f"mono goes back from {was} to {now}")
        while was + STEP_S < now:
            was += STEP_S
            yield from ((path, transition) for transition in detector.tick(was))
        event = event_of(line)
        if event is not None:
            detector.observe(event)
        self._paths[path] = (detector, now)
        yield from ((path, transition) for transition in detector.tick(now))

    def _made(
        self, profile: Profile, reprobe: float | None, *, starting: bool = False
    ) -> PathDetector:
        cadence = self._cadence or cadence_of(profile.interval_s, reprobe)
        if self._years is not None:
            profile = replace(profile, budget_years=self._years)
        return PathDetector(profile, cadence, starting=starting)


def transition_line(path: str, transition: Transition) -> str:
    """One line of output; the same transition gives the same bytes."""
    return json.dumps(
        {
            "t": round(transition.t, 3),
            "mono": round(transition.mono, 3),
            "path": path,
            "state": str(transition.after),
            "because": transition.because.en,
        },
        ensure_ascii=False,
    )


def _quantiles(given: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    return tuple(sorted((float(share), float(seconds)) for share, seconds in given.items()))
