"""A group of systems: declared by its scenario, ended only by every system seen to work."""

import pytest

from watchdog.model.outage import Grounds, Phase, Reason, Transition
from watchdog.model.system import SystemState, SystemStatus
from watchdog.model.text import Text
from watchdog.scenarios.classify import Kind, Verdict
from watchdog.scenarios.group import GroupFold, GroupSeen, seen

WELL = GroupSeen(scenario="", bad=(), unknown=())
DOWN = GroupSeen(scenario="pacs_down", bad=("pacs",), unknown=())
DARK = GroupSeen(scenario="", bad=(), unknown=("web", "pacs"))
ODD = GroupSeen(scenario="", bad=("web",), unknown=("pacs",))
WORKS = Text("Systemen svarar som de ska.", "The systems answer as they should.")


def fold(*looks: GroupSeen, recovery_s: float = 30.0) -> tuple[GroupFold, list[Transition | None]]:
    """A group that is looked at every ten seconds from 100 on."""
    group = GroupFold(recovery_s=recovery_s)
    return group, [group.tick(100.0 + 10 * n, 1000.0 + 10 * n, x) for n, x in enumerate(looks)]


def of_site(*scenarios: str, **states: SystemState) -> GroupSeen:
    known = {name: SystemStatus(system=name, state=state) for name, state in states.items()}
    verdict = Verdict(site="sas", kind=Kind.SCENARIO, scenarios=scenarios)
    return seen(("pacs", "web"), ("pacs_down", "web_down"), known, verdict)


def test_the_groups_part_of_the_site_is_its_own_systems_and_its_first_scenario() -> None:
    found = of_site("other", "web_down", "pacs_down", pacs=SystemState.DOWN, ris=SystemState.DOWN)
    assert found == GroupSeen(scenario="web_down", bad=("pacs",), unknown=("web",))


def test_a_system_that_can_only_be_read_is_bad_too() -> None:
    found = of_site(pacs=SystemState.READ_ONLY, web=SystemState.UP)
    assert found == GroupSeen(scenario="", bad=("pacs",), unknown=())


def test_a_wider_scenario_of_the_site_contains_the_group() -> None:
    assert of_site("total_outage", pacs=SystemState.UP, web=SystemState.UP).contained
    assert not of_site("total_outage", "pacs_down").contained
    assert not of_site().contained


def test_a_site_without_rules_has_no_scenario() -> None:
    assert seen(("pacs",), ("pacs_down",), {}, None) == GroupSeen(
        scenario="", bad=(), unknown=("pacs",)
    )


def test_a_scenario_declares_and_says_what_does_not_answer() -> None:
    group, (well, down) = fold(WELL, DOWN)
    assert well == Transition(
        before=Phase.UNKNOWN,
        after=Phase.CLEAR,
        mono=100.0,
        t=1000.0,
        reason=Reason.SYSTEM_WORKS,
        because=WORKS,
        grounds=Grounds(oldest_missing_mono=100.0, life_mono=100.0, span_s=0.0),
    )
    assert down == Transition(
        before=Phase.CLEAR,
        after=Phase.DECLARED,
        mono=110.0,
        t=1010.0,
        reason=Reason.SYSTEM_DOWN,
        because=Text("Svarar inte som det ska: pacs.", "Does not answer as it should: pacs."),
        grounds=Grounds(oldest_missing_mono=110.0, life_mono=100.0, span_s=0.0),
    )
    assert (group.scenario, group.good_at) == ("pacs_down", 100.0)


def test_doubt_never_ends_an_outage_and_the_scenario_stands() -> None:
    group, steps = fold(DOWN, DARK, ODD)
    assert [step is None for step in steps] == [False, True, True]
    assert (group.phase, group.scenario) == (Phase.DECLARED, "pacs_down")


def test_all_systems_must_work_for_the_whole_span_before_the_all_clear() -> None:
    group, steps = fold(DOWN, WELL, WELL, WELL, WELL)
    _, back, *waiting, over = steps
    assert back is not None
    assert (back.after, back.reason) == (Phase.RECOVERING, Reason.SYSTEM_BACK)
    assert back.because == Text("Alla system svarar igen.", "Every system answers again.")
    assert waiting == [None, None]
    assert over is not None
    assert (over.after, over.reason, over.because) == (Phase.CLEAR, Reason.SYSTEM_WORKS, WORKS)
    assert over.grounds.span_s == 30.0
    assert group.scenario == ""


def test_doubt_while_recovering_is_an_outage_again_and_the_span_begins_anew() -> None:
    _, steps = fold(DOWN, WELL, WELL, DARK, WELL, WELL, WELL, WELL)
    phases = [step.after for step in steps if step is not None]
    assert phases == [
        Phase.DECLARED,
        Phase.RECOVERING,
        Phase.DECLARED,
        Phase.RECOVERING,
        Phase.CLEAR,
    ]
    assert steps[-1] is not None


def test_a_fault_of_which_the_routine_does_not_speak_is_a_suspicion() -> None:
    group, (_, odd) = fold(WELL, ODD)
    assert odd is not None
    assert (odd.after, odd.reason) == (Phase.SUSPECTED, Reason.SYSTEM_UNSTATED)
    assert odd.because.en == "Does not answer as it should: web."
    assert group.scenario == ""


@pytest.mark.parametrize(
    ("looks", "reason"),
    [((DARK,), Reason.STARTING), ((WELL, DARK), Reason.SYSTEM_UNKNOWN)],
    ids=["never seen", "seen before"],
)
def test_what_cannot_be_seen_is_unknown(looks: tuple[GroupSeen, ...], reason: Reason) -> None:
    group, steps = fold(*looks)
    assert (group.phase, group.reason) == (Phase.UNKNOWN, reason)
    if len(looks) > 1:
        assert steps[-1] is not None
        assert steps[-1].because == Text(
            "Går inte att se: web, pacs.", "Cannot be seen: web, pacs."
        )


def test_after_a_suspicion_what_cannot_be_seen_is_not_the_start_any_more() -> None:
    group, _ = fold(ODD, DARK)
    assert group.reason is Reason.SYSTEM_UNKNOWN


def test_an_outage_of_an_earlier_run_stands_until_every_system_is_seen_to_work() -> None:
    group = GroupFold(recovery_s=10.0)
    group.resume_outage("pacs_down")
    assert (group.phase, group.reason, group.scenario) == (
        Phase.DECLARED,
        Reason.SYSTEM_DOWN,
        "pacs_down",
    )
    assert group.tick(0.0, 0.0, DARK) is None
    back = group.tick(1.0, 1.0, WELL)
    assert back is not None
    assert back.after is Phase.RECOVERING
