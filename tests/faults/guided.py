"""Figure F17, the second half: coverage-guided fuzzing (atheris) of what reads HL7.

atheris lives in an environment of its own (`tools/tool atheris python`); what it calls is
`guided_target.py`, and what it begins with are a hundred streams of the seeded generator: in a third
of the time whole messages, in the rest beginnings of a few dozen bytes, of which it tries ten times as
many a second.
"""

import os
import random
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.faults import mutants
from tests.faults.ending import say
from tests.faults.running import ROOT, tool
from watchdog.orders.number import placer_number

MOST_RSS_MIB, BEGINNINGS, CALL_S = 256, 100, 10
WHOLE, SHORT = 4096, 96
"""Bytes of the longest input, by pass."""
LEAST_RUNS_PER_S = 100
"""Fewer would mean that it did something else than fuzz."""
DONE = re.compile(r"Done (\d+) runs")
FOUND = re.compile(r"cov: (\d+) ft: (\d+)")


def beginnings(folder: Path, seed: int, longest: int) -> None:
    """Streams that a peer may send, whole and damaged, one file each."""
    chance = random.Random(seed)
    placers = tuple(placer_number(b"k" * 32, "sas_om_ris", chance.randbytes(10)) for _ in range(5))
    for number in range(BEGINNINGS):
        payload = mutants.damage(chance, mutants.message(chance, placers))
        data = mutants.stream(chance, payload[: longest // 2], longest // 2)
        (folder / f"{number:03}").write_bytes(chance.randbytes(1) + data[: longest - 1])


def fuzz(python: str, folder: Path, seconds: int, seed: int, longest: int) -> str:
    """What libFuzzer printed. SystemExit with what it found, and where the input is."""
    command = (python, "-m", "tests.faults.guided_target", str(folder / "corpus"))
    options = {
        "max_total_time": seconds,
        "max_len": longest,
        "rss_limit_mb": MOST_RSS_MIB,
        "timeout": CALL_S,
        "seed": seed,
        "artifact_prefix": f"{folder}/",
    }
    words = [*command, *(f"-{name}={value}" for name, value in options.items())]
    run = subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=seconds + 120,
    )
    if run.returncode:
        raise SystemExit(f"F17 is missed (seed {seed}): {run.stderr[-2000:]} (input in {folder})")
    return run.stderr


def measured(python: str, seconds: int, seed: int, longest: int) -> dict[str, int]:
    """One pass. SystemExit if something was found, or if it did not fuzz."""
    folder = Path(tempfile.mkdtemp(prefix="remissvakt-guided-"))
    (folder / "corpus").mkdir()
    beginnings(folder / "corpus", seed, longest)
    said = fuzz(python, folder, seconds, seed, longest)
    done, found = DONE.search(said), FOUND.findall(said)
    runs = int(done[1]) if done else 0
    if runs < LEAST_RUNS_PER_S * seconds or not found:
        raise SystemExit(f"F17 was not measured: {runs} runs in {seconds} s: {said[-1000:]}")
    first, last = (int(found[at][0]) for at in (0, -1))
    say(f"guided: {runs} runs of at most {longest} bytes in {seconds} s, edges {first} to {last}")
    shutil.rmtree(folder, ignore_errors=True)
    return {
        "longest": longest,
        "seconds": seconds,
        "executions": runs,
        "edges_at_first": first,
        "edges_at_last": last,
    }


def run(trials: int, seed: int) -> dict[str, object]:
    """Fuzz for `trials` seconds. SystemExit if there was a crash, a hang or too much memory."""
    python = tool("atheris", "python")
    whole = measured(python, trials // 3, seed, WHOLE)
    short = measured(python, trials - trials // 3, seed, SHORT)
    return {
        "seconds_of_fuzz": trials,
        "seed": seed,
        "executions": whole["executions"] + short["executions"],
        "passes": [whole, short],
        "rss_limit_mib": MOST_RSS_MIB,
    }
