"""docs/threats.md names every threat once; it and docs/faults.md name only what exists."""

import re
from pathlib import Path

import pytest

from tests.faults.parts import PARTS

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    line
    for line in (ROOT / "docs" / "threats.md").read_text("utf-8").splitlines()
    if line.startswith("| T")
]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_threat_has_its_test_or_a_reason() -> None:
    assert [row.split("|")[1].strip() for row in ROWS] == [f"T{n:02}" for n in range(1, 34)]
    for row in ROWS:
        assert NAMED.search(row) or re.search(r"\| - [A-Z].{10}", row), row


@pytest.mark.parametrize("page", ["threats.md", "faults.md"])
def test_every_test_that_is_named_exists(page: str) -> None:
    named = NAMED.findall((ROOT / "docs" / page).read_text("utf-8"))
    assert len(named) > 20
    for file, name in named:
        text = (ROOT / file).read_text("utf-8")
        assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), f"{file}::{name}"


def test_every_fault_says_where_it_is_tried_or_that_it_is_not() -> None:
    page = (ROOT / "docs" / "faults.md").read_text("utf-8")
    rows = [line.split("|")[3].strip() for line in page.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 30
    parts = {part for row in rows for part in re.findall(r"\*(\w+)\*", row)}
    assert parts <= set(PARTS)
    assert set(PARTS) - parts == {"healthy"}  # no fault is done there: its traffic is well
    for row in rows:
        assert NAMED.search(row) or re.search(r"\*\w+\*", row) or row.startswith("- "), row
