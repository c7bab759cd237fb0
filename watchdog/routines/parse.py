"""Text of a routine file to a Routine; errors name file, line and what is allowed."""

from collections.abc import Sequence
from datetime import time

from watchdog import yamltext
from watchdog.errors import ConfigError
from watchdog.model.outage import Urgency
from watchdog.model.routine import (
    AssumedHours,
    Audience,
    Blocked,
    Cause,
    Contact,
    ContactKind,
    Form,
    Hours,
    Images,
    Named,
    Reports,
    Route,
    Routine,
    ScenarioRules,
    Statement,
    Verification,
)
from watchdog.model.text import Text
from watchdog.routines import schema
from watchdog.routines.numbers import describe
from watchdog.routines.references import dangling


def parse(
    text: str,
    file: str,
    assumed: AssumedHours | None = None,
    verified: tuple[Verification, ...] = (),
) -> Routine:
    """The routine in `text`. ConfigError with every problem of shape, or of reference."""
    data, lines = yamltext.load(text, file)
    shape = yamltext.parse(schema.RoutineFile, data, lines, file)
    problems = dangling(shape, lines, file)
    if problems:
        raise ConfigError(problems)
    return Routine(
        site=shape.site,
        title=_text(shape.title),
        document_id=shape.document.id,
        version=shape.document.version,
        valid_from=shape.document.valid_from,
        valid_to=shape.document.valid_to,
        document_source=tuple(shape.document.source),
        units={name: _text(unit.name) for name, unit in shape.units.items()},
        contacts=tuple(_contact(contact) for contact in shape.contacts),
        forms={name: _form(name, form) for name, form in shape.forms.items()},
        scenarios={name: _scenario(name, rules) for name, rules in shape.scenarios.items()},
        systems={name: _named(system) for name, system in shape.systems.items()},
        roles=tuple(_named(role) for role in shape.roles),
        links=tuple(_named(link) for link in shape.links),
        about=_notes(shape.about),
        causes={name: tuple(map(_cause, causes)) for name, causes in shape.causes.items()},
        unsaid=_notes(shape.unsaid),
        flags=_notes(shape.flags),
        assumed=assumed or AssumedHours(),
        verified=verified,
    )


def _text(text: schema.TextFile) -> Text:
    return Text(text.sv, text.en)


def _named(named: schema.NamedFile) -> Named:
    return Named(name=_text(named.name), source=tuple(named.source))


def _form(name: str, form: schema.FormFile) -> Form:
    return Form(
        id=name,
        name=_text(form.name),
        where=_text(form.where),
        source=tuple(form.source),
        audience=Audience(form.audience),
    )


def _cause(cause: schema.CauseFile) -> Cause:
    return Cause(
        source=tuple(cause.source),
        text=_text(cause.text),
        systems=tuple(cause.systems),
        by_rejection=cause.by_rejection,
    )


def _notes(notes: Sequence[schema.NoteFile]) -> tuple[Statement, ...]:
    return tuple(
        Statement(
            text=_text(note.text), source=tuple(note.source), audience=Audience(note.audience)
        )
        for note in notes
    )


def _statements(statements: Sequence[schema.StatementFile]) -> tuple[Statement, ...]:
    return tuple(
        Statement(
            text=_text(statement.text),
            source=tuple(statement.source),
            audience=Audience(statement.audience),
            urgencies=tuple(Urgency(u) for u in statement.urgencies or list(Urgency)),
            units=tuple(statement.units),
            hours=_hours(statement.hours) if statement.hours else None,
            ours=statement.ours,
        )
        for statement in statements
    )


def _hours(hours: schema.HoursFile) -> Hours:
    return Hours(
        span=hours.span,
        start=_clock(hours.start),
        until=_clock(hours.until),
        overrides=hours.overrides,
    )


def _clock(value: str | None) -> time | None:
    return time.fromisoformat(value) if value else None


def _contact(contact: schema.ContactFile) -> Contact:
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
        topic=contact.topic,
        audiences=tuple(Audience(audience) for audience in contact.audiences),
        scenarios=tuple(contact.scenarios),
        dial=_text(contact.dial) if contact.dial else None,
        flags=flags,
    )


def _route(route: schema.RouteFile) -> Route:
    blocked = route.blocked
    return Route(
        id=route.id,
        name=_text(route.name),
        via=tuple(route.via),
        units=tuple(route.units),
        reason=_text(route.reason),
        source=tuple(route.source),
        blocked=Blocked(
            since=blocked.since, reason=_text(blocked.reason), source=tuple(blocked.source)
        )
        if blocked
        else None,
    )


def _scenario(name: str, rules: schema.ScenarioFile) -> ScenarioRules:
    workflow, reports = rules.workflow, rules.reports
    return ScenarioRules(
        id=name,
        title=_text(rules.title),
        headline=_text(rules.headline),
        workflow={urgency: getattr(workflow, urgency.value) for urgency in Urgency},
        workflow_ours=tuple(Urgency(urgency) for urgency in workflow.ours),
        referrals_electronic=rules.referrals.electronic,
        referrals_source=tuple(rules.referrals.source),
        images=Images(
            electronic=rules.images.electronic,
            where=tuple(rules.images.where),
            source=tuple(rules.images.source),
            note=_text(rules.images.note) if rules.images.note else None,
        ),
        reports=Reports(
            channel={u: getattr(reports, u.value) or reports.channel for u in Urgency},
            source=tuple(reports.source),
            ours=reports.ours,
        ),
        steps=_statements(rules.steps),
        already_sent=_statements(rules.already_sent),
        recovery=_statements(rules.recovery),
        on_form=_statements(rules.on_form),
        first_actions=_statements(rules.first_actions),
        forms=tuple(rules.forms),
        routes=tuple(_route(route) for route in rules.routes),
        causes=rules.causes or "",
        fax_to=rules.fax_to,
        unsaid=_statements(rules.unsaid),
    )
