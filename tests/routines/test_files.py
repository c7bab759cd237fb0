"""Routine files: each mistake has its own message."""

from importlib import resources

import pytest

from watchdog.errors import ConfigError
from watchdog.routines.parse import parse

TEXT = (resources.files("watchdog.routines") / "data" / "halland.yaml").read_text("utf-8")
WRONG = [
    ("schema: 1", "schema: 2", "3: schema: 2 is not one of 1"),
    (
        "unit: halmstad_plan_2",
        "unit: hylte",
        "contacts.0.unit: 'hylte' is not one of halmstad_plan_2, movement",
    ),
    ("span: unstated", "span: sometimes", "contacts.0.hours.span: 'sometimes' is not one of"),
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
    (
        "source: [S1-13]",
        "source: [13]",
        "contacts.0.source.0: '13': string should match pattern",
    ),
    (
        "forms: [exam_record_form",
        "forms: [exam_form",
        "'exam_form' is not one of exam_record_form, report_template",
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_it_says_what_is_wrong_and_where(old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(TEXT.replace(old, new, 1), "halland.yaml")
    assert any(said in str(problem) for problem in error.value.problems), str(error.value)
    assert all(str(problem).startswith("halland.yaml:") for problem in error.value.problems)
