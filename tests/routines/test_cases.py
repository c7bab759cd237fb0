"""Cases worked by hand from the seed facts, asked as a person asks them: on the command line."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from watchdog.cli.main import built

HERE = Path(__file__).parent
CASES = list(csv.DictReader((HERE / "cases.csv").read_text("utf-8").splitlines()))
FACTS = {row["id"] for row in csv.DictReader((HERE / "facts.csv").read_text("utf-8").splitlines())}
MANNED = {"yes": True, "no": False, "unsaid": None}


def asked(site: str, scenario: str, **options: str) -> dict[str, Any]:
    """What `remissvakt instruct` prints as JSON."""
    flags = [word for name, value in options.items() for word in (f"--{name}", value)]
    result = CliRunner().invoke(built(["instruct"]), ["instruct", site, scenario, *flags, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


@pytest.fixture(autouse=True)
def _no_configuration_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMISSVAKT_HOME", str(tmp_path))


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{c['scenario']}/{c['unit']}/{c['urgency']}/{c['at']}" for c in CASES]
)
def test_the_answer_is_the_one_worked_by_hand(case: dict[str, str]) -> None:
    options = {name: case[name] for name in ("unit", "urgency", "at", "audience")}
    told = asked(case["site"], case["scenario"], **options)
    assert told["workflow"] == case["workflow"]
    assert told["images"]["where"] == case["images"].split()
    assert told["images"]["electronic"] is (case["electronic_images"] == "yes")
    assert told["reports"]["channel"] == case["report"]
    assert (told["phones"][0]["number"] if told["phones"] else "") == case["phone"]
    assert (told["fax"][0]["number"] if told["fax"] else "") == case["fax"]
    if case["fax"]:
        assert told["fax"][0]["manned_now"] is MANNED[case["manned"]]
        rings = "other_unit_call_first" in told["fax"][0]["flags"]
        assert rings is (case["call_first"] == "yes")
        assert ("Ring" in told["steps"][0]["text"]) is rings
    assert set(case["facts"].split()) <= FACTS


def test_there_are_enough_cases_of_every_chapter() -> None:
    assert len(CASES) >= 60
    assert {case["scenario"] for case in CASES} == {
        "pacs_down", "om_or_ris_down", "total_outage", "engine_down", "ris_or_mei_down",
        "image_transfer_down", "outbound_z97117_down", "outbound_z83680_down",
        "outbound_skane_cannot_receive", "inbound_down", "melior_read_only", "melior_down",
        "picsara_down",
    }  # fmt: skip


def test_close_to_an_assumed_hour_both_numbers_are_given() -> None:
    def numbers(at: str) -> list[str]:
        told = asked("sas", "om_or_ris_down", unit="radiology_boras", at=at, audience="clinic")
        return [phone["number"] for phone in told["phones"]]

    assert numbers("2026-06-18T16:00")[0] == "033-616 11 98"
    assert "033-616 12 10" in numbers("2026-06-18T16:00")
    assert "033-616 11 98" in numbers("2026-06-18T16:59")
    assert "033-616 11 98" not in numbers("2026-06-18T17:00")
    assert "033-616 12 10" not in numbers("2026-06-18T15:59")
    assert numbers("2026-06-18T06:59") == ["033-616 12 29"]  # the routine's own hour: no doubt


def test_no_department_is_offered_anothers_fax_while_its_own_is_manned() -> None:
    told = asked("sas", "total_outage", unit="radiology_skene", at="2026-06-18T10:00")
    assert [fax["unit"] for fax in told["fax"]] == ["radiology_skene"]


def test_vaxjo_has_no_detour_and_ljungby_has_three() -> None:
    def ways(unit: str) -> list[str]:
        told = asked("kronoberg", "outbound_z97117_down", unit=unit)
        return [route["id"] for route in told["routes"] if route["usable"]]

    assert ways("radiology_vaxjo") == ["dvd"]
    assert {"ljungby_via_blekinge", "ljungby_via_halland", "ljungby_via_jonkoping"} < set(
        ways("radiology_ljungby")
    )


def test_syngo_via_stays_closed_until_a_person_has_checked() -> None:
    told = asked("nal", "image_transfer_down", audience="radiology", lang="en")
    routes = {route["id"]: route for route in told["routes"]}
    assert [r for r, route in routes.items() if route["usable"]] == [
        "from_modality", "teleradiology", "bfr",
    ]  # fmt: skip
    assert "2025-05-06" in routes["syngo_via"]["reason"]
    assert set(routes["syngo_via"]["source"]) == {"S2-22", "S2-37"}


def test_the_picsara_group_is_named_in_office_hours_only() -> None:
    day = asked("su", "melior_down", at="2026-06-18T08:00", audience="clinic", lang="en")
    night = asked("su", "melior_down", at="2026-06-18T07:59", audience="clinic", lang="en")
    said = [[step["text"] for step in told["steps"]] for told in (day, night)]
    assert any("contact the Picsara management group" in text for text in said[0])
    assert any("no way outside office hours" in text for text in said[1])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sas", "engine_down"], "'engine_down' is no scenario here: there are pacs_down"),
        (["borås", "pacs_down"], "'borås' is no site here: there are halland"),
        (["sas", "pacs_down", "--unit", "movement"], "'movement' is no unit here"),
        (["sas", "pacs_down", "--at", "now"], "'now' is not a time: write it as"),
        (["sas", "pacs_down", "--lang", "fi"], "'fi' is no language here: there are sv, en"),
    ],
)
def test_a_wrong_question_says_what_there_is(words: list[str], said: str) -> None:
    result = CliRunner().invoke(built(["instruct"]), ["instruct", *words])
    assert result.exit_code == 3
    assert said in result.output
