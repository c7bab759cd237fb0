"""An incident keeps what it lost, so that a restart asks for the same proof of its end."""

from dataclasses import replace
from typing import Any

import pytest

from tests.incidents.test_asked_anew import ADVISED, NOW, declared, setting
from watchdog.incidents import life
from watchdog.model.incident import Incident
from watchdog.model.outage import Grounds, Phase, Reason, Transition


def after(incident: Incident | None, reason: Reason, **grounds: Any) -> tuple[bool, str]:
    found, _ = life.after(incident, declared(reason, **grounds), setting())
    assert found is not None
    return found.partial, found.sender


def relapse(incident: Incident, **grounds: Any) -> Incident:
    again: Transition = replace(
        declared(Reason.NOT_ARRIVING), before=Phase.RECOVERING, grounds=Grounds(**grounds)
    )
    found, _ = life.after(replace(incident, recovering_at=NOW), again, setting())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("reason", "lost"),
    [
        (Reason.NOT_ARRIVING, (False, "")),
        (Reason.REFUSED, (False, "")),
        (Reason.PARTIAL_LOSS, (True, "")),
        (Reason.SENDER_LOSS, (True, "LAB/SE1")),
    ],
)
def test_it_knows_whether_a_share_was_lost_and_whose(
    reason: Reason, lost: tuple[bool, str]
) -> None:
    assert after(None, reason, sender="LAB/SE1") == lost


def test_a_relapse_names_no_sender_and_forgets_none() -> None:
    first, _ = life.after(None, declared(Reason.SENDER_LOSS, sender="LAB/SE1"), setting())
    assert first is not None
    again = relapse(first)
    assert (again.reason, again.partial, again.sender) == (Reason.NOT_ARRIVING, True, "LAB/SE1")


def test_a_recovery_that_lost_a_share_needs_more_from_then_on() -> None:
    assert not relapse(ADVISED).partial
    assert relapse(ADVISED, partial=True).partial


def test_declared_anew_after_it_was_but_slow_it_is_what_is_lost_now() -> None:
    before = replace(ADVISED, partial=True, sender="LAB/SE1", recovering_at=NOW)
    assert after(before, Reason.NOT_ARRIVING) == (True, "")
    assert after(before, Reason.SENDER_LOSS, sender="VAS/SE2") == (True, "VAS/SE2")
