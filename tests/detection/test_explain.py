"""What the nurse and the auditor read comes from the decision's own numbers, in both languages."""

from watchdog.detection.explain import chance, why
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
