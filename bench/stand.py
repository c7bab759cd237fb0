"""The test stand: PostgreSQL, hospital and service in processes of their own, the service on core 0."""

import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.served import stopping, wait_for
from tests.support.postgresql import Server, fresh_database, own_server
from watchdog.cli import sample
from watchdog.cli.check import write_sample
from watchdog.simulator.ports import free_port

SERVER_CORE, LOAD_CORE = 0, 1
PATHS = {"om": "sas_om_ris", "biztalk": "halland_vas_biztalk_ris"}
DESCRIPTORS = 16_384
READY_S = 60.0


@dataclass(frozen=True, slots=True)
class Stand:
    """What is measured, and what can be broken about it."""

    url: str
    pid: int
    """Of the service."""
    hospital: str
    """URL of the hospital's switchboard."""
    database: Server
    folder: Path

    def fault(self, lane: str, kind: str) -> None:
        """Break a lane of the hospital; `none` mends it."""
        asked = {"lane": lane, "fault": kind}
        url = f"{self.hospital}/control/faults"
        httpx.post(url, json=asked, trust_env=False, timeout=10).raise_for_status()

    def states(self) -> dict[str, str]:
        """What is published of every path."""
        found = httpx.get(f"{self.url}/v1/status", trust_env=False, timeout=10).raise_for_status()
        return {path["id"]: path["state"] for path in found.json()["paths"]}

    def settles(self, patience_s: float = 60) -> bool:
        """Wait until both paths of orders are normal; False if they are not in time."""
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            states = self.states()
            if all(states.get(path) == "normal" for path in PATHS.values()):
                return True
            time.sleep(0.2)
        return False


@contextlib.contextmanager
def stand(seed: int, edit: Callable[[str], str] = lambda text: text) -> Generator[Stand]:
    """Every site on bench cadence, healthy; the log stays in its folder when it ends."""
    folder = Path(tempfile.mkdtemp(prefix="remissvakt-stand-"))
    config = folder / "remissvakt.yaml"
    write_sample(config, sample.Sample(secrets="secrets"))
    with contextlib.ExitStack() as left:
        log = left.enter_context((folder / "log").open("w"))
        database = left.enter_context(own_server())
        command = [sys.executable, "-m", "bench.hospital", str(folder), str(seed)]
        hospital = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
        left.enter_context(stopping(hospital))
        assert hospital.stdout is not None
        found = json.loads(hospital.stdout.readline() or b"{}")
        if not found:
            raise SystemExit(f"the hospital did not start: {folder}/log")
        port, feedback = free_port(), {lane: free_port() for lane in PATHS}
        values = sample.of_hospital(
            found["hospital"],
            nodes=found["nodes"],
            api_port=port,
            secrets="secrets",
            feedback_om=feedback["om"],
            feedback_biztalk=feedback["biztalk"],
        )
        config.write_text(edit(sample.text(values)), "utf-8")
        switchboard = f"http://127.0.0.1:{found['hospital']['http']}"
        for lane, to in feedback.items():
            asked = {"lane": lane, "host": "127.0.0.1", "port": to}
            httpx.post(f"{switchboard}/control/feedback", json=asked, trust_env=False)
        service = subprocess.Popen(
            [*pinned(SERVER_CORE), sys.executable, "-m", "watchdog", "serve", "-c", str(config)],
            env={
                **os.environ,
                "REMISSVAKT_TEST_ENVIRONMENT": "1",
                "REMISSVAKT_DATABASE_URL": fresh_database(database.url, "load"),
            },
            stdout=log,
            stderr=log,
        )
        left.enter_context(stopping(service))
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/readyz", READY_S)
        made = Stand(url, service.pid, switchboard, database, folder)
        if not made.settles():
            raise SystemExit(f"not normal at the beginning: {made.states()}, {folder}/log")
        yield made


def pinned(core: int) -> list[str]:
    """What to put before a command so that it stays on that core, where there are two."""
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > 1 else []


@contextlib.contextmanager
def generator() -> Generator[None]:
    """This thread on the other core, with descriptors for every client, until the block ends."""
    before = os.sched_getaffinity(0)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = most if most != resource.RLIM_INFINITY else DESCRIPTORS
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(DESCRIPTORS, enough), most))
    if LOAD_CORE in before:
        os.sched_setaffinity(0, {LOAD_CORE})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def anywhere(work: Callable[[], None]) -> None:
    """`work` on every core: in a thread of its own, what it starts does not inherit the generator's."""
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    work()


@contextlib.contextmanager
def scheduled(pid: int) -> Generator[dict[str, float]]:
    """What share of the block's time the loop's thread ran, and waited for its core behind others.

    A wait of more than some hundredths is a busy neighbour: the latencies are then not ours alone.
    Source: Linux, Documentation/scheduler/sched-stats.rst, /proc/<pid>/schedstat (ns).
    """
    found: dict[str, float] = {}
    began, before = time.monotonic(), _schedstat(pid)
    try:
        yield found
    finally:
        took_ns = (time.monotonic() - began) * 1e9
        names = ("ran_share", "waited_for_core_share")
        for name, now, then in zip(names, _schedstat(pid), before, strict=True):
            found[name] = round((now - then) / took_ns, 3)


def _schedstat(pid: int) -> tuple[int, int]:
    ran, waited, _ = Path(f"/proc/{pid}/schedstat").read_text("ascii").split()
    return int(ran), int(waited)


def rss_mib(pid: int) -> float:
    """Resident memory of a process, MiB (proc(5), VmRSS)."""
    return float(_of_status(pid, "VmRSS")) / 1024


def threads(pid: int) -> int:
    """Threads of a process."""
    return int(_of_status(pid, "Threads"))


def descriptors(pid: int) -> int:
    """Open descriptors of a process."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def _of_status(pid: int, field: str) -> str:
    for line in Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines():
        if line.startswith(f"{field}:"):
            return line.split()[1]
    raise ValueError(f"/proc/{pid}/status has no {field}")
