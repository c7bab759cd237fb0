"""Quantiles, slopes and verdicts, by hand-worked numbers."""

import json
from pathlib import Path

import pytest

from bench.figures import conclude, delays, quantile, slope_per_hour


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 50), (0.99, 99), (0.999, 100), (1.0, 100), (0.0, 1)]
)
def test_a_quantile_of_one_to_a_hundred(share: float, expected: float) -> None:
    assert quantile(list(range(100, 0, -1)), share) == expected


def test_a_quantile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        quantile([], 0.5)


def test_one_slow_answer_in_fifty_is_the_p99() -> None:
    assert delays([0.001] * 49 + [2.0]) == {
        "p50_ms": 1.0, "p99_ms": 2000.0, "p999_ms": 2000.0, "worst_ms": 2000.0
    }  # fmt: skip


def test_a_mebibyte_every_ten_seconds_is_360_an_hour() -> None:
    assert slope_per_hour([0, 10, 20, 30], [5, 6, 7, 8]) == pytest.approx(360)


def test_a_miss_is_written_and_exits_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "evidence" / "x.json"
    assert conclude({"seed": 1}, {"fast": True, "small": False}, out) == 1
    assert capsys.readouterr().out.splitlines() == ["held   fast", "MISSED small"]
    written = json.loads(out.read_text("utf-8"))
    assert (written["seed"], written["held"]) == (1, {"fast": True, "small": False})
    assert written["commit"]


def test_a_run_that_judged_nothing_does_not_pass(tmp_path: Path) -> None:
    assert conclude({}, {}, tmp_path / "x.json") == 1
    assert conclude({}, {"fast": True}, tmp_path / "x.json") == 0
