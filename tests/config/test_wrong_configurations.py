"""Wrong configurations, each with its exact message: file, line, value, what is allowed."""

import re
from pathlib import Path

import pytest

from tests.config.wrong import WRONG
from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample
from watchdog.config.load import load
from watchdog.errors import ConfigError


def problems(folder: Path, old: str, new: str, sample: Sample | None = None) -> list[str]:
    file = folder / "remissvakt.yaml"
    write_sample(file, sample or Sample())
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigError) as error:
        load(file, test_environment=True)
    return [str(p).removeprefix(f"{file}:") for p in error.value.problems]


@pytest.mark.parametrize(("old", "new", "said"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_it_says_exactly_what_is_wrong(tmp_path: Path, old: str, new: str, said: list[str]) -> None:
    assert problems(tmp_path, old, new) == [line.format(folder=tmp_path) for line in said]


def test_the_sample_is_right(tmp_path: Path) -> None:
    file = tmp_path / "remissvakt.yaml"
    write_sample(file, Sample())
    config, routines = load(file, test_environment=True)
    assert set(config.paths) == {"sas_om_ris", "halland_vas_biztalk_ris"}
    assert set(routines) >= {"sas", "halland"}


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="`remissvakt init` writes a new one"):
        load(tmp_path / "none.yaml", test_environment=True)


@pytest.mark.parametrize(
    "text",
    ["a: " + "[" * 3000, "x: y\n" * 70000, "a: &a [1]\nb: [*a, *a]"],
    ids=["nest", "big", "bomb"],
)
def test_hostile_yaml_is_refused_quickly(tmp_path: Path, text: str) -> None:
    file = tmp_path / "remissvakt.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError):
        load(file, test_environment=True)


def test_the_fingerprint_changes_with_template_identity_and_route(tmp_path: Path) -> None:
    file = tmp_path / "remissvakt.yaml"
    write_sample(file, Sample())
    text = file.read_text("utf-8")
    seen = set()
    for old, new in [
        ("", ""),
        ("code: WDTEST ", "code: OTHER "),
        ("given: REMISSVAKT", "given: ANNAN"),
        ("      port: 22575", "      port: 22599"),
        ('charset: "UNICODE UTF-8"', 'charset: "8859/1"'),
    ]:
        file.write_text(text.replace(old, new, 1) if old else text, "utf-8")
        seen.add(load(file, test_environment=True)[0].paths["sas_om_ris"].fingerprint)
    assert len(seen) == 5


def test_two_clinics_never_share_the_code_of_their_printed_forms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watchdog.config.check.clinic_code", lambda _: "AAAA")
    assert [p.split("clinics.")[1] for p in problems(tmp_path, "schema: 1", "schema: 1")] == [
        "skene_ward: shares its form code AAAA with boras_emergency: rename one",
        "halmstad_emergency: shares its form code AAAA with skene_ward: rename one",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "    systems: [sectra_pacs, ids7_web]",
            "    systems: [biztalk]",
            "'biztalk' is not one of",
        ),
        ("    scenarios: [pacs_down]", "    scenarios: [engine_down]", "'engine_down' is not one"),
        (
            "  sas_images:\n    site: sas",
            "  sas_images:\n    site: nal",
            "'nal' is not one of hall",
        ),
        ("  sas_images:", "  sas_om_ris:", "groups.sas_om_ris: a path has the same name"),
    ],
)
def test_a_group_names_what_there_is(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert any(said in problem for problem in problems(tmp_path, old, new))


def test_in_production_somebody_hears_of_every_site(tmp_path: Path) -> None:
    """The rest that production refuses in a sample is not the matter here."""
    file = tmp_path / "remissvakt.yaml"
    write_sample(file, Sample())
    text = file.read_text("utf-8").replace("environment: test", "environment: production", 1)
    said = "sites.halland: nobody would hear of its outages"
    for found, wanted in ((text, False), (re.sub(r"sites: \[.*?\]", "sites: [sas]", text), True)):
        file.write_text(found, "utf-8")
        with pytest.raises(ConfigError) as error:
            load(file, test_environment=False)
        assert any(said in str(problem) for problem in error.value.problems) is wanted


def test_paths_that_send_more_than_their_ris_may_be_asked_to_cancel_are_refused(
    tmp_path: Path,
) -> None:
    sample = Sample(cadence="fast")
    write_sample(tmp_path / "remissvakt.yaml", sample)
    text = (tmp_path / "remissvakt.yaml").read_text("utf-8")
    block = text[text.index("  sas_om_ris:\n") : text.index("  halland_vas_biztalk_ris:\n")]
    # 48 paths with an order every 30 s send 1.6 a second; the other hospital has its own RIS
    more = "".join(block.replace("sas_om_ris:", f"more{n}:", 1) for n in range(48))
    found = problems(tmp_path, block, block + more, sample)
    assert [problem.split(": ", 1)[1] for problem in found] == [
        "paths.more47.cadence: with it the paths to 'sectra_ris' send 1.63 orders a second, which "
        "have to be cancelled there: at most 1.6; use a slower one"
    ]
