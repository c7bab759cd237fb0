"""Routine files: each mistake has its own message, with file and line; a new hospital needs no code."""

import time
from datetime import datetime
from importlib import resources
from pathlib import Path

import pytest

from watchdog.errors import ConfigError
from watchdog.model.calendar import STOCKHOLM
from watchdog.model.outage import Urgency, Workflow
from watchdog.routines import library
from watchdog.routines.parse import parse
from watchdog.routines.select import anyone, instruct

TEXT = (resources.files("watchdog.routines") / "data" / "halland.yaml").read_text("utf-8")
HERE = Path(__file__).parent
LONG = "x" * 141
WRONG = [
    ("schema: 1", "schema: 2", "3: schema: 2 is not one of 1"),
    ("site: halland", "sight: halland", "4: sight: is not known here"),
    (
        "unit: halmstad_plan_2",
        "unit: hylte",
        "contacts.0.unit: 'hylte' is not one of halmstad_plan_2, movement",
    ),
    ("span: unstated", "span: sometimes", "contacts.0.hours.span: 'sometimes' is not one of"),
    ("span: unstated", "span: clock", "contacts.0.hours: span clock needs start and until"),
    (
        "{span: unstated}",
        '{span: unstated, until: "15:30"}',
        "contacts.0.hours: span unstated has no start or until",
    ),
    (
        "{span: unstated}",
        "{span: daytime, until: 1530}",
        "contacts.0.hours.until: 1530: input should be a valid string",
    ),
    (
        "{span: unstated}",
        '{span: daytime, until: "25:00"}',
        "'25:00' is not a time of day: write it as \"15:30\", in quotes",
    ),
    ("id: fax_movement", "id: fax_halmstad", "contacts.1.id: 'fax_halmstad' stands twice"),
    ("kind: fax", "kind: telegraph", "contacts.0.kind: 'telegraph' is not one of"),
    (
        "electronic: false, source: [S1-03]",
        "electronic: false",
        "scenarios.engine_down.referrals.source: is missing",
    ),
    (
        "channel: fax",
        "channel: pigeon",
        "'pigeon' is not one of 'electronic', 'fax', 'oral', 'later'",
    ),
    ("where: [pacs]", "where: [cellar]", "scenarios.engine_down.images.where.0: 'cellar' is not"),
    (
        "source: [S1-13, X-10]",
        "source: [s13]",
        "contacts.0.source.0: 's13': string should match pattern",
    ),
    (
        "forms: [exam_record_form",
        "forms: [exam_form",
        "'exam_form' is not one of exam_record_form, report_template",
    ),
    ("non_urgent: hold}", "non_urgent: pray}", "workflow.non_urgent: 'pray' is not one of"),
    ('sv: "BizTalk ur funktion", ', "", "scenarios.engine_down.title.sv: is missing"),
    (
        "Skriv remissen i VAS som vanligt: VAS fungerar.",
        LONG,
        "scenarios.engine_down.steps.0.text.sv",
    ),
    (
        "        source: [S1-11]",
        "        source: []",
        "steps.3.source: names no fact: give one, or say `ours: true`",
    ),
    (
        "        audience: it\n        ours: true\n    on_form",
        "        audience: everyone\n        ours: true\n    on_form",
        "'everyone' is not one of 'clinic', 'radiology', 'external_reader', 'it', 'archive'",
    ),
    ("halmstad_plan_2: {name", "halmstad: &a {name", "anchors and aliases are not allowed"),
    ("schema: 1", "schema: 1\nschema: 1", "'schema' stands twice"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG, ids=[w[2][:40] for w in WRONG])
def test_it_says_what_is_wrong_and_where(old: str, new: str, said: str) -> None:
    broken = TEXT.replace(old, new, 1)
    assert broken != TEXT
    with pytest.raises(ConfigError) as error:
        parse(broken, "halland.yaml")
    assert any(said in str(problem) for problem in error.value.problems), str(error.value)
    assert all(str(problem).startswith("halland.yaml:") for problem in error.value.problems)


BOMBS = {
    "aliases": "a: &a [1,1,1]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\n",
    "nesting": "a: " + "[" * 5000 + "]" * 5000,
    "mappings": "\n".join(" " * depth + "a:" for depth in range(400)),
    "size": "# " + "x" * 400_000,
    "tags": "a: !!python/object/apply:os.system [ls]",
    "merge": "a: {<<: {b: 1}}",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once(name: str) -> None:
    began = time.perf_counter()
    with pytest.raises(ConfigError):
        parse(BOMBS[name], "bomb.yaml")
    assert time.perf_counter() - began < 0.1


def test_an_invented_hospital_needs_no_code() -> None:
    routines = library.read(HERE / "invented", {})
    routine = routines["fjallbacka"]
    assert len(routines) == 6
    told = instruct(
        routine, "everything_down", anyone(routine), Urgency.URGENT, _at("2026-06-18T10:00")
    )
    assert (told.workflow, told.fax[0].number) == (Workflow.PAPER_AND_FAX, "0525-000 10")
    assert told.phones[0].number == "0525-000 11"


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)
