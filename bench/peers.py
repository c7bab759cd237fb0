"""make bench-peers: fault to webhook and back, ours and the Prometheus chain in one run.

The harness is not part of this repository: its folder is given by REMISSVAKT_PEERS_BENCH, or is
../shared/bench/peers. The chain is Debian's (prometheus, prometheus-alertmanager,
prometheus-blackbox-exporter) with the harness's fast settings; without it ours is measured alone.
Ours: one process for all repetitions, `bench` cadence, an empty database.
"""

import argparse
import contextlib
import json
import os
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

from bench.figures import conclude
from bench.served import stopping, wait_for
from watchdog.simulator.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
MODES = ("refuse", "silent", "not_arrived")
DETECT_MOST_S = {"refuse": 1.5, "silent": 2.5, "not_arrived": 2.5}
RECOVER_MOST_S = 2.5
SINK_OUTAGE_S, SINK_MOST_S = 15, 16.0
OURS = ("--down-regex", r'"se\.remissvakt\.incident\.declared', "--up-regex", r'\.cleared\.v1"')
CHAIN = ("prometheus", "prometheus-alertmanager", "prometheus-blackbox-exporter")
Rows = list[dict[str, Any]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=5)
    parser.add_argument("--sink-reps", type=int, default=2)
    parser.add_argument("--settle", type=float, default=15)
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("ours", "prometheus"))
    parser.add_argument("--out", type=Path, default=Path("evidence/peers.json"))
    chosen = parser.parse_args()
    folder = Path(os.environ.get("REMISSVAKT_PEERS_BENCH", ROOT.parent / "shared/bench/peers"))
    if not (folder / "harness.py").exists():
        print(f"{folder} has no harness.py: set REMISSVAKT_PEERS_BENCH to the bench's folder")
        return 2
    found: dict[str, Rows] = {}
    if chosen.only != "prometheus":
        with _Ours() as ours:
            more = [*OURS, *_common(chosen)]
            found["ours"] = _measure(folder, ours.ports, "ours", more)
            for at in ("fault", "recover"):
                late = [*more, "--sink-outage", str(SINK_OUTAGE_S), "--sink-outage-at", at]
                late += ["--reps", str(chosen.sink_reps)]  # the last one counts
                found[f"ours_sink_{at}"] = _measure(folder, ours.ports, f"ours_sink_{at}", late)
    missing = [name for name in CHAIN if shutil.which(name) is None]
    if chosen.only != "ours" and missing:
        print(f"not measured beside it: {', '.join(missing)} not installed")
    elif chosen.only != "ours":
        with _prometheus(folder) as ports:
            more = ["--preset", "alertmanager", "--ack-lf", *_common(chosen)]
            found["prometheus"] = _measure(folder, ports, "prometheus", more)
    held = _verdict(found)
    return conclude({"found": found}, held, chosen.out)


def _common(chosen: argparse.Namespace) -> list[str]:
    return [
        *("--modes", chosen.modes, "--reps", str(chosen.reps), "--seed", str(chosen.seed)),
        *("--settle", str(chosen.settle), "--phase", "1", "--warmup", "15"),
    ]


def _measure(folder: Path, ports: dict[str, int], label: str, more: list[str]) -> Rows:
    where = [
        arg for name in ("mllp", "http", "webhook") for arg in (f"--{name}-port", str(ports[name]))
    ]
    command = [sys.executable, str(folder / "harness.py"), "measure", "--label", label]
    rows: Rows = []
    with subprocess.Popen([*command, *where, *more], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        for line in run.stdout:
            print(line, end="", flush=True)
            rows.append(json.loads(line))
    if run.returncode:
        raise SystemExit(f"the harness failed while it measured {label}: nothing is told of it")
    return rows


def _verdict(found: dict[str, Rows]) -> dict[str, bool]:
    held: dict[str, bool] = {}
    for row in (r for r in found.get("ours", []) if "summary" in r):
        mode, limit = row["mode"], DETECT_MOST_S[row["mode"]]
        for key, most in (("detect_s", limit), ("recover_s", RECOVER_MOST_S)):
            seen = row.get(key, {"n": 0})
            good = seen["n"] == row["reps"] and seen["median"] <= most
            held[f"{mode}: {key} median <= {most:g} in {row['reps']} of {row['reps']}"] = good
    for at, key in (("fault", "detect_s"), ("recover", "recover_s")):
        rows = [r for r in found.get(f"ours_sink_{at}", []) if "rep" in r]
        if rows:
            good = all(r[key] is not None and r[key] <= SINK_MOST_S for r in rows)
            held[f"receiver down {SINK_OUTAGE_S} s at {at}: delivered <= {SINK_MOST_S:g} s"] = good
    return held


class _Ours:
    """The service on a configuration with one path, as a process of its own; and a control."""

    def __init__(self) -> None:
        self._left = contextlib.ExitStack()
        self.ports = {name: free_port() for name in ("mllp", "http", "webhook", "api")}

    def __enter__(self) -> "_Ours":
        folder = Path(tempfile.mkdtemp(prefix="remissvakt-peers-"))
        control = self._left.enter_context(_control())
        secret = folder / "secret"
        secret.write_text("whsec_" + "A" * 43 + "=", "utf-8")
        secret.chmod(0o600)
        text = (ROOT / "bench/peers.yaml").read_text("utf-8")
        ports = self.ports
        filled = text.format(
            **{name: ports[name] for name in ("api", "mllp", "http")},
            sink=ports["webhook"],
            control=control,
            secret=secret,
        )
        config = folder / "remissvakt.yaml"
        config.write_text(filled, "utf-8")
        command = [sys.executable, "-m", "watchdog", "serve", "-c", str(config)]
        environment = {**os.environ, "REMISSVAKT_TEST_ENVIRONMENT": "1"}
        with (folder / "log").open("w") as log:
            child = subprocess.Popen(command, env=environment, stderr=log, cwd=folder)
        self._left.enter_context(stopping(child))
        wait_for(f"http://127.0.0.1:{ports['api']}/v1/clinics/boras_emergency/status")
        return self

    def __exit__(self, *_: object) -> None:
        self._left.close()


@contextlib.contextmanager
def _control() -> Generator[int]:
    """A port that accepts: what tells our own blindness from the target's silence."""
    with socketserver.ThreadingTCPServer(
        ("127.0.0.1", 0), socketserver.BaseRequestHandler
    ) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def _three_in_a_row() -> int:
    """The first of three free ports: the harness's settings for Prometheus count from it."""
    for base in range(20000, 30000, 10):
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in range(base, base + 3):
                held.enter_context(socketserver.TCPServer(("127.0.0.1", port), _Nobody))
            return base
    raise SystemExit("no three free ports in a row")


class _Nobody(socketserver.BaseRequestHandler):
    """Answers nothing."""


@contextlib.contextmanager
def _prometheus(folder: Path) -> Generator[dict[str, int]]:
    """The chain with the harness's fast settings, on ports of its own."""
    made = Path(tempfile.mkdtemp(prefix="remissvakt-prometheus-"))
    prom, alert, box = (free_port() for _ in range(3))
    base = _three_in_a_row()
    ports = {"mllp": base, "http": base + 1, "webhook": base + 2}
    write = [folder / "gen_prom.py", made, "fast", base, 1, prom, alert, box]
    subprocess.run([sys.executable, *(str(part) for part in write)], check=True)
    commands = (
        [CHAIN[2], f"--config.file={made}/blackbox.yml", f"--web.listen-address=127.0.0.1:{box}"],
        [
            CHAIN[1],
            f"--config.file={made}/alertmanager.yml",
            f"--storage.path={made}/alerts",
            f"--web.listen-address=127.0.0.1:{alert}",
            "--cluster.listen-address=",
        ],
        [
            CHAIN[0],
            f"--config.file={made}/prometheus.yml",
            f"--storage.tsdb.path={made}/series",
            f"--web.listen-address=127.0.0.1:{prom}",
        ],
    )
    with contextlib.ExitStack() as left, (made / "log").open("w") as log:
        for command in commands:
            child = subprocess.Popen(command, stdout=log, stderr=log, cwd=made)
            left.enter_context(stopping(child))
        wait_for(f"http://127.0.0.1:{prom}/-/ready", 30)
        yield ports


if __name__ == "__main__":
    sys.exit(main())
