"""Where a path broke, how sure that is, what else it may be, and the sentence that says so."""

import pytest

from watchdog.model.system import SystemState
from watchdog.model.text import Text
from watchdog.scenarios.localise import Certainty, HopSeen, Place, localise, partly

UP, DOWN = SystemState.UP, SystemState.DOWN
RIS = HopSeen(name="RIS")


def place(
    before: str, after: str, certainty: Certainty, *alternatives: str, sv: str, en: str
) -> Place:
    return Place(
        after=after,
        before=before,
        certainty=certainty,
        alternatives=alternatives,
        because=Text(sv, en),
    )


REFUSES = {"sv": "OM tar inte emot.", "en": "OM does not accept what is sent."}


def test_an_entry_that_does_not_accept_is_where_it_broke_or_the_network_before_it() -> None:
    found = localise([HopSeen(name="OM", accepts=False), RIS], far_end_readable=True)
    assert found == place("OM", "", Certainty.LIKELY, "network", **REFUSES)


def test_an_entry_that_others_see_down_as_well_is_certain() -> None:
    found = localise([HopSeen(name="OM", accepts=False, state=DOWN), RIS], far_end_readable=True)
    assert found == place("OM", "", Certainty.CERTAIN, **REFUSES)


def test_a_hop_that_is_down_is_named_and_those_behind_it_that_are_down_too() -> None:
    hops = [
        HopSeen(name="OM", accepts=True),
        HopSeen(name="BizTalk", state=DOWN),
        HopSeen(name="PACS", state=UP),
        HopSeen(name="RIS", state=DOWN),
    ]
    assert localise(hops, far_end_readable=True) == place(
        "BizTalk",
        "OM",
        Certainty.CERTAIN,
        "RIS",
        sv="OM tar emot; BizTalk svarar inte.",
        en="OM accepts; BizTalk does not answer.",
    )


def test_a_hop_that_is_down_behind_one_that_nobody_looked_at_does_not_make_that_one_well() -> None:
    hops = [HopSeen(name="OM"), HopSeen(name="BizTalk"), HopSeen(name="RIS", state=DOWN)]
    words = {"sv": "RIS svarar inte.", "en": "RIS does not answer."}
    assert localise(hops, far_end_readable=False) == place("RIS", "", Certainty.CERTAIN, **words)
    hops[0] = HopSeen(name="OM", accepts=True)
    assert localise(hops, far_end_readable=False) == place(
        "RIS",
        "OM",
        Certainty.CERTAIN,
        sv="OM tar emot; RIS svarar inte.",
        en="OM accepts; RIS does not answer.",
    )


def test_a_path_that_nobody_has_looked_at_says_so() -> None:
    assert localise([HopSeen(name="OM"), RIS], far_end_readable=True) == place(
        "OM",
        "",
        Certainty.UNKNOWN,
        "OM",
        "RIS",
        sv="Ingen hållplats är undersökt.",
        en="No hop has been looked at.",
    )


@pytest.mark.parametrize(
    ("state", "certainty"), [(UP, Certainty.CERTAIN), (SystemState.UNKNOWN, Certainty.LIKELY)]
)
def test_an_engine_that_accepts_before_a_ris_that_reads_puts_it_between_them(
    state: SystemState, certainty: Certainty
) -> None:
    hops = [HopSeen(name="BizTalk", accepts=True), HopSeen(name="RIS", state=state)]
    assert localise(hops, far_end_readable=True) == place(
        "RIS",
        "BizTalk",
        certainty,
        sv="BizTalk tar emot, RIS går att läsa, ändå kommer inget fram: mellan BizTalk och RIS.",
        en="BizTalk accepts, RIS reads normally, yet nothing arrives: between BizTalk and RIS.",
    )


def test_with_hops_in_between_it_is_likely_after_the_last_that_accepts() -> None:
    hops = [
        HopSeen(name="OM", accepts=True),
        HopSeen(name="BizTalk", accepts=True),
        HopSeen(name="Adapter", state=UP),
        HopSeen(name="RIS", state=UP),
    ]
    assert localise(hops, far_end_readable=True) == place(
        "Adapter",
        "BizTalk",
        Certainty.LIKELY,
        "RIS",
        sv="BizTalk tar emot, RIS går att läsa, ändå kommer inget fram: "
        "mellan BizTalk och Adapter.",
        en="BizTalk accepts, RIS reads normally, yet nothing arrives: between BizTalk and Adapter.",
    )


def test_a_path_of_one_hop_that_accepts_broke_behind_it() -> None:
    found = localise([HopSeen(name="RIS", accepts=True)], far_end_readable=True)
    assert (found.after, found.before, found.certainty) == ("RIS", "RIS", Certainty.LIKELY)


def test_a_far_end_that_cannot_be_read_leaves_it_unknown() -> None:
    assert localise([HopSeen(name="OM", accepts=True), RIS], far_end_readable=False) == place(
        "RIS",
        "OM",
        Certainty.UNKNOWN,
        "RIS",
        "reader",
        sv="OM tar emot, men RIS går inte att läsa.",
        en="OM accepts, but RIS cannot be read.",
    )


def test_where_some_arrive_no_hop_is_ruled_out() -> None:
    assert partly([HopSeen(name="OM", accepts=True), HopSeen(name="RIS", state=UP)]) == place(
        "OM",
        "",
        Certainty.UNKNOWN,
        "OM",
        "RIS",
        sv="En del kommer fram: felet kan sitta var som helst längs vägen.",
        en="Some arrive: the fault may be anywhere along the path.",
    )


def test_a_path_without_hops_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match=r"^a path has at least one hop$"):
        localise([], far_end_readable=True)
    with pytest.raises(ValueError, match=r"^a path has at least one hop$"):
        partly([])


def test_where_nobody_reads_in_the_ris_it_does_not_say_that_it_reads_normally() -> None:
    found = localise([HopSeen(name="OM", accepts=True), RIS], far_end_readable=None)
    assert found == place(
        "RIS",
        "OM",
        Certainty.UNKNOWN,
        "RIS",
        "reader",
        sv="OM tar emot, och ingen läser i RIS.",
        en="OM accepts, and nobody reads in RIS.",
    )
