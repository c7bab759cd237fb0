"""Looks that cross several systems, and who is to blame; ranked causes."""

import pytest

from watchdog.model.instruction import Rank
from watchdog.model.system import Look, Outcome, SystemState, SystemStatus
from watchdog.routines import library
from watchdog.routines.causes import rank
from watchdog.scenarios.infer import states

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


def test_each_state_names_its_system_and_the_looks_that_it_rests_on() -> None:
    works, refuses = look("ris", Outcome.OK), look("pacs", Outcome.REFUSED)
    silent = look("skane", Outcome.SILENT, *OURS)
    found = states(["ris", "pacs", "skane", "asynja"], [works, refuses, silent])
    assert found["ris"] == SystemStatus(system="ris", state=UP, because=(works,))
    assert found["pacs"] == SystemStatus(system="pacs", state=DOWN, because=(refuses,))
    assert found["skane"] == SystemStatus(
        system="skane", state=DARK, because=(silent,), suspects=("gateway_z97117", "network")
    )
    assert found["asynja"] == SystemStatus(system="asynja", state=DARK)


def test_a_function_that_is_silent_beside_one_that_answers_is_the_systems_own_fault() -> None:
    echo, store = look("pacs", Outcome.OK), look("pacs", Outcome.SILENT)
    assert states(["pacs"], [echo, store])["pacs"] == SystemStatus(
        system="pacs", state=DOWN, because=(store,)
    )
    behind = look("pacs", Outcome.SILENT, "network")
    found = states(["pacs", "network"], [echo, behind])
    assert (found["pacs"].state, found["network"].state) == (UP, DOWN)


def test_of_several_things_that_all_silent_looks_share_the_nearest_is_to_blame() -> None:
    south, north = (look(each, Outcome.SILENT, *OURS) for each in ("skane", "blekinge"))
    found = states([*OURS, "skane"], [south, north])
    assert found["gateway_z97117"] == SystemStatus(
        system="gateway_z97117", state=DOWN, because=(south, north)
    )
    assert found["network"].state is DARK


def test_two_silent_looks_at_one_target_still_leave_it_open_who_is_to_blame() -> None:
    first, second = (look("skane", Outcome.SILENT, "network") for _ in range(2))
    found = states(["network", "skane"], [first, second])
    assert (found["network"].state, found["skane"].state) == (DARK, DARK)


def test_what_silent_looks_do_not_all_cross_is_no_rival_of_what_they_do() -> None:
    looks = [
        look("skane", Outcome.SILENT, "gateway_z97117", "network"),
        look("blekinge", Outcome.SILENT, "gateway_z83680", "network"),
    ]
    found = states(["gateway_z97117", "gateway_z83680", "network"], looks)
    assert found["network"].state is DOWN
    assert (found["gateway_z97117"].state, found["gateway_z83680"].state) == (DARK, DARK)


def test_read_only_rests_on_the_look_that_said_so_and_slow_on_the_one_that_worked() -> None:
    page, api = look("melior", Outcome.OK), look("melior", Outcome.READ_ONLY)
    assert states(["melior"], [page, api])["melior"] == SystemStatus(
        system="melior", state=RO, because=(api,)
    )
    slow = look("ris", Outcome.SLOW)
    assert states(["ris"], [slow])["ris"] == SystemStatus(
        system="ris", state=UP, because=(slow,), slow=True
    )
    assert not states(["ris"], [look("ris", Outcome.OK)])["ris"].slow


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
