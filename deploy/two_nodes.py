"""python -m deploy.two_nodes: two nodes on one PostgreSQL and a simulated hospital, without containers.

Both nodes run from folders as two hosts would have them: the same configuration, placer key and secrets,
an `instance` and a journal each. Kill the one that leads and ask the other. Ctrl-C ends all of it.
"""

import argparse
import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.support.postgresql import own_server
from watchdog.cli import sample
from watchdog.cli.check import write_sample
from watchdog.clock import SystemClock
from watchdog.simulator.hospital import Hospital

NODES = {"a": 8081, "b": 8082}
READY_S = 30.0
DATABASE = "REMISSVAKT_DATABASE_URL"


def configure(folder: Path, described: Mapping[str, Any]) -> dict[str, Path]:
    """The configuration file of each node, for a simulated hospital's `describe()`."""
    files: dict[str, Path] = {}
    for name, port in NODES.items():
        values = sample.of_hospital(
            dict(described),
            look_every_s=2.0,
            secrets=str(folder / "var" / "secrets"),
            api_port=port,
        )
        # the RIS reports to one address; with two nodes that would be a floating one
        text = re.sub(r"\n +- \{kind: listener[^\n]*", "", sample.text(values))
        text = text.replace("placer_key_file: var/", f"placer_key_file: {folder}/")
        files[name] = folder / name / "remissvakt.yaml"
        files[name].parent.mkdir(exist_ok=True)
        files[name].write_text(text.replace("instance: demo-a", f"instance: node-{name}"), "utf-8")
    return files


@contextlib.contextmanager
def database() -> Iterator[str]:
    """The one that the environment names, or one of our own."""
    if given := os.environ.get(DATABASE):
        yield given
        return
    with own_server() as made:
        yield made.url


def start(config: Path, url: str) -> "subprocess.Popen[bytes]":
    """One `remissvakt serve`, which writes its log beside its configuration."""
    with (config.parent / "log.jsonl").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "watchdog", "serve", "--config", str(config)],
            stdout=log,
            stderr=log,
            env={**os.environ, "REMISSVAKT_TEST_ENVIRONMENT": "1", DATABASE: url},
        )


async def answers(name: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until it answers. SystemExit if it does not."""
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(int(READY_S * 10)):
            with contextlib.suppress(httpx.HTTPError):
                if (await http.get(f"http://127.0.0.1:{NODES[name]}/readyz")).is_success:
                    return
            if process.poll() is not None:
                break
            await asyncio.sleep(0.1)
    raise SystemExit(f"node {name} does not answer on port {NODES[name]}; why stands in {log}")


async def run(folder: Path, url: str) -> None:
    """Until SIGINT or SIGTERM."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    secrets = write_sample(folder / "shared.yaml", sample.Sample())
    hospital = Hospital(folder / "hospital", SystemClock(), secrets=secrets)
    await hospital.start()
    nodes: list[subprocess.Popen[bytes]] = []
    try:
        for name, config in configure(folder, hospital.describe()).items():
            nodes.append(start(config, url))
            await answers(name, nodes[-1], config.parent / "log.jsonl")
            print(f"node {name}: http://127.0.0.1:{NODES[name]}/ (pid {nodes[-1].pid})", flush=True)
        print(f"hospital: http://127.0.0.1:{hospital.http_port}/, files in {folder}", flush=True)
        await ended.wait()
    finally:
        for node in nodes:
            node.send_signal(signal.SIGTERM)
        for node in nodes:
            await asyncio.to_thread(node.wait, 20)
        await hospital.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="an empty one; else one below /tmp")
    chosen = parser.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="remissvakt-two-nodes-"))
    folder.mkdir(parents=True, exist_ok=True)
    with database() as url:
        asyncio.run(run(folder.resolve(), url))


if __name__ == "__main__":
    main()
