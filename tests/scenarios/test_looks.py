"""What looks at a site's systems count for: in a row, for how long, and only while we see at all."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from watchdog.clock import ManualClock
from watchdog.model.outage import Phase, Reason
from watchdog.model.site import Control
from watchdog.model.system import Look, Outcome, SystemState
from watchdog.probes.look import Seen
from watchdog.probes.tcp import TcpSettings
from watchdog.runner.systems import SystemLoops
from watchdog.service.systems import PathSeen, Systems

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
EVERY_S = 15.0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


def systems(clock: ManualClock, site: str = "s") -> Systems:
    config: Any = SimpleNamespace(
        paths={"p": SimpleNamespace(id="p", site=site, hops=("om", "ris"))},
        systems={"melior": SimpleNamespace(site=site, stands_for="melior")},
    )
    return Systems(config, clock)


def look(outcome: Outcome, target: str = "melior") -> Look:
    return Look(probe="web", target=target, outcome=outcome)


def state(found: Systems, site: str = "s") -> SystemState:
    return found.report(site).systems["melior"].state


FAILURES = (Outcome.REFUSED, Outcome.SILENT, Outcome.REJECTED)


@pytest.mark.parametrize("first", FAILURES)
@pytest.mark.parametrize("second", FAILURES)
def test_two_failures_in_a_row_accuse_however_each_of_them_failed(
    clock: ManualClock, first: Outcome, second: Outcome
) -> None:
    found = systems(clock)
    found.saw("melior", 0, look(first), EVERY_S)
    assert state(found) is SystemState.UNKNOWN
    found.saw("melior", 0, look(second), EVERY_S)
    assert state(found) is SystemState.DOWN


def test_a_success_or_a_look_that_was_not_made_between_them_begins_anew(clock: ManualClock) -> None:
    for between in (Outcome.OK, Outcome.UNKNOWN):
        found = systems(clock)
        for outcome in (Outcome.REFUSED, between, Outcome.SILENT):
            found.saw("melior", 0, look(outcome), EVERY_S)
        assert state(found) is SystemState.UNKNOWN


async def test_a_look_is_fresh_for_three_intervals_and_the_time_that_one_takes(
    clock: ManualClock,
) -> None:
    found = systems(clock)
    found.saw("melior", 0, look(Outcome.OK), 2.0, 10.0)
    await clock.advance(16.0)
    assert state(found) is SystemState.UP
    await clock.advance(0.1)
    assert state(found) is SystemState.UNKNOWN


@pytest.mark.parametrize("phase", [Phase.CLEAR, Phase.SUSPECTED, Phase.RECOVERING])
def test_while_people_are_told_of_an_outage_referrals_are_down_whatever_our_orders_do(
    clock: ManualClock, phase: Phase
) -> None:
    found = systems(clock, "sas")
    seen = PathSeen(phase=phase, reason=Reason.ARRIVING, entry_accepts=None, readable=None)
    found.path_seen("p", seen)
    path: Any = SimpleNamespace(site="sas", scenario="om_or_ris_down")
    assert found.report("sas").verdict is not None
    before = found.scenario(path)
    out = PathSeen(**{**_fields(seen), "out": True})
    found.path_seen("p", out)  # at once: nobody waits for the verdict of a second ago
    verdict = found.report("sas").verdict
    assert verdict is not None
    assert verdict.scenario != "pacs_down"
    assert found.scenario(path) == before == "om_or_ris_down"


def _fields(seen: PathSeen) -> dict[str, Any]:
    return {name: getattr(seen, name) for name in ("phase", "reason", "entry_accepts", "readable")}


@pytest.mark.parametrize(
    ("outcome", "controls", "counts"),
    [
        (Outcome.SILENT, "answers", Outcome.SILENT),
        (Outcome.SILENT, "closed", Outcome.UNKNOWN),
        (Outcome.SILENT, "both", Outcome.SILENT),
        (Outcome.SILENT, "none", Outcome.SILENT),
        (Outcome.OK, "closed", Outcome.OK),
    ],
)
async def test_a_failed_look_counts_only_while_a_control_answers(
    clock: ManualClock, outcome: Outcome, controls: str, counts: Outcome
) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    answers = Control(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
    shut = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    closed = Control(host="127.0.0.1", port=shut.sockets[0].getsockname()[1])
    shut.close()
    asked = {"answers": (answers,), "closed": (closed,), "both": (closed, answers), "none": ()}
    found: list[Look] = []
    watcher: Any = SimpleNamespace(
        runtime=SimpleNamespace(
            clock=clock,
            config=SimpleNamespace(
                systems={"melior": SimpleNamespace(site="s")},
                controls_of=lambda _: asked[controls],
            ),
        ),
        systems=SimpleNamespace(saw=lambda _system, _index, look, *_: found.append(look)),
    )

    class Probe:
        async def look(self) -> Seen:
            return Seen(outcome, "as it was")

        async def close(self) -> None: ...

    loops = SystemLoops(watcher)
    settings = TcpSettings(kind="tcp", host="127.0.0.1", port=1)
    await loops._once(Probe(), "melior", 0, settings, "melior.tcp")  # pyright: ignore[reportPrivateUsage]
    server.close()
    assert [look.outcome for look in found] == [counts]
    assert "as it was" in found[0].detail
