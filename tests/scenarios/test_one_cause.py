"""Which declared paths of a site count as broken at one place."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from watchdog.clock import ManualClock
from watchdog.model.outage import Phase, Reason
from watchdog.model.system import Look, Outcome
from watchdog.service.systems import PathSeen, Systems

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


def systems(**paths: tuple[str, ...]) -> Systems:
    """A site without rules, whose RIS is probed."""
    config: Any = SimpleNamespace(
        paths={name: SimpleNamespace(id=name, site="s", hops=hops) for name, hops in paths.items()},
        systems={"ris": SimpleNamespace(site="s", stands_for="ris")},
    )
    return Systems(config, ManualClock(NOW))


def out(reason: Reason = Reason.NOT_ARRIVING, *, accepts: bool = True) -> PathSeen:
    return PathSeen(phase=Phase.DECLARED, reason=reason, entry_accepts=accepts, readable=True)


def looked_at(found: Systems, outcome: Outcome) -> None:
    for _ in range(5):
        found.saw("ris", 0, Look(probe="tcp", target="ris", outcome=outcome), 60.0)


def test_two_paths_through_one_order_tool_break_between_the_same_two() -> None:
    found = systems(om_ris=("om", "ris"), asynja_om_ris=("om", "ris"))
    for path in ("om_ris", "asynja_om_ris"):
        found.path_seen(path, out())
    looked_at(found, Outcome.OK)
    assert found.same_break("om_ris") == {"asynja_om_ris"}


def test_two_links_to_a_ris_that_works_are_two_causes_and_a_ris_that_is_down_is_one() -> None:
    found = systems(om_ris=("om", "ris"), asynja_ris=("asynja", "ris"))
    for path in ("om_ris", "asynja_ris"):
        found.path_seen(path, out())
    looked_at(found, Outcome.OK)
    assert found.same_break("om_ris") == frozenset()
    looked_at(found, Outcome.REFUSED)
    assert found.same_break("om_ris") == {"asynja_ris"}


@pytest.mark.parametrize("reason", [Reason.PARTIAL_LOSS, Reason.SENDER_LOSS])
def test_a_path_on_which_some_arrive_has_no_known_place_to_share(reason: Reason) -> None:
    found = systems(om_ris=("om", "ris"), asynja_om_ris=("om", "ris"))
    found.path_seen("om_ris", out())
    found.path_seen("asynja_om_ris", out(reason))
    looked_at(found, Outcome.OK)
    assert found.same_break("om_ris") == frozenset()
    assert found.same_break("asynja_om_ris") == frozenset()
