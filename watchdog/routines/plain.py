"""An instruction as plain text for a terminal, a telephone call or a printer. Pure."""

from collections.abc import Iterator
from datetime import datetime

from watchdog.model.calendar import STOCKHOLM
from watchdog.model.instruction import Fax, Instruction, Phone
from watchdog.model.routine import Statement
from watchdog.model.text import Text
from watchdog.routines import phrases
from watchdog.routines.labels import (
    AUDIENCES,
    CHANNELS,
    HEADINGS,
    PLACES,
    RANKS,
    URGENCIES,
    WORKFLOWS,
    Heading,
)


def told(found: Instruction, title: Text, at: datetime, language: str) -> str:
    """The whole answer in one language; each line of the routine's with its facts."""
    return "\n".join(_Page(found, language).lines(title, at)) + "\n"


class _Page:
    def __init__(self, found: Instruction, language: str) -> None:
        self._found, self._lang = found, language

    def lines(self, title: Text, at: datetime) -> Iterator[str]:
        found, say = self._found, self._say
        yield f"{say(found.headline)}"
        local = at.astimezone(STOCKHOLM)
        yield f"{say(title)} · {local:%Y-%m-%d %H:%M} · {say(URGENCIES[found.urgency])}"
        ours = f" ({say(HEADINGS[Heading.OURS])})" if found.workflow_ours else ""
        yield f"{self._head(Heading.WORKFLOW)}: {say(WORKFLOWS[found.workflow])}{ours}"
        yield from self._numbered(Heading.FIRST, found.first_actions)
        yield from self._numbered(Heading.STEPS, found.steps)
        for fax in found.fax:
            yield from self._fax(fax)
        for phone in found.phones:
            yield from self._phone(phone)
        for mail in found.mail:
            yield f"{self._head(Heading.MAIL)}: {mail.address} – {say(mail.purpose)}{_facts(mail.source)}"
        yield from self._listed(Heading.ON_FORM, found.on_form)
        where = ", ".join(say(PLACES[place]) for place in found.images.where)
        note = f" ({say(found.images.note)})" if found.images.note else ""
        yield f"{self._head(Heading.IMAGES)}: {where}{note}{_facts(found.images.source)}"
        assumed = f" ({self._head(Heading.UNSAID_ASSUMED)})" if found.report_ours else ""
        yield f"{self._head(Heading.REPORT)}: {say(CHANNELS[found.report_channel])}{assumed}"
        for form in found.forms:
            yield f"{self._head(Heading.FORM)}: {say(form.name)} – {say(form.where)}"
        yield from self._routes()
        for ranked in found.causes:
            because = f": {'; '.join(ranked.evidence)}" if ranked.evidence else ""
            cause = f"{say(ranked.cause.text)} – {say(RANKS[ranked.rank])}{because}"
            yield f"{self._head(Heading.CAUSE)}: {cause}{_facts(ranked.cause.source)}"
        yield from self._listed(Heading.ALREADY_SENT, found.already_sent)
        yield from self._listed(Heading.RECOVERY, found.recovery)
        yield from self._listed(Heading.UNSAID, found.unsaid)
        yield from self._listed(Heading.WARNINGS, found.warnings)
        yield self._document()

    def _say(self, text: Text) -> str:
        return text.in_(self._lang)

    def _head(self, heading: Heading) -> str:
        return self._say(HEADINGS[heading])

    def _statement(self, statement: Statement) -> str:
        ours = f" ({self._head(Heading.OURS)})" if statement.ours else ""
        to = ""
        for_all = statement.audience.value in ("clinic", "all")
        if self._found.audience.value == "all" and not for_all:
            to = f"[{self._say(AUDIENCES[statement.audience])}] "
        return f"{to}{self._say(statement.text)}{ours}{_facts(statement.source)}"

    def _numbered(self, heading: Heading, statements: tuple[Statement, ...]) -> Iterator[str]:
        if statements:
            yield f"{self._head(heading)}:"
        for number, statement in enumerate(statements, 1):
            yield f"  {number}. {self._statement(statement)}"

    def _listed(self, heading: Heading, statements: tuple[Statement, ...]) -> Iterator[str]:
        if statements:
            yield f"{self._head(heading)}:"
        for statement in statements:
            yield f"  - {self._statement(statement)}"

    def _fax(self, fax: Fax) -> Iterator[str]:
        manned = {True: Heading.MANNED, False: Heading.UNMANNED, None: Heading.HOURS_UNSAID}
        said = [self._head(manned[fax.manned_now])]
        if fax.next_manned_at is not None:
            local = fax.next_manned_at.astimezone(STOCKHOLM)
            said.append(f"{self._head(Heading.OPENS)} {local:%Y-%m-%d %H:%M}")
        if fax.assumed:
            said.append(self._head(Heading.ASSUMED))
        said += self._flags(fax.flags)
        yield f"Fax: {fax.number} ({self._say(fax.unit_name)}) – {_joined(said)}{_facts(fax.source)}"

    def _phone(self, phone: Phone) -> Iterator[str]:
        said = [self._say(phone.purpose), self._say(phone.reason)]
        if phone.dial is not None:
            said.append(self._say(phone.dial))
        if phone.assumed:
            said.append(self._head(Heading.ASSUMED))
        said += self._flags(phone.flags)
        head = self._head(Heading.PHONE)
        yield f"{head}: {phone.number} – {_joined(said)}{_facts(phone.source)}"

    def _flags(self, flags: tuple[str, ...]) -> list[str]:
        return [f"! {self._say(phrases.FLAGS[flag])}" for flag in flags]

    def _routes(self) -> Iterator[str]:
        for route in self._found.routes:
            way = Heading.ROUTE if route.usable else Heading.NO_ROUTE
            yield (
                f"{self._head(way)}: {self._say(route.name)} – {self._say(route.reason)}"
                f"{_facts(route.source)}"
            )

    def _document(self) -> str:
        document = self._found.routine
        if document.document_id is None:
            return f"{self._head(Heading.DOCUMENT)}: {self._head(Heading.NO_IDENTITY)}"
        return (
            f"{self._head(Heading.DOCUMENT)}: {document.document_id} {document.version}, "
            f"{document.valid_from} – {document.valid_to}"
        )


def _joined(parts: list[str]) -> str:
    return "; ".join(part.rstrip(".") for part in parts)


def _facts(source: tuple[str, ...]) -> str:
    return f" [{', '.join(source)}]" if source else ""
