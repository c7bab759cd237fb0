"""Does every name in a routine file stand for something in the same file?"""

from collections.abc import Iterable, Iterator

from watchdog import yamltext
from watchdog.errors import Problem
from watchdog.routines.schema import HoursFile, RoutineFile, ScenarioFile, StatementFile

Path = tuple[str | int, ...]
Found = Iterator[tuple[Path, str]]


def dangling(shape: RoutineFile, lines: yamltext.Lines, file: str) -> list[Problem]:
    """Names that stand for nothing, ids that stand twice, hours that say too little or too much."""
    found = [*_contacts(shape)]
    for name, scenario in shape.scenarios.items():
        found += _scenario(shape, ("scenarios", name), scenario)
    for name, causes in shape.causes.items():
        for index, cause in enumerate(causes):
            base = ("causes", name, index, "systems")
            found += _each(cause.systems, shape.systems, base)
    return [
        Problem(file, yamltext.line_of(path, lines), f"{'.'.join(map(str, path))}: {message}")
        for path, message in found
    ]


def _contacts(shape: RoutineFile) -> Found:
    seen: set[str] = set()
    for index, contact in enumerate(shape.contacts):
        base: Path = ("contacts", index)
        if contact.unit is not None:
            yield from _known(contact.unit, shape.units, (*base, "unit"))
        if contact.id in seen:
            yield (*base, "id"), f"{contact.id!r} stands twice"
        seen.add(contact.id)
        yield from _hours(contact.hours, (*base, "hours"))
        yield from _each(contact.scenarios, shape.scenarios, (*base, "scenarios"))


def _hours(hours: HoursFile, path: Path) -> Found:
    if hours.span.value == "clock" and not (hours.start and hours.until):
        yield path, "span clock needs start and until"
    if hours.span.value in ("always", "unstated") and (hours.start or hours.until):
        yield path, f"span {hours.span.value} has no start or until"


def _scenario(shape: RoutineFile, base: Path, scenario: ScenarioFile) -> Found:
    yield from _each(scenario.forms, shape.forms, (*base, "forms"))
    if scenario.causes is not None:
        yield from _known(scenario.causes, shape.causes, (*base, "causes"))
    if scenario.fax_to is not None:
        yield from _known(scenario.fax_to, shape.units, (*base, "fax_to"))
    routes: set[str] = set()
    for index, route in enumerate(scenario.routes):
        at: Path = (*base, "routes", index)
        yield from _each(route.via, shape.systems, (*at, "via"))
        yield from _each(route.units, shape.units, (*at, "units"))
        if route.id in routes:
            yield (*at, "id"), f"{route.id!r} stands twice"
        routes.add(route.id)
    for name in ("steps", "already_sent", "recovery", "on_form", "first_actions", "unsaid"):
        statements: list[StatementFile] = getattr(scenario, name)
        for index, statement in enumerate(statements):
            at = (*base, name, index)
            yield from _each(statement.units, shape.units, (*at, "units"))
            if statement.hours is not None:
                yield from _hours(statement.hours, (*at, "hours"))
            if not statement.source and not statement.ours:
                yield (*at, "source"), "names no fact: give one, or say `ours: true`"


def _each(names: Iterable[str], known: Iterable[str], path: Path) -> Found:
    for index, name in enumerate(names):
        yield from _known(name, known, (*path, index))


def _known(name: str, known: Iterable[str], path: Path) -> Found:
    allowed = sorted(known)
    if name not in allowed:
        yield path, f"{name!r} is not one of {', '.join(allowed) or 'none: there are none'}"
