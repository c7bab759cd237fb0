"""Text of a routine file to a Routine; errors name file, line and what is allowed."""

from datetime import time
from typing import Any

from watchdog import yamltext
from watchdog.errors import ConfigError, Problem
from watchdog.model.outage import Urgency
from watchdog.model.routine import (
    AssumedHours,
    Contact,
    ContactKind,
    Form,
    Hours,
    Images,
    Reports,
    Route,
    Routine,
    ScenarioRules,
    Statement,
)
from watchdog.model.text import Text
from watchdog.routines.numbers import describe
from watchdog.routines.schema import (
    ContactFile,
    HoursFile,
    RoutineFile,
    ScenarioFile,
    StatementFile,
    TextFile,
)


def parse(text: str, file: str, assumed: AssumedHours | None = None) -> Routine:
    """The routine in `text`. ConfigError with every problem of shape, or of reference."""
    data, lines = yamltext.load(text, file)
    shape = yamltext.parse(RoutineFile, data, lines, file)
    problems = _dangling(shape, lines, file)
    if problems:
        raise ConfigError(problems)
    return Routine(
        site=shape.site,
        title=_text(shape.title),
        document_id=shape.document.id,
        version=shape.document.version,
        valid_from=shape.document.valid_from,
        valid_to=shape.document.valid_to,
        units={name: _text(unit.name) for name, unit in shape.units.items()},
        contacts=tuple(_contact(contact) for contact in shape.contacts),
        forms={
            name: Form(
                id=name,
                name=_text(form.name),
                where=_text(form.where),
                source=tuple(form.source),
                audience=form.audience,
            )
            for name, form in shape.forms.items()
        },
        scenarios={name: _scenario(name, rules) for name, rules in shape.scenarios.items()},
        unsaid=_statements(shape.unsaid),
        flags=_statements(shape.flags),
        assumed=assumed or AssumedHours(),
    )


def _dangling(shape: RoutineFile, lines: yamltext.Lines, file: str) -> list[Problem]:
    problems: list[Problem] = []

    def say(path: tuple[str | int, ...], message: str) -> None:
        where = ".".join(map(str, path))
        problems.append(Problem(file, yamltext.line_of(path, lines), f"{where}: {message}"))

    units, forms = ", ".join(sorted(shape.units)), ", ".join(sorted(shape.forms))
    seen: set[str] = set()
    for index, contact in enumerate(shape.contacts):
        if contact.unit is not None and contact.unit not in shape.units:
            say(("contacts", index, "unit"), f"{contact.unit!r} is not one of {units}")
        if contact.id in seen:
            say(("contacts", index, "id"), f"{contact.id!r} stands twice")
        seen.add(contact.id)
        if contact.hours.span.value == "clock" and not contact.hours.start:
            say(("contacts", index, "hours"), "span clock needs start and until")
    for name, scenario in shape.scenarios.items():
        for index, form in enumerate(scenario.forms):
            if form not in shape.forms:
                say(("scenarios", name, "forms", index), f"{form!r} is not one of {forms}")
    return problems


def _text(text: TextFile) -> Text:
    return Text(text.sv, text.en)


def _statements(statements: list[StatementFile]) -> tuple[Statement, ...]:
    return tuple(
        Statement(
            text=_text(statement.text),
            source=tuple(statement.source),
            audience=statement.audience,
            urgencies=tuple(Urgency(u) for u in statement.urgencies or list(Urgency)),
            ours=statement.ours,
        )
        for statement in statements
    )


def _hours(hours: HoursFile) -> Hours:
    return Hours(
        span=hours.span,
        start=_clock(hours.start),
        until=_clock(hours.until),
        overrides=hours.overrides,
    )


def _clock(value: str | None) -> time | None:
    return time.fromisoformat(value) if value else None


def _contact(contact: ContactFile) -> Contact:
    e164: str | None = None
    flags: tuple[str, ...] = ()
    if contact.kind is not ContactKind.EMAIL:
        e164, flags = describe(contact.number, fixed=contact.fixed)
    return Contact(
        id=contact.id,
        kind=contact.kind,
        number=contact.number,
        e164=e164,
        purpose=_text(contact.purpose),
        hours=_hours(contact.hours),
        source=tuple(contact.source),
        unit=contact.unit,
        audience=contact.audience,
        dial=_text(contact.dial) if contact.dial else None,
        flags=flags,
    )


def _scenario(name: str, rules: ScenarioFile) -> ScenarioRules:
    workflow: dict[str, Any] = rules.workflow.model_dump()
    return ScenarioRules(
        id=name,
        title=_text(rules.title),
        headline=_text(rules.headline),
        workflow={urgency: workflow[urgency.value] for urgency in Urgency},
        referrals_electronic=rules.referrals.electronic,
        referrals_source=tuple(rules.referrals.source),
        images=Images(
            electronic=rules.images.electronic,
            where=tuple(rules.images.where),
            source=tuple(rules.images.source),
        ),
        reports=Reports(channel=rules.reports.channel, source=tuple(rules.reports.source)),
        steps=_statements(rules.steps),
        already_sent=_statements(rules.already_sent),
        recovery=_statements(rules.recovery),
        forms=tuple(rules.forms),
        routes=tuple(
            Route(
                id=route.id,
                name=_text(route.name),
                usable=route.usable,
                reason=_text(route.reason),
                source=tuple(route.source),
            )
            for route in rules.routes
        ),
        unsaid=_statements(rules.unsaid),
    )
