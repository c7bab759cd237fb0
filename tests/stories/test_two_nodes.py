"""Two nodes on one PostgreSQL survive each other: one leads, nothing is lost, nobody is told twice."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.nodes import TwoNodes
from tests.support.postgresql import Server, own_server
from watchdog.simulator.faults import FaultKind

TAKEOVER_S = 5.0


@pytest.fixture
def postgres() -> Iterator[Server]:
    with own_server() as made:
        yield made


@pytest.fixture
async def nodes(tmp_path: Path, postgres: Server) -> AsyncIterator[TwoNodes]:
    async with TwoNodes(tmp_path, postgres) as made:
        await made.state("a", "normal")
        await made.state("b", "normal")
        await asyncio.sleep(3)
        yield made


def one_alert(nodes: TwoNodes) -> None:
    """IT saw one declaration, whatever two nodes sent: by its id, as receivers are told to do."""
    assert len({hook["webhook_id"] for hook in nodes.hooks("declared", "it")}) == 1
    assert len({hook["data"]["incident"] for hook in nodes.hooks("declared", "it")}) == 1


def nothing_sent_twice(nodes: TwoNodes) -> None:
    assert {placer: n for placer, n in Counter(nodes.sent()).items() if n > 1} == {}


async def test_the_other_takes_over_from_a_killed_leader_in_the_middle_of_an_outage(
    nodes: TwoNodes,
) -> None:
    await nodes.breaks(FaultKind.SWALLOW)
    await nodes.state("a", "outage")
    await nodes.state("b", "outage", 3)
    await nodes.nodes["a"].kill()
    assert await nodes.leads("b") < TAKEOVER_S
    told = await nodes.state("b", "outage", 1)
    assert told["epoch"] == 2
    await nodes.hooked("advice_changed", "tib_halland")
    await nodes.mends()
    await nodes.state("b", "normal", 40)
    await nodes.hooked("cleared", "tib_halland")
    one_alert(nodes)
    nothing_sent_twice(nodes)
    await nodes.nodes["a"].start()  # it comes back as the one that follows
    await nodes.state("a", "normal")
    assert len(nodes.nodes["a"].events("started")) == 1


async def test_a_leader_that_was_paused_sends_and_stores_nothing_afterwards(
    nodes: TwoNodes,
) -> None:
    nodes.nodes["a"].signal(signal.SIGSTOP)
    assert await nodes.leads("b") < TAKEOVER_S
    await nodes.state("b", "normal")
    before = set(nodes.sent())
    await asyncio.sleep(6)
    nodes.nodes["a"].signal(signal.SIGCONT)
    await asyncio.sleep(3)
    assert nodes.nodes["a"].events("stepped_down")
    told, leading = await nodes.nodes["a"].clinic(), await nodes.nodes["b"].clinic()
    assert told is not None
    assert leading is not None
    assert (told["epoch"], told["state"]) == (2, leading["state"])  # it follows
    assert set(nodes.sent()) > before
    assert nodes.hooks("declared", "it") == []
    nothing_sent_twice(nodes)
