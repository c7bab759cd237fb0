"""Looks that cross several systems, and who is to blame; where a path broke; ranked causes."""

import pytest

from watchdog.model.instruction import Rank
from watchdog.model.system import Look, Outcome, SystemState
from watchdog.routines import library
from watchdog.routines.causes import rank
from watchdog.scenarios.infer import states
from watchdog.scenarios.localise import Certainty, HopSeen, localise

UP, DOWN, DARK, RO = (
    SystemState.UP,
    SystemState.DOWN,
    SystemState.UNKNOWN,
    SystemState.READ_ONLY,
)
CAUSES = library.read(None, {})["kronoberg"].causes
OURS = ("gateway_z97117", "network")


def look(target: str, outcome: Outcome, *crosses: str, times: int = 2) -> Look:
    return Look(
        probe=f"{target} probe",
        target=target,
        crosses=crosses,
        outcome=outcome,
        detail=f"{target}: {outcome}",
        times=times,
    )


def test_a_look_that_works_shows_everything_it_crosses() -> None:
    found = states([*OURS, "skane"], [look("skane", Outcome.OK, *OURS)])
    assert {status.state for status in found.values()} == {UP}


def test_a_far_node_is_told_from_our_own_side_by_another_that_answers() -> None:
    looks = [look("skane", Outcome.SILENT, *OURS), look("blekinge", Outcome.OK, *OURS)]
    found = states([*OURS, "skane", "blekinge"], looks)
    assert found["skane"].state is DOWN
    assert found["gateway_z97117"].state is UP


def test_all_far_nodes_silent_is_our_own_side() -> None:
    looks = [
        look("gateway_z97117", Outcome.OK),
        look("skane", Outcome.SILENT, *OURS),
        look("blekinge", Outcome.SILENT, *OURS),
    ]
    found = states([*OURS, "skane", "blekinge"], looks)
    assert found["network"].state is DOWN
    assert found["skane"].state is DARK
    assert found["gateway_z97117"].state is UP


def test_one_silent_far_node_alone_leaves_it_open_who_is_to_blame() -> None:
    found = states([*OURS, "skane"], [look("skane", Outcome.SILENT, *OURS)])
    assert found["skane"].state is DARK
    assert "network" in found["skane"].suspects


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.REJECTED])
def test_an_answer_that_says_no_is_the_far_nodes_own(outcome: Outcome) -> None:
    found = states([*OURS, "skane"], [look("skane", outcome, *OURS)])
    assert found["skane"].state is DOWN
    assert found["network"].state is DARK


def test_one_failed_look_is_not_enough_and_our_blindness_accuses_nobody() -> None:
    assert states(["pacs"], [look("pacs", Outcome.REFUSED, times=1)])["pacs"].state is DARK
    assert states(["pacs"], [look("pacs", Outcome.UNKNOWN, times=9)])["pacs"].state is DARK


def test_read_only_and_slow_are_said() -> None:
    found = states(
        ["melior", "ris"], [look("melior", Outcome.READ_ONLY), look("ris", Outcome.SLOW)]
    )
    assert found["melior"].state is RO
    assert found["ris"].state is UP
    assert found["ris"].slow


def test_the_engine_accepts_and_the_ris_reads_normally_so_it_is_between_them() -> None:
    hops = [HopSeen(name="BizTalk", accepts=True), HopSeen(name="RIS", state=UP)]
    place = localise(hops, far_end_readable=True)
    assert (place.after, place.before, place.certainty) == ("BizTalk", "RIS", Certainty.CERTAIN)
    assert "mellan BizTalk och RIS" in place.because.sv


def test_an_entry_that_does_not_accept_is_where_it_broke() -> None:
    place = localise(
        [HopSeen(name="OM", accepts=False), HopSeen(name="RIS")], far_end_readable=True
    )
    assert (place.after, place.before) == ("", "OM")
    assert place.certainty is Certainty.LIKELY
    assert place.alternatives == ("network",)


def test_a_far_end_that_cannot_be_read_leaves_it_unknown() -> None:
    place = localise(
        [HopSeen(name="OM", accepts=True), HopSeen(name="RIS")], far_end_readable=False
    )
    assert place.certainty is Certainty.UNKNOWN
    assert "reader" in place.alternatives


def test_a_hop_that_is_down_is_named() -> None:
    hops = [
        HopSeen(name="OM", accepts=True),
        HopSeen(name="BizTalk", state=DOWN),
        HopSeen(name="RIS"),
    ]
    place = localise(hops, far_end_readable=True)
    assert (place.after, place.before, place.certainty) == ("OM", "BizTalk", Certainty.CERTAIN)


def test_the_routines_causes_are_ranked_by_what_is_known() -> None:
    found = states(
        ["gateway_z97117", "gateway_z83680", "network", "skane"],
        [
            look("gateway_z97117", Outcome.OK),
            look("gateway_z83680", Outcome.REFUSED),
            look("blekinge", Outcome.OK, "network"),
        ],
    )
    ranked = rank(CAUSES["sending"], found)
    assert ranked[0].cause.source[0] == "S3-17"
    assert ranked[0].rank is Rank.SHOWN
    assert ranked[0].evidence
    assert {r.cause.source[0] for r in ranked if r.rank is Rank.RULED_OUT} == {"S3-18", "S3-19"}
    rejected = states(["skane"], [look("skane", Outcome.REJECTED, *OURS)])
    assert rank(CAUSES["receiving"], rejected)[0].cause.source[0] in ("S3-25", "S3-27")
