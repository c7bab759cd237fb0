"""docs/threats.md names every threat once, and only tests that exist."""

import re
from pathlib import Path

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


def test_every_test_that_is_named_exists() -> None:
    for row in ROWS:
        for file, name in NAMED.findall(row):
            text = (ROOT / file).read_text("utf-8")
            assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), f"{file}::{name}"
