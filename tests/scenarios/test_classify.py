"""Every combination of system states has exactly one defined answer, and it is the routine's."""

import itertools

import pytest

from watchdog.model.scenario import SCENARIOS
from watchdog.model.system import SystemState
from watchdog.scenarios.classify import Kind, Verdict, classify
from watchdog.scenarios.rules import REFERRALS, RULES, AnyOf, Is, down

UP, RO, DOWN, DARK = (
    SystemState.UP,
    SystemState.READ_ONLY,
    SystemState.DOWN,
    SystemState.UNKNOWN,
)


def well(site: str, **other: SystemState) -> dict[str, SystemState]:
    return {system: other.get(system, UP) for system in RULES[site].systems}


@pytest.mark.parametrize("site", RULES)
def test_every_combination_has_one_defined_answer(site: str) -> None:
    systems = RULES[site].systems
    seen: set[str] = set()
    for combination in itertools.product(SystemState, repeat=len(systems)):
        states = dict(zip(systems, combination, strict=True))
        verdict = classify(site, states)
        bad = {name for name, state in states.items() if state in (DOWN, RO)}
        dark = {name for name, state in states.items() if state is DARK}
        assert verdict.site == site
        assert set(verdict.unknown) == dark
        assert set(verdict.unstated) <= bad
        assert (verdict.kind is Kind.WELL) == (not bad and not dark)
        if verdict.kind is Kind.UNKNOWN:
            assert dark
            assert not bad
        if verdict.kind is Kind.UNSTATED:
            assert verdict.unstated
            assert not verdict.scenarios
        if verdict.kind is Kind.SCENARIO:
            assert verdict.scenario in SCENARIOS[site]
        assert len(set(verdict.scenarios)) == len(verdict.scenarios)
        assert not set(verdict.scenarios) & set(verdict.possible)
        seen |= set(verdict.scenarios)
    assert seen == set(SCENARIOS[site])


@pytest.mark.parametrize("site", RULES)
def test_doubt_never_reads_as_well_and_a_failure_never_as_doubt(site: str) -> None:
    for system in RULES[site].systems:
        assert classify(site, well(site, **{system: DARK})).kind is Kind.UNKNOWN
        assert classify(site, well(site, **{system: DOWN})).kind in (Kind.SCENARIO, Kind.UNSTATED)
    assert classify(site, well(site)) == Verdict(site=site, kind=Kind.WELL)
    assert classify(site, {}).kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("site", "states", "scenarios"),
    [
        ("sas", {"sectra_pacs": DOWN}, ("pacs_down",)),
        ("sas", {"order_management": DOWN}, ("om_or_ris_down",)),
        ("sas", {"sectra_ris": DOWN}, ("om_or_ris_down",)),
        ("sas", {REFERRALS: DOWN}, ("om_or_ris_down",)),
        ("sas", {REFERRALS: DOWN, "sectra_pacs": DOWN}, ("total_outage",)),
        ("sas", {"sectra_ris": DOWN, "ids7_web": DOWN}, ("total_outage",)),
        ("sas", {"ids7_web": DOWN}, ()),
        ("halland", {"biztalk": DOWN}, ("engine_down",)),
        ("halland", {REFERRALS: DOWN}, ("engine_down",)),
        ("halland", {"sectra_pacs": DOWN}, ()),
        ("nal", {"mei": DOWN}, ("ris_or_mei_down",)),
        ("nal", {"image_transfer": DOWN}, ("image_transfer_down",)),
        ("nal", {"mei": DOWN, "image_transfer": DOWN}, ("ris_or_mei_down", "image_transfer_down")),
        ("kronoberg", {"gateway_z97117": DOWN}, ("outbound_z97117_down", "inbound_down")),
        ("kronoberg", {"skane": DOWN}, ("outbound_skane_cannot_receive",)),
        ("kronoberg", {"skane": DOWN, "network": DOWN}, ()),
        ("kronoberg", {"inbound": DOWN}, ("inbound_down",)),
        ("su", {"melior": RO}, ("melior_read_only",)),
        ("su", {"melior": DOWN}, ("melior_down",)),
        ("su", {"melior": DOWN, "picsara": DOWN}, ("melior_down",)),
        ("su", {"picsara": DOWN}, ("picsara_down",)),
        ("su", {"melior": RO, "picsara": DOWN}, ("picsara_down",)),
    ],
)
def test_the_routine_says_which(
    site: str, states: dict[str, SystemState], scenarios: tuple[str, ...]
) -> None:
    verdict = classify(site, well(site, **states))
    assert verdict.scenarios == scenarios
    if not scenarios:
        assert verdict.kind is Kind.UNSTATED
    explained = {"sectra_pacs", "order_management", "sectra_ris", "mei", "melior", "picsara"}
    if scenarios and set(states) <= explained:
        assert verdict.unstated == ()


def test_a_failed_image_archive_is_never_a_referral_fault() -> None:
    for dark in (UP, DARK):
        verdict = classify("sas", well("sas", sectra_pacs=DOWN, asynja=dark))
        assert verdict.scenarios == ("pacs_down",)


def test_in_doubt_about_an_exception_the_scenario_stands() -> None:
    assert classify("su", well("su", picsara=DOWN, melior=DARK)).scenario == "picsara_down"


def test_partial_knowledge_names_what_remains_possible() -> None:
    verdict = classify("sas", well("sas", sectra_ris=DOWN, sectra_pacs=DARK))
    assert verdict.scenarios == ("om_or_ris_down",)
    assert "total_outage" in verdict.possible


def test_any_of_several_that_is_down_is_enough_and_one_needs_no_or() -> None:
    assert down("pacs") == Is("pacs")
    assert down("pacs", "sectra_ris") == AnyOf((Is("pacs"), Is("sectra_ris")))
