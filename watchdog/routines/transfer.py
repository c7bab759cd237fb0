"""Ways for images when the usual one is closed, ranked by what the probes see, within the routine.

Each route is the row of systems that it crosses; it can be taken while none of them is down. Only
routes that the routine names exist: Växjö has no detour of its own (S3-51), and what the routine
marks as not working stays so until a person clears it (S2-22, S2-37). Pure.
"""

from collections.abc import Mapping

from watchdog.model.instruction import Moment, RouteNow
from watchdog.model.routine import Route, Routine
from watchdog.model.system import SystemState, SystemStatus
from watchdog.model.text import Text
from watchdog.routines import phrases


def ranked(
    routine: Routine,
    routes: tuple[Route, ...],
    unit: str,
    moment: Moment,
    systems: Mapping[str, SystemStatus],
) -> tuple[RouteNow, ...]:
    """Those that can be taken first; among them the routine's own order."""
    found = [_now(routine, route, unit, moment, systems) for route in routes]
    return tuple(sorted(found, key=lambda route: not route.usable))


def _now(
    routine: Routine,
    route: Route,
    unit: str,
    moment: Moment,
    systems: Mapping[str, SystemStatus],
) -> RouteNow:
    states = [_state(systems, name) for name in route.via]
    broken = [name for name, state in zip(route.via, states, strict=True) if state in _CLOSED]
    checked = SystemState.UNKNOWN not in states
    if route.blocked is not None and route.id in moment.unverified:
        since = route.blocked.since.isoformat()
        reason = phrases.join(route.blocked.reason, phrases.BLOCKED_SINCE.filled(since, since))
        return _as(route, reason, usable=False, checked=True)
    if route.units and unit not in route.units:
        names = [routine.units[name] for name in route.units]
        sv, en = ", ".join(n.sv for n in names), ", ".join(n.en for n in names)
        return _as(route, phrases.ONLY_FOR.filled(sv, en), usable=False, checked=True)
    if broken:
        named = [routine.systems[name].name if name in routine.systems else None for name in broken]
        words = [n or Text(ident, ident) for n, ident in zip(named, broken, strict=True)]
        sv, en = ", ".join(w.sv for w in words), ", ".join(w.en for w in words)
        return _as(route, phrases.IS_DOWN.filled(sv, en), usable=False, checked=True)
    reason = route.reason if checked else phrases.join(route.reason, phrases.NOT_CHECKED)
    return _as(route, reason, usable=True, checked=checked)


_CLOSED = (SystemState.DOWN, SystemState.READ_ONLY)


def _state(systems: Mapping[str, SystemStatus], name: str) -> SystemState:
    return systems[name].state if name in systems else SystemState.UNKNOWN


def _as(route: Route, reason: Text, *, usable: bool, checked: bool) -> RouteNow:
    return RouteNow(
        id=route.id,
        name=route.name,
        usable=usable,
        checked=checked,
        reason=reason,
        source=(*route.source, *(route.blocked.source if route.blocked else ())),
    )
