"""The shipped program in a folder of its own: the service with an API key, or the sandbox."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.served import CLINIC, stopping, wait_for
from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample
from watchdog.simulator.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Running:
    """Where it is reached, and where it writes."""

    url: str
    folder: Path
    key: str = ""
    """An admin's API key; the sandbox has none."""


def environment() -> dict[str, str]:
    return {**os.environ, "REMISSVAKT_TEST_ENVIRONMENT": "1", "PYTHONPATH": str(ROOT)}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "watchdog", *arguments]


def tool(name: str, program: str = "") -> str:
    """Where a program is that lives in an environment of its own, made if it is not there."""
    asked = [str(ROOT / "tools" / "tool"), name, *([program] if program else [])]
    made = subprocess.run(asked, stdout=subprocess.PIPE, text=True, check=False)
    if made.returncode:
        raise SystemExit(f"not measured: {' '.join(asked[1:])} could not be set up")
    return made.stdout.strip()


@contextlib.contextmanager
def running(kind: str) -> Iterator[Running]:
    """`sandbox` or `service`; on a quiet configuration, whose paths lead nowhere."""
    folder = Path(tempfile.mkdtemp(prefix=f"remissvakt-{kind}-"))
    port, key = free_port(), ""
    asked = ["sandbox", "--port", str(port)]
    if kind == "service":
        config = folder / "remissvakt.yaml"
        values = Sample(
            api_port=port,
            cadence="gentle",
            feedback_om=0,
            feedback_biztalk=0,
            database=f"sqlite:///{folder}/db.sqlite",
        )
        write_sample(config, values)
        asked = ["serve", "-c", str(config)]
        key = admin_key(config)
    with (folder / f"{kind}.log").open("w") as log:
        child = subprocess.Popen(
            command(*asked), cwd=folder, env=environment(), stdout=log, stderr=log
        )
        with stopping(child):
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}{CLINIC}", 20)
            yield Running(url, folder, key)


def admin_key(config: Path) -> str:
    """A key as an administrator makes one."""
    asked = command("keys", "add", "--name", "hostile", "--role", "admin", "-c", str(config))
    said = subprocess.run(
        asked, cwd=config.parent, env=environment(), capture_output=True, text=True, check=True
    )
    return said.stdout.split()[-1]  # a line of the log goes before it
