"""Wrong configurations, each with its exact message: file, line, value, what is allowed."""

import re
from pathlib import Path

import pytest

from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample
from watchdog.config.load import load
from watchdog.errors import ConfigError

WRONG: list[tuple[str, str, str, list[str]]] = [
    (
        "unknown key",
        "instance: demo-a",
        "instance: demo-a\ncolour: green",
        ["5: colour: is not known here"],
    ),
    (
        "unknown cadence",
        "    cadence: bench               # gentle",
        "    cadence: quick               # gentle",
        ["70: paths.sas_om_ris.cadence: 'quick' is not one of bench, fast, gentle, standard"],
    ),
    (
        "unknown scenario",
        "scenario: om_or_ris_down",
        "scenario: om_down",
        [
            "68: paths.sas_om_ris.scenario: 'om_down' is not one of om_or_ris_down, pacs_down, "
            "total_outage"
        ],
    ),
    (
        "unlisted identity",
        'allowed: ["189001019802"]',
        'allowed: ["189001019810"]',
        [
            "21: identities.synthetic.number: is not in `identities.allowed` (its check digit is "
            "right: it may be a living person)"
        ],
    ),
    (
        "nobody to ring",
        '    call: "IT 619 00 (1, 1, 2)"\n',
        "",
        ["51: sites.halland.call: is missing"],
    ),
    (
        "port out of range",
        "      port: 22575",
        "      port: 225750",
        ["74: paths.sas_om_ris.send.port: 225750: input should be less than or equal to 65535"],
    ),
    (
        "unknown character set",
        'charset: "UNICODE UTF-8"',
        'charset: "UTF-8"',
        ["76: paths.sas_om_ris.send.charset: 'UTF-8' is not one of '8859/1', 'UNICODE UTF-8'"],
    ),
    (
        "unknown reader",
        "{kind: listener, port: 22581",
        "{kind: mirror, port: 22581",
        [
            "83: paths.sas_om_ris.readers.0: this: input tag 'mirror' found using 'kind' does not "
            "match any of the expected tags: 'listener', 'worklist', 'fhir', 'http', 'sql'"
        ],
    ),
    (
        "select that is none",
        '"SELECT placer, filler, status, text FROM orders WHERE placer IN :placers"',
        '"DELETE FROM orders"',
        [
            "112: paths.halland_vas_biztalk_ris.readers.1.select: must be one SELECT without a "
            "semicolon"
        ],
    ),
    (
        "http notice outside loopback",
        'url: "http://127.0.0.1:22580/hooks/tib_sas"',
        'url: "http://tib.example/hook"',
        [
            "127: notify.endpoints.0.url: must be https; http is for loopback in a test environment "
            "only"
        ],
    ),
    (
        "authority that is not there",
        "notify:\n",
        "notify:\n  ca_file: var/none.pem\n",
        ["121: notify.ca_file: there is no file {folder}/var/none.pem"],
    ),
    (
        "authority that is none",
        "notify:\n",
        "notify:\n  ca_file: remissvakt.yaml\n",
        [
            "121: notify.ca_file: {folder}/remissvakt.yaml holds no certificate of an authority (PEM)"
        ],
    ),
    (
        "missing secret",
        "secret_file: var/secrets/tib_sas",
        "secret_file: var/secrets/none",
        ["127: notify.endpoints.0.secret_file: there is no file {folder}/var/secrets/none"],
    ),
    (
        "time of day",
        'day_start: "07:30"',
        'day_start: "half past seven"',
        [
            "34: sites.sas.assumed_hours.day_start: 'half past seven' is not a time of day: write "
            'it as "15:30", in quotes'
        ],
    ),
    (
        "network with host bits",
        "read_networks: [127.0.0.0/8",
        "read_networks: [127.0.0.1/8",
        [
            "14: api.read_networks.0: '127.0.0.1/8' is not a network: write it as 10.20.30.0/24, "
            "with no host bits"
        ],
    ),
    (
        "open limit too low",
        "    normal_max_s: 10                   # in",
        "    open_limit: 3\n    normal_max_s: 10                   # in",
        [
            "71: paths.sas_om_ris.open_limit: 3 open orders cannot carry the evidence for an "
            "outage: 24.3 nats need at least 5"
        ],
    ),
    (
        "production with test numbers and bench",
        "environment: test",
        "environment: production",
        [
            "6: environment: production refuses to start with REMISSVAKT_TEST_ENVIRONMENT set: "
            "unset it, or say `test`",
            "21: identities.synthetic.number: needs `approval`: the reference of the region's "
            "written approval",
            "65: paths.sas_om_ris: needs `approval` in production: the written approval's reference",
            "70: paths.sas_om_ris.cadence: bench is refused unless the environment is test and "
            "REMISSVAKT_TEST_ENVIRONMENT is set",
            "91: paths.halland_vas_biztalk_ris: needs `approval` in production: the written "
            "approval's reference",
            "96: paths.halland_vas_biztalk_ris.cadence: bench is refused unless the environment is "
            "test and REMISSVAKT_TEST_ENVIRONMENT is set",
            "141: groups.sas_images.cadence: bench is refused unless the environment is test and "
            "REMISSVAKT_TEST_ENVIRONMENT is set",
        ],
    ),
    (
        "clinic on a path that is not there",
        "        path: halland_vas_biztalk_ris",
        "        path: halland",
        [
            "59: sites.halland.clinics.halmstad_emergency.path: 'halland' is not one of "
            "halland_vas_biztalk_ris, sas_images, sas_om_ris"
        ],
    ),
    (
        "a text too long for its field",
        "sending_facility: SAS",
        "sending_facility: SODRA ALVSBORGS SJUKHUS BORAS",
        [
            "72: paths.sas_om_ris.send: The order template does not fit HL7 2.5.1: The value "
            "SODRA ALVSBORGS SJUKHUS BORAS exceed the max length: 20"
        ],
    ),
    (
        "the duty officer has hours",
        "{id: tib_sas, role: duty_officer,",
        '{id: tib_sas, hours: {from: "07:00", to: "06:00"}, role: duty_officer,',
        [
            "127: notify.endpoints.0.hours: duty_officer must acknowledge, and is told at any hour; "
            "name other `events` for who only wants to know",
            "127: notify.endpoints.0.hours: must begin before they end, on one day",
        ],
    ),
    (
        "an anchor",
        "instance: demo-a",
        "instance: &name demo-a",
        ["4: anchors and aliases are not allowed; write it out"],
    ),
    (
        "not yaml",
        "sites:\n",
        "sites: [\n",
        ["30: this is not YAML: did not find expected ',' or ']'"],
    ),
    (
        "a daily drill on no path",
        "notify:\n",
        'notify:\n  daily_test: {at: "10:00", endpoints: [it], drill: sas}\n',
        ["121: notify.daily_test.drill: 'sas' is not one of halland_vas_biztalk_ris, sas_om_ris"],
    ),
    (
        "a key twice",
        "environment: test",
        "environment: test\nenvironment: test",
        ["7: 'environment' stands twice"],
    ),
]


def problems(folder: Path, old: str, new: str) -> list[str]:
    file = folder / "remissvakt.yaml"
    write_sample(file, Sample())
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
