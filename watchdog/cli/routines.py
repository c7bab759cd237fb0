"""remissvakt routines check | show | diff: the routine files, before an outage needs them."""

import difflib
from pathlib import Path

import typer

from watchdog import settings
from watchdog.cli.context import (
    EXIT_CONFIG,
    EXIT_REFUSED,
    ConfigOption,
    JsonOption,
    configured,
    err,
    out,
    say_json,
)
from watchdog.clock import SystemClock
from watchdog.errors import ConfigError
from watchdog.model.routine import Routine
from watchdog.model.site import Config
from watchdog.routines import library, phrases
from watchdog.routines.check import Finding, Level, check, texts
from watchdog.routines.parse import parse

app = typer.Typer(help="The downtime routines as data.", no_args_is_help=True)
FilesArgument = typer.Argument(None, help="Routine files; none: those in use.")
MOST_FILE = 256 * 1024


def register(main: typer.Typer) -> None:
    """Add the commands, as `routines …`."""
    main.add_typer(app, name="routines")


@app.command("check")
def check_(
    files: list[Path] | None = FilesArgument,
    as_json: bool = JsonOption,
    config: Path | None = ConfigOption,
) -> None:
    """Validity, odd numbers, gaps and translations. Exit 3 if an answer would be wrong."""
    found: list[Finding] = []
    now = SystemClock().now()
    settings_of, routines = _in_use(config)
    if files:
        routines = {path.stem: _read(path) for path in files}
    for site, routine in sorted(routines.items()):
        systems = (
            [s.stands_for for s in settings_of.systems.values() if s.site == site]
            if settings_of
            else []
        )
        found += check(routine, now, frozenset(systems))
    if as_json:
        say_json([{"site": f.site, "level": f.level, "what": f.what} for f in found])
    else:
        for finding in found:
            out.print(str(finding), markup=False)
        errors = sum(finding.level is Level.ERROR for finding in found)
        warnings = len(found) - errors
        out.print(f"{len(routines)} routines: {errors} errors, {warnings} to look at")
    if any(finding.level is Level.ERROR for finding in found):
        raise typer.Exit(EXIT_REFUSED)


@app.command("show")
def show(site: str = typer.Argument(...), config: Path | None = ConfigOption) -> None:
    """A routine as it was read: identity, units, numbers with their oddities, chapters."""
    routines = _in_use(config)[1]
    if site not in routines:
        err.print(
            f"{site!r} is no site here: there are {', '.join(sorted(routines))}.", markup=False
        )
        raise typer.Exit(EXIT_REFUSED)
    out.print("\n".join(_shown(routines[site])), markup=False)


@app.command("diff")
def diff(old: Path = typer.Argument(...), new: Path = typer.Argument(...)) -> None:  # noqa: B008
    """What a person would read differently in NEW. Exit 1 if anything."""
    before, after = _spelled(_read(old)), _spelled(_read(new))
    changed = list(difflib.unified_diff(before, after, str(old), str(new), lineterm="", n=0))
    out.print("\n".join(changed) if changed else "no difference", markup=False)
    if changed:
        raise typer.Exit(1)


def _in_use(config: Path | None) -> tuple[Config | None, dict[str, Routine]]:
    if config is None and not settings.read().config.is_file():
        return None, library.read(None, {})
    return configured(config)


def _read(path: Path) -> Routine:
    """A routine file. Exit 2 with every problem."""
    try:
        with path.open("rb") as file:
            text = file.read(MOST_FILE + 1).decode("utf-8")
        return parse(text, str(path))
    except (OSError, UnicodeDecodeError) as error:
        err.print(f"{path}: cannot be read as text ({error})", markup=False)
    except ConfigError as error:
        for problem in error.problems:
            err.print(str(problem), markup=False)
    raise typer.Exit(EXIT_CONFIG)


def _shown(routine: Routine) -> list[str]:
    identity = f"{routine.document_id or 'no document id'}, version {routine.version or 'unknown'}"
    valid = f"valid {routine.valid_from or '?'} to {routine.valid_to or '?'}"
    lines = [f"{routine.title.sv}", f"{identity}, {valid}", "units:"]
    lines += [f"  {name}: {unit.sv}" for name, unit in routine.units.items()]
    lines.append("numbers:")
    for contact in routine.contacts:
        odd = "".join(f" ! {phrases.FLAGS[flag].sv}" for flag in contact.flags)
        facts = ", ".join(contact.source)
        lines.append(f"  {contact.kind} {contact.number} – {contact.purpose.sv} [{facts}]{odd}")
    lines.append("chapters:")
    lines += [f"  {name}: {rules.headline.sv}" for name, rules in routine.scenarios.items()]
    lines += [f"not said: {statement.text.sv}" for statement in routine.unsaid]
    lines += [f"odd: {statement.text.sv}" for statement in routine.flags]
    return lines


def _spelled(routine: Routine) -> list[str]:
    """Everything that a person reads, one line each."""
    document = (routine.document_id, routine.version, routine.valid_from, routine.valid_to)
    lines = [f"document: {' '.join(map(str, document))}"]
    lines += [f"{c.id}: {c.number} {c.hours.span} {c.hours.until or ''}" for c in routine.contacts]
    for name, rules in routine.scenarios.items():
        ways = ", ".join(f"{urgency} {way}" for urgency, way in rules.workflow.items())
        lines.append(f"{name}: {ways}; images {', '.join(rules.images.where)}")
    for path, text in texts(routine):
        lines += [f"{path} sv: {text.sv}", f"{path} en: {text.en}"]
    return lines
