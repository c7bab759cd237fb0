"""Recorded observations in, transitions out: the JSON Lines of the replay format, decoded and run.

Used by `remissvakt replay`, `backtest` and the bench, so that all of them run the detector of the
service. Pure: lines are strings, time is what the lines say. Format: docs/replay.md.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from watchdog.detection.path import PathDetector
from watchdog.errors import RecordingError
from watchdog.model.cadence import CADENCES, Cadence
from watchdog.model.observation import Ev, Event, Profile, cold_profile
from watchdog.model.outage import Transition

KINDS = frozenset(Ev)
STEP_S, SLOW_STEP_S, QUIET_S = 1.0, 60.0, 7200.0
"""Between two lines the detector's own time runs on in steps: of one second, and of a minute after
two hours without a line."""
LONGEST_GAP_S = 400 * 86400.0
COLD_INTERVAL_S, COLD_NORMAL_MAX_S = 30.0, 10.0
CLOCK_STEP_S = 7200.0
"""A wall clock may jump by this much within one run (order-path.md: naive local time)."""


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
        for number, line in _decoded(lines):
            try:
                yield from self._take(line)
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
            cold = cold_profile(COLD_INTERVAL_S, COLD_NORMAL_MAX_S)
            self._paths[path] = (self._made(cold, None, starting=True), now)
        detector, was = self._paths[path]
        _forwards(was, now)
        for moment in _between(was, now):
            yield from ((path, transition) for transition in detector.tick(moment))
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


@dataclass(slots=True)
class Recording:
    """One path of a recording, decoded."""

    profile: Profile
    cadence: Cadence
    events: list[Event] = field(default_factory=list[Event])


def read(lines: Iterable[str]) -> dict[str, Recording]:
    """Every path of a recording; RecordingError names the line."""
    found: dict[str, Recording] = {}
    for number, line in _decoded(lines):
        try:
            path = str(line["path"])
            if line["ev"] == "profile":
                profile = profile_of(line)
                found[path] = Recording(
                    profile, cadence_of(profile.interval_s, line.get("reprobe"))
                )
                continue
            if path not in found:
                cold = cold_profile(COLD_INTERVAL_S, COLD_NORMAL_MAX_S)
                found[path] = Recording(cold, cadence_of(COLD_INTERVAL_S))
            event, events = event_of(line), found[path].events
            if event is not None:
                _forwards(events[-1].mono if events else event.mono, event.mono)
                events.append(event)
        except RecordingError as error:
            raise RecordingError(f"line {number}: {error}") from None
        except (ValueError, KeyError, TypeError) as error:
            raise RecordingError(f"line {number}: {type(error).__name__}: {error}") from None
    return found


def profile_line(
    path: str, profile: Profile, cadence: Cadence, events: Iterable[Event]
) -> Iterator[dict[str, Any]]:
    """The lines of one path as `replay` reads them: its profile, its events, and the end.

    Every restart of a process begins its monotonic clock anew; here it runs on, over the wall time
    between the two, so that ages within a run stay exact.
    """
    events = list(events)
    first = events[0] if events else None
    yield {
        "ev": "profile",
        "path": path,
        "t": round(first.t, 3) if first else 0,
        "mono": 0.0,
        "probe_interval": profile.interval_s,
        "reprobe": cadence.reprobe_s,
        "n": profile.samples,
        "latency_quantiles": {str(q): round(v, 4) for q, v in profile.latency_quantiles},
        "never": profile.never,
        "ack_quantiles": {str(q): v for q, v in profile.ack_quantiles},
        "hard": profile.hard,
        "slow_spells": [list(spell) for spell in profile.slow_spells],
        "hourly_rate_per_min": list(profile.hourly_rate_per_min),
        "passive": profile.passive,
        "budget_years": profile.budget_years,
    }
    before, mono = first, 0.0
    for event in events:
        if before is not None:
            step = event.mono - before.mono
            wall = event.t - before.t
            mono += step if 0 <= step <= max(wall, 0) + CLOCK_STEP_S else max(wall, 0.0)
        before = event
        line = {"ev": event.ev.value, "path": path, "t": round(event.t, 3), "mono": round(mono, 3)}
        for name in ("id", "sender", "code", "scope"):
            if getattr(event, name):
                line[name] = getattr(event, name)
        yield line
    if before is not None:
        yield {"ev": "end", "path": path, "t": round(before.t, 3), "mono": round(mono, 3)}


def _between(was: float, now: float) -> Iterator[float]:
    """The moments at which the detector's timers run between two lines."""
    if now - was > LONGEST_GAP_S:
        raise RecordingError(f"{(now - was) / 86400:.0f} days without a line: split the recording")
    quiet = was + QUIET_S
    while True:
        was += STEP_S if was < quiet else SLOW_STEP_S
        if was >= now:
            return
        yield was


def _forwards(was: float, now: float) -> None:
    if now < was:
        raise RecordingError(f"mono goes back from {was} to {now}")


def _decoded(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
        except ValueError as error:
            raise RecordingError(f"line {number}: {error}") from None
        if not isinstance(line, dict):
            raise RecordingError(f"line {number}: it is no JSON object")
        yield number, line  # pyright: ignore[reportUnknownMemberType]


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
