"""`remissvakt routines`: what a person should mend before an outage needs the routine."""

from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner

from watchdog.cli.main import built
from watchdog.model.routine import Contact, ContactKind, Hours, Span, Verification
from watchdog.model.text import Text
from watchdog.routines import library
from watchdog.routines.check import Level, check, days_left

ROUTINES = library.read(None, {})
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SAS, HALLAND, NAL = ROUTINES["sas"], ROUTINES["halland"], ROUTINES["nal"]


def said(routine, level: Level | None = None, now: datetime = NOW, systems: str = "") -> list[str]:
    found = check(routine, now, frozenset(systems.split()))
    return [finding.what for finding in found if level in (None, finding.level)]


@pytest.mark.parametrize("site", sorted(ROUTINES))
def test_the_five_routines_have_no_errors_today(site: str) -> None:
    assert said(ROUTINES[site], Level.ERROR) == []


def test_it_warns_sixty_days_ahead_and_errs_the_day_after() -> None:
    soon, late = datetime(2027, 7, 20, tzinfo=UTC), datetime(2027, 9, 19, 12, tzinfo=UTC)
    assert said(SAS) == []
    assert said(SAS, Level.WARNING, soon) == ["the document expires 2027-09-18, in 60 days"]
    assert said(SAS, Level.ERROR, late) == ["the document expired 2027-09-18"]
    assert days_left(SAS, late) == -1
    assert days_left(HALLAND, late) is None


def test_odd_numbers_and_blocked_routes_wait_for_a_person() -> None:
    found = " ".join(said(NAL, Level.WARNING))
    assert "'+62 81 338 773 651': A foreign country code." in found
    assert "the route syngo_via is marked as not working since 2025-05-06" in found
    vouched = tuple(
        Verification(what=what, by="a nurse", at=datetime(2026, 3, 1, tzinfo=UTC))
        for what in ("teleconsult_reserve_2", "teleconsult_coordinator", "syngo_via")
    )
    assert said(replace(NAL, verified=vouched), Level.WARNING) == []
    a_year_later = datetime(2027, 3, 2, tzinfo=UTC)
    assert len(said(replace(NAL, verified=vouched), Level.WARNING, a_year_later)) == 3


def test_paper_to_a_place_where_nobody_is_and_nobody_answers_is_an_error() -> None:
    day = Contact(
        id="fax",
        kind=ContactKind.FAX,
        unit="radiology_skene",
        number="0320- 77 90 71",
        e164=None,
        purpose=Text("a", "b"),
        hours=Hours(span=Span.DAYTIME),
        source=("S0-27",),
    )
    lonely = replace(SAS, contacts=(day,), units={"radiology_skene": SAS.units["radiology_skene"]})
    assert any(
        "paper to radiology_skene has neither a manned fax nor a telephone" in what
        for what in said(lonely, Level.ERROR)
    )


def test_unknown_systems_and_missing_translations_are_errors() -> None:
    assert said(SAS, Level.ERROR, systems="order_management biztalk") == [
        "the configured system 'biztalk' is not one that the routine names"
    ]
    twice = replace(
        SAS, title=Text("Det här är inte översatt alls", "Det här är inte översatt alls")
    )
    assert said(twice, Level.ERROR) == ["title is not translated: 'Det här är inte översatt alls'"]


def test_a_document_that_is_not_yet_valid_is_an_error() -> None:
    early = replace(SAS, valid_from=date(2027, 1, 1))
    assert said(early, Level.ERROR) == ["the document is valid from 2027-01-01 only"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REMISSVAKT_HOME", str(tmp_path))
    return lambda *words: CliRunner().invoke(built(["routines"]), ["routines", *map(str, words)])


def test_the_commands_check_show_and_compare(run, tmp_path: Path) -> None:
    text = (resources.files("watchdog.routines") / "data" / "sas.yaml").read_text("utf-8")
    old, new = tmp_path / "sas.yaml", tmp_path / "new.yaml"
    old.write_text(text, "utf-8")
    new.write_text(text.replace("033-616 11 98", "033-616 11 99"), "utf-8")
    checked = run("check")
    assert checked.exit_code == 0
    assert "5 routines: 0 errors" in checked.output
    assert "033-616 19 57" in run("show", "sas").output
    assert run("diff", old, old).exit_code == 0
    changed = run("diff", old, new)
    assert changed.exit_code == 1
    assert "+referrals_day: 033-616 11 99 daytime" in changed.output


def test_a_broken_file_is_told_with_its_line(run, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("schema: 1\nsite: X\n", "utf-8")
    result = run("check", broken)
    assert result.exit_code == 2
    assert f"{broken}:2: site: 'X': string should match pattern" in result.output.replace("\n", "")
