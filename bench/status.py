"""Requests per second: clinic status, and nginx serving the same number of bytes from a file."""

import contextlib
import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx

from bench.served import CLINIC, service, stopping, wait_for
from watchdog.simulator.ports import free_port

SERVER_CORE, LOAD_CORE = 0, 1
SECONDS = 5


def compare(rounds: int) -> dict[str, Any]:
    """Medians of both, and the ratio of each round. nginx serves the very bytes of our document."""
    for tool in ("nginx", "wrk", "taskset"):
        if shutil.which(tool) is None:
            raise SystemExit(f"make bench needs {tool}: install nginx-light and wrk")
    ours, theirs = list[float](), list[float]()
    with service(SERVER_CORE) as url:
        body = httpx.get(f"{url}{CLINIC}", trust_env=False).content
        with nginx(body) as other:
            _rounds(rounds, f"{url}{CLINIC}", other, ours, theirs)
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return {
        "bytes": len(body),
        "ours_per_s": round(statistics.median(ours)),
        "nginx_per_s": round(statistics.median(theirs)),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "ratio": round(statistics.median(ratios), 3),
    }


def _rounds(rounds: int, url: str, other: str, ours: list[float], theirs: list[float]) -> None:
    for _ in range(rounds):
        ours.append(load(url))
        theirs.append(load(other))


def load(url: str) -> float:
    """wrk on the other core: 64 connections, one thread."""
    command = ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", "-c64", f"-d{SECONDS}s", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise SystemExit(f"not every answer was good:\n{said}")
    found = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    assert found is not None, said
    return float(found[1])


@contextlib.contextmanager
def nginx(body: bytes) -> Generator[str]:
    """One worker on the same core as ours, no log, one file."""
    folder, port = Path(tempfile.mkdtemp(prefix="remissvakt-nginx-")), free_port()
    folder.chmod(0o755)
    (folder / "status").write_bytes(body)
    (folder / "nginx.conf").write_text(
        f"worker_processes 1;\npid {folder}/pid;\nerror_log {folder}/error.log;\ndaemon off;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; keepalive_requests 1000000; server {{ listen 127.0.0.1:{port}; "
        f"root {folder}; default_type application/json; }} }}\n"
    )
    child = subprocess.Popen(
        ["taskset", "-c", str(SERVER_CORE), "nginx", "-c", str(folder / "nginx.conf")],
        stderr=subprocess.DEVNULL,
    )
    with stopping(child):
        url = f"http://127.0.0.1:{port}/status"
        wait_for(url)
        yield url
