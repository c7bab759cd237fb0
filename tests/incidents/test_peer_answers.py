"""What another watchdog's answer must be to be believed: its own, new, of bounded size."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample
from watchdog.clock import ManualClock
from watchdog.config.load import load
from watchdog.runner import peers
from watchdog.runner.peers import Peering
from watchdog.runtime import Runtime, build

PATH = "sas_om_ris"
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
OUT: dict[str, Any] = {
    "instance": "other",
    "epoch": 2,
    "revision": 9,
    "paths": [{"id": PATH, "own_state": "outage", "own_valid_for_s": 30.0}],
}


@pytest.fixture
async def runtime(tmp_path: Path) -> AsyncIterator[Runtime]:
    file = tmp_path / "remissvakt.yaml"
    write_sample(file, Sample(cadence="fast"))
    text = file.read_text("utf-8")
    file.write_text(f'{text}\npeers:\n  - {{id: other, url: "http://127.0.0.1:9"}}\n', "utf-8")
    config, routines = load(file, test_environment=True)
    made = build(config, routines, ManualClock(NOW))
    yield made
    await made.close()


async def heard(runtime: Runtime, *answers: bytes | int) -> bool:
    """True if the path counts as out for another watchdog after these answers, one after the other."""
    left = list(answers)

    def answer(_: httpx.Request) -> httpx.Response:
        said = left.pop(0)
        return httpx.Response(said) if isinstance(said, int) else httpx.Response(200, content=said)

    peering = Peering(runtime)
    for client in peering._clients.values():
        await client.aclose()
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        peering._clients = {"other": client}
        for _ in answers:
            await peering._hear(runtime.config.peers[0])
    assert not left
    word = runtime.board.word(PATH)
    return word is not None and word.outage


def body(**more: Any) -> bytes:
    return json.dumps({**OUT, **more}).encode()


def path(**more: Any) -> dict[str, Any]:
    return {"paths": [{**OUT["paths"][0], **more}]}


async def test_its_own_fresh_word_is_believed(runtime: Runtime) -> None:
    assert await heard(runtime, body())


@pytest.mark.parametrize(
    "said",
    [
        body(instance="a third one"),
        body(**path(own_valid_for_s=0.0)),
        body(**path(id="no_path_of_ours")),
        body(**path(own_valid_for_s=float("nan"))),
        body(paths=None),
        body()[:-9],
        b"",
        b"<html>the portal asks you to log in</html>",
        503,
        302,
    ],
)
async def test_what_is_not_its_own_whole_word_is_none(runtime: Runtime, said: bytes | int) -> None:
    assert not await heard(runtime, said)


async def test_an_answer_that_does_not_end_is_none(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "MOST_BYTES", len(body()) - 1)
    assert not await heard(runtime, body())


async def test_an_answer_older_than_the_one_before_takes_nothing_back(runtime: Runtime) -> None:
    well = path(own_state="normal")
    assert await heard(
        runtime, body(), body(revision=8, **well), body(epoch=1, revision=99, **well)
    )
    assert not await heard(runtime, body(revision=10, **well))


async def test_it_is_believed_no_longer_than_it_says_and_than_we_would_be(runtime: Runtime) -> None:
    assert await heard(runtime, body(**path(own_valid_for_s=9999.0)))
    clock = runtime.clock
    assert isinstance(clock, ManualClock)
    valid = runtime.config.paths[PATH].cadence.valid_for_s
    await clock.advance(valid - 1)
    assert runtime.board.word(PATH) is not None
    await clock.advance(2)
    assert runtime.board.word(PATH) is None
