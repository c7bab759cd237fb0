"""An instruction to the JSON that we promise, bilingual or in one language."""

from typing import Any, cast

from api import instruction_shapes as shapes
from watchdog.forms.layout import FORMS
from watchdog.model.instruction import Fax, Instruction, Phone, Validity
from watchdog.model.routine import Form, Statement
from watchdog.model.text import Text

LANGUAGES = ("sv", "en")


def instruction(found: Instruction) -> shapes.InstructionShape:
    """An instruction in full."""
    return shapes.InstructionShape(
        site=found.site,
        scenario=found.scenario,
        unit=found.unit,
        urgency=found.urgency,
        audience=found.audience,
        workflow=found.workflow,
        workflow_ours=found.workflow_ours,
        headline=text(found.headline),
        steps=statements(found.steps),
        first_actions=statements(found.first_actions),
        on_form=statements(found.on_form),
        fax=[_fax(fax) for fax in found.fax],
        phones=[_phone(phone) for phone in found.phones],
        mail=[
            shapes.MailboxShape(
                purpose=text(mail.purpose), address=mail.address, source=list(mail.source)
            )
            for mail in found.mail
        ],
        images=shapes.ImagesShape(
            electronic=found.images.electronic,
            where=list(found.images.where),
            source=list(found.images.source),
            note=text(found.images.note) if found.images.note else None,
        ),
        reports=shapes.ReportsShape(channel=found.report_channel, ours=found.report_ours),
        referrals=shapes.ReferralsShape(electronic=found.referrals_electronic),
        routes=[
            shapes.RouteShape(
                id=route.id,
                name=text(route.name),
                usable=route.usable,
                checked=route.checked,
                reason=text(route.reason),
                source=list(route.source),
            )
            for route in found.routes
        ],
        causes=[
            shapes.CauseShape(
                text=text(ranked.cause.text),
                rank=ranked.rank.name.lower(),
                evidence=list(ranked.evidence),
                source=list(ranked.cause.source),
            )
            for ranked in found.causes
        ],
        forms=[form(f) for f in found.forms],
        already_sent=statements(found.already_sent),
        recovery=statements(found.recovery),
        unsaid=statements(found.unsaid),
        warnings=statements(found.warnings),
        routine=routine(found.routine),
        changes_at=found.changes_at,
    )


def in_one_language(document: Any, language: str) -> Any:
    """The document with every pair of languages replaced by the sentence in `language`."""
    if isinstance(document, dict):
        found = cast("dict[str, Any]", document)
        if set(found) == set(LANGUAGES):
            return found[language if language in LANGUAGES else "sv"]
        return {key: in_one_language(value, language) for key, value in found.items()}
    if isinstance(document, list):
        return [in_one_language(item, language) for item in cast("list[Any]", document)]
    return document


def text(value: Text) -> shapes.TextShape:
    """A sentence in both languages."""
    return shapes.TextShape(sv=value.sv, en=value.en)


def statements(values: tuple[Statement, ...]) -> list[shapes.StatementShape]:
    """Statements with their facts."""
    return [
        shapes.StatementShape(
            text=text(value.text),
            source=list(value.source),
            ours=value.ours,
            audience=value.audience,
        )
        for value in values
    ]


def routine(value: Validity) -> shapes.RoutineShape:
    """The document behind the instruction."""
    return shapes.RoutineShape(
        document_id=value.document_id,
        version=value.version,
        valid_from=value.valid_from,
        valid_to=value.valid_to,
        expired=value.expired,
        banner=text(value.banner) if value.banner else None,
    )


def form(value: Form) -> shapes.FormShape:
    """A form, and where it is to be had."""
    url = f"/v1/forms/{value.id}.pdf" if value.id in FORMS else None
    return shapes.FormShape(id=value.id, name=text(value.name), where=text(value.where), url=url)


def _fax(fax: Fax) -> shapes.FaxShape:
    return shapes.FaxShape(
        unit=fax.unit,
        number=fax.number,
        e164=fax.e164,
        manned_now=fax.manned_now,
        next_manned_at=fax.next_manned_at,
        assumed=fax.assumed,
        flags=list(fax.flags),
        source=list(fax.source),
    )


def _phone(phone: Phone) -> shapes.PhoneShape:
    return shapes.PhoneShape(
        purpose=text(phone.purpose),
        number=phone.number,
        e164=phone.e164,
        reason=text(phone.reason),
        assumed=phone.assumed,
        dial=text(phone.dial) if phone.dial else None,
        flags=list(phone.flags),
        source=list(phone.source),
    )
