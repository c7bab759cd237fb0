"""The shipped application as a process of its own, on a quiet configuration, for the benches."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

import httpx

from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample
from watchdog.simulator.ports import free_port

CLINIC = "/v1/clinics/boras_emergency/status"


@contextlib.contextmanager
def service(core: int | None = None) -> Generator[str]:
    """Its URL. Its paths lead nowhere, so the state is unknown and nothing else goes on."""
    folder = Path(tempfile.mkdtemp(prefix="remissvakt-bench-"))
    port = free_port()
    config = folder / "remissvakt.yaml"
    write_sample(config, Sample(api_port=port, cadence="gentle", feedback_om=0, feedback_biztalk=0))
    pin = ["taskset", "-c", str(core)] if core is not None else []
    log = (folder / "log").open("w")
    child = subprocess.Popen(
        [*pin, sys.executable, "-m", "watchdog", "serve", "-c", str(config)],
        env={**os.environ, "REMISSVAKT_TEST_ENVIRONMENT": "1"},
        stderr=log,
    )
    with log, stopping(child):
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}{CLINIC}")
        yield url


@contextlib.contextmanager
def stopping(child: subprocess.Popen[bytes]) -> Generator[None]:
    """Ends `child` with the block, however that ends."""
    try:
        yield
    finally:
        child.terminate()
        child.wait()


def wait_for(url: str, patience_s: float = 10) -> None:
    """Until `url` answers well. SystemExit if it does not in time: there is nothing to measure."""
    for _ in range(round(patience_s / 0.05)):
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, trust_env=False).is_success:
                return
        time.sleep(0.05)
    raise SystemExit(f"{url} did not answer within {patience_s:g} s")
