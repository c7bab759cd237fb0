"""What the nurse and the auditor read comes from the decision's own numbers, in both languages."""

import pytest

from watchdog.detection.explain import SHORT, chance, why
from watchdog.model.outage import Grounds, Reason


def test_the_nurse_reads_since_when_and_how_many_are_missing() -> None:
    grounds = Grounds(missing_probes=4, missing_real=7, life_mono=958.0)
    assert why(Reason.NOT_ARRIVING, grounds, 1000.0).sv == (
        "Remisser kommer inte fram. Den senaste som kom fram sändes för 42 s sedan. "
        "4 provremisser och 7 riktiga saknas."
    )


def test_a_share_that_vanishes_is_told_in_numbers() -> None:
    grounds = Grounds(lost=7, finished=25, sender="LAB/SE1")
    told = why(Reason.SENDER_LOSS, grounds, 0.0)
    assert told.sv.endswith("försvinner. 7 av de 25 senaste saknas.")
    assert told.en.endswith("is lost. 7 of the last 25 are missing.")


def test_the_auditor_reads_the_chance_the_limit_and_that_we_could_see() -> None:
    told = chance(Grounds(evidence_nats=22.5, limit_nats=19.1, control_age_s=3.2))
    assert told.sv == (
        "På en frisk väg sker detta en gång av 5.9e+09, även när den är långsam; gräns 2e+08. "
        "Kontrollsonden lyckades för 3 s sedan."
    )
    assert told.en.startswith("On a healthy path this happens once in 5.9e+09, even when it is")


def test_the_worse_of_a_dead_and_a_leaking_path_is_what_the_auditor_reads() -> None:
    dead, leaking = Grounds(evidence_nats=20.0), Grounds(evidence_nats=1.0, partial_nats=20.0)
    assert chance(dead) == chance(leaking)
    assert "Kontrollsonden" not in chance(leaking).sv


@pytest.mark.parametrize(
    ("probes", "real", "sv", "en"),
    [
        (1, 0, "1 provremiss saknas.", "1 test order is missing."),
        (2, 0, "2 provremisser saknas.", "2 test orders are missing."),
        (0, 1, "1 riktig remiss saknas.", "1 real order is missing."),
        (0, 3, "3 riktiga remisser saknas.", "3 real orders are missing."),
        (1, 1, "1 provremiss och 1 riktig saknas.", "1 test order and 1 real one are missing."),
        (
            2,
            3,
            "2 provremisser och 3 riktiga saknas.",
            "2 test orders and 3 real ones are missing.",
        ),
    ],
)
def test_one_is_one_and_none_is_not_mentioned(probes: int, real: int, sv: str, en: str) -> None:
    told = why(Reason.REFUSED, Grounds(missing_probes=probes, missing_real=real), 0.0)
    assert told.sv == f"Mottagaren tar inte emot remisser. {sv}"
    assert told.en == f"The receiver refuses connections. {en}"


def test_the_last_that_arrived_is_told_by_its_age_in_both_languages() -> None:
    told = why(Reason.SUSPECTED, Grounds(missing_probes=1, life_mono=10.4), 52.0)
    assert told.sv == (
        "Provremisser dröjer. Den senaste som kom fram sändes för 42 s sedan. 1 provremiss saknas."
    )
    assert told.en == (
        "Test orders are late. The last one known to arrive was sent 42 s ago. "
        "1 test order is missing."
    )


@pytest.mark.parametrize(
    ("lost", "finished", "sv", "en"),
    [
        (0, 9, "", ""),
        (1, 1, " Den senaste saknas.", " The last one is missing."),
        (1, 4, " 1 av de 4 senaste saknas.", " 1 of the last 4 is missing."),
    ],
)
def test_a_share_of_few_orders_reads_as_people_say_it(
    lost: int, finished: int, sv: str, en: str
) -> None:
    told = why(Reason.PARTIAL_LOSS, Grounds(lost=lost, finished=finished), 0.0)
    assert told.sv == f"En del av remisserna försvinner.{sv}"
    assert told.en == f"A share of the orders is lost.{en}"


def test_recovery_says_how_many_arrived_in_a_row_and_over_how_long() -> None:
    told = why(Reason.ARRIVING_AGAIN, Grounds(fresh=5, span_s=61.6), 0.0)
    assert told.sv == "Remisser kommer fram igen. 5 i rad, sända under 62 s."
    assert told.en == "Orders arrive again. 5 in a row, sent over 62 s."


@pytest.mark.parametrize("reason", list(SHORT))
def test_without_numbers_a_reason_is_its_sentence(reason: Reason) -> None:
    assert why(reason, Grounds(), 0.0) == SHORT[reason]


def test_the_auditors_sentence_is_the_same_in_english() -> None:
    told = chance(Grounds(evidence_nats=3.0, limit_nats=70.0, control_age_s=0.4))
    assert told.en == (
        "On a healthy path this happens once in 20, even when it is slow; limit 1.1e+26. "
        "The control probe passed 0 s ago."
    )
