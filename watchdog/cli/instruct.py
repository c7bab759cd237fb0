"""remissvakt instruct: what a routine says for a minute, asked without any outage."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import typer

from api.instructions import in_one_language, instruction
from watchdog import settings
from watchdog.cli.context import EXIT_REFUSED, ConfigOption, JsonOption, configured, err, say_json
from watchdog.clock import SystemClock
from watchdog.model.calendar import STOCKHOLM
from watchdog.model.outage import Urgency
from watchdog.model.routine import Audience, Routine
from watchdog.routines import library, plain
from watchdog.routines.select import anyone, instruct

T = TypeVar("T")
UrgencyOption = typer.Option(Urgency.URGENT, "--urgency")
AudienceOption = typer.Option(Audience.ALL, "--audience", help="Whose steps and numbers.")


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command("instruct")
    def _(  # noqa: PLR0917 # pyright: ignore[reportUnusedFunction]
        site: str = typer.Argument(..., help="sas, halland, nal, kronoberg, su, or your own."),
        scenario: str = typer.Argument(..., help="The chapter of the routine."),
        unit: str | None = typer.Option(None, help="The receiving unit (default: the first)."),
        urgency: Urgency = UrgencyOption,
        at: str | None = typer.Option(None, help="ISO 8601; without an offset it is Swedish time."),
        audience: Audience = AudienceOption,
        lang: str = typer.Option("sv", help="sv or en."),
        as_json: bool = JsonOption,
        config: Path | None = ConfigOption,
    ) -> None:
        """Print the instruction of SITE's routine for SCENARIO, this minute or at another."""
        routine = _named(routines(config), site, "site")
        rules = _named(routine.scenarios, scenario, "scenario")
        if unit is not None:
            _named(routine.units, unit, "unit")
        _named({"sv": 1, "en": 1}, lang, "language")
        now = moment(at)
        found = instruct(routine, scenario, anyone(routine, unit), urgency, now, audience=audience)
        if as_json:
            document = instruction(found).model_dump(mode="json")
            say_json(in_one_language({**document, "at": now.isoformat()}, lang))
        else:
            typer.echo(plain.told(found, rules.title, now, lang), nl=False)


def routines(config: Path | None) -> dict[str, Routine]:
    """Those of the configuration if there is one, else the packaged ones."""
    if config is None and not settings.read().config.is_file():
        return library.read(None, {})
    return configured(config)[1]


def moment(at: str | None) -> datetime:
    """`at`, or now. Exit 3 for what is no time."""
    if at is None:
        return SystemClock().now()
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        err.print(f"{at!r} is not a time: write it as 2026-06-18T15:31.", markup=False)
        raise typer.Exit(EXIT_REFUSED) from None
    return (found if found.tzinfo else found.replace(tzinfo=STOCKHOLM)).astimezone(UTC)


def _named(known: Mapping[str, T], name: str, kind: str) -> T:
    if name not in known:
        allowed = ", ".join(known)
        err.print(f"{name!r} is no {kind} here: there are {allowed}.", markup=False)
        raise typer.Exit(EXIT_REFUSED)
    return known[name]
