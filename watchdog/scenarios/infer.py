"""From looks to the states of systems: one look crosses several, and only together do they tell.

A look that works shows that everything it crosses works. A look that fails accuses what it crosses
and no other look has shown to work; with one accused left it is that one's fault, with several the
fault is unknown between them. Our own blindness accuses nobody. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence

from watchdog.model.system import FAILS, WORKS, Look, Outcome, SystemState, SystemStatus

ENOUGH_LOOKS = 2
"""A system is down after so many failed looks in a row: one lost packet is no outage."""


def states(systems: Iterable[str], looks: Sequence[Look]) -> dict[str, SystemStatus]:
    """The state of each of `systems` from the newest look of every probe."""
    seen_working = _working(looks)
    accused: dict[str, list[tuple[Look, tuple[str, ...]]]] = {}
    for look in looks:
        if look.outcome in FAILS and look.times >= ENOUGH_LOOKS:
            suspects = suspects_of(look, seen_working)
            for system in suspects:
                accused.setdefault(system, []).append((look, suspects))
    found = {system: _status(system, seen_working, accused) for system in systems}
    return {name: _with_looks(status, looks) for name, status in found.items()}


def suspects_of(look: Look, working: Mapping[str, Look]) -> tuple[str, ...]:
    """Who may be at fault for a failed look: those on its way that no other look saw working.

    A refusal or a rejection is the target's own answer: what lies before it carried it there.
    """
    if look.outcome in (Outcome.REFUSED, Outcome.REJECTED):
        return (look.target,)
    on_the_way = [system for system in look.crosses if system not in working]
    if look.target in working:  # another of its functions answers: this one does not
        return tuple(on_the_way) or (look.target,)
    return (*on_the_way, look.target)


def _working(looks: Sequence[Look]) -> dict[str, Look]:
    found: dict[str, Look] = {}
    for look in looks:
        if look.outcome in WORKS:
            for system in (*look.crosses, look.target):
                found.setdefault(system, look)
    return found


def _status(
    system: str,
    working: Mapping[str, Look],
    accused: Mapping[str, list[tuple[Look, tuple[str, ...]]]],
) -> SystemStatus:
    charges = accused.get(system, [])
    certain = [look for look, suspects in charges if len(suspects) == 1]
    if certain:
        return SystemStatus(system=system, state=SystemState.DOWN, because=tuple(certain))
    if system in working:
        return SystemStatus(system=system, state=SystemState.UP, because=(working[system],))
    if charges:
        if _is_common_to_all(system, charges, accused):
            looks = tuple(look for look, _ in charges)
            return SystemStatus(system=system, state=SystemState.DOWN, because=looks)
        others = {name for _, suspects in charges for name in suspects if name != system}
        return SystemStatus(
            system=system,
            state=SystemState.UNKNOWN,
            because=tuple(look for look, _ in charges),
            suspects=tuple(sorted(others)),
        )
    return SystemStatus(system=system, state=SystemState.UNKNOWN)


def _is_common_to_all(
    system: str,
    charges: list[tuple[Look, tuple[str, ...]]],
    accused: Mapping[str, list[tuple[Look, tuple[str, ...]]]],
) -> bool:
    """The nearest thing that several failed looks to different targets share is their cause."""
    targets = {look.target for look, _ in charges}
    if len(targets) < ENOUGH_LOOKS:
        return False
    rivals = [name for name in accused if name != system and _explains(name, charges)]
    return all(_nearer(system, rival, charges) for rival in rivals)


def _explains(name: str, charges: list[tuple[Look, tuple[str, ...]]]) -> bool:
    return all(name in suspects for _, suspects in charges)


def _nearer(system: str, rival: str, charges: list[tuple[Look, tuple[str, ...]]]) -> bool:
    return all(
        suspects.index(system) < suspects.index(rival)
        for _, suspects in charges
        if rival in suspects
    )


def _with_looks(status: SystemStatus, looks: Sequence[Look]) -> SystemStatus:
    """Read-only and slow are what the system's own looks say."""
    own = [look for look in looks if look.target == status.system]
    outcomes = {look.outcome for look in own}
    if status.state is SystemState.UP and Outcome.READ_ONLY in outcomes:
        read_only = tuple(look for look in own if look.outcome is Outcome.READ_ONLY)
        return SystemStatus(system=status.system, state=SystemState.READ_ONLY, because=read_only)
    if status.state is SystemState.UP and Outcome.SLOW in outcomes:
        return SystemStatus(
            system=status.system, state=SystemState.UP, because=status.because, slow=True
        )
    return status
