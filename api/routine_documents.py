"""A routine, and its contacts at a minute, to the JSON that we promise."""

from datetime import datetime

from api import routine_shapes as shapes
from api.instruction_shapes import ImagesShape, ReferralsShape
from api.instructions import routine as document
from api.instructions import statements, text
from watchdog.model.instruction import Moment
from watchdog.model.outage import Urgency
from watchdog.model.routine import (
    Audience,
    Cause,
    Contact,
    Named,
    Route,
    Routine,
    ScenarioRules,
    Statement,
)
from watchdog.routines import phrases
from watchdog.routines.moment import validity


def routine(found: Routine, moment: Moment, audience: Audience) -> shapes.RoutineDocumentShape:
    """The whole document, as far as `audience` may read it."""

    everybody = audience is Audience.ALL

    def heard(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return tuple(s for s in statements if everybody or s.audience in (Audience.ALL, audience))

    def chapter(rules: ScenarioRules) -> shapes.ChapterShape:
        return shapes.ChapterShape(
            title=text(rules.title),
            headline=text(rules.headline),
            workflow=dict(rules.workflow),
            workflow_ours=list(rules.workflow_ours),
            referrals=ReferralsShape(electronic=rules.referrals_electronic),
            images=ImagesShape(
                electronic=rules.images.electronic,
                where=list(rules.images.where),
                source=list(rules.images.source),
                note=text(rules.images.note) if rules.images.note else None,
            ),
            reports={urgency: rules.reports.channel[urgency] for urgency in Urgency},
            first_actions=statements(heard(rules.first_actions)),
            steps=statements(heard(rules.steps)),
            on_form=statements(heard(rules.on_form)),
            already_sent=statements(heard(rules.already_sent)),
            recovery=statements(heard(rules.recovery)),
            unsaid=statements(heard(rules.unsaid)),
            forms=list(rules.forms),
            routes=[_named(route) for route in rules.routes],
        )

    return shapes.RoutineDocumentShape(
        site=found.site,
        title=text(found.title),
        routine=document(validity(found, moment)),
        about=statements(heard(found.about)),
        units={name: text(unit) for name, unit in found.units.items()},
        systems={name: _named(system) for name, system in found.systems.items()},
        roles=[_named(role) for role in found.roles],
        links=[_named(link) for link in found.links],
        causes={name: [_cause(cause) for cause in causes] for name, causes in found.causes.items()},
        scenarios={name: chapter(rules) for name, rules in found.scenarios.items()},
        unsaid=statements(heard(found.unsaid)),
        warnings=statements(heard(found.flags)),
    )


def contacts(
    found: Routine, moment: Moment, at: datetime, audience: Audience
) -> shapes.ContactsShape:
    """Every contact that `audience` may see, with who is there at `at`."""
    return shapes.ContactsShape(
        site=found.site,
        at=at,
        changes_at=moment.changes_at,
        contacts=[
            _contact(contact, moment)
            for contact in found.contacts
            if audience is Audience.ALL or audience in contact.audiences
        ],
    )


def _contact(contact: Contact, moment: Moment) -> shapes.ContactShape:
    flags = contact.flags if contact.id in moment.unverified else ()
    return shapes.ContactShape(
        id=contact.id,
        kind=contact.kind,
        unit=contact.unit,
        purpose=text(contact.purpose),
        number=contact.number,
        e164=contact.e164,
        manned_now=moment.manned[contact.id],
        next_manned_at=moment.opens_at.get(contact.id),
        assumed=contact.id in moment.assumed,
        near_assumed_hour=contact.id in moment.doubtful,
        dial=text(contact.dial) if contact.dial else None,
        flags=list(flags),
        flags_said=[text(phrases.FLAGS[flag]) for flag in flags],
        source=list(contact.source),
    )


def _named(named: Named | Route) -> shapes.NamedShape:
    return shapes.NamedShape(name=text(named.name), source=list(named.source))


def _cause(cause: Cause) -> shapes.NamedShape:
    return shapes.NamedShape(name=text(cause.text), source=list(cause.source))
