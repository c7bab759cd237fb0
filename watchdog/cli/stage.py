"""The demo's stage: two child processes, and the questions that the narrator asks from outside."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

import httpx

from watchdog.cli import check, evidence, sample
from watchdog.cli.context import err, who
from watchdog.clock import SystemClock
from watchdog.config.load import load
from watchdog.service.asking import ask
from watchdog.simulator.ports import free_port
from watchdog.storage.engine import Database
from watchdog.storage.requests import Requests

READY_S = 30.0
END_S = 2.0
KILLED_S = 0.3
LOSE_PERCENT = 70.0
LANES = {"om": "sas_om_ris", "biztalk": "halland_vas_biztalk_ris"}
TERMINAL = ("cancelled", "refused", "debt")


class Stage:
    """Starts, asks, breaks, mends and ends."""

    def __init__(self, folder: Path, seed: int, port: int, config: Path | None = None) -> None:
        self._folder, self._seed, self._given = folder, seed, config
        self._database = folder / evidence.DATABASE
        self._children: list[subprocess.Popen[str]] = []
        self._logs: list[IO[str]] = []
        self._http = httpx.Client(timeout=2.0, trust_env=False)
        self._port = port or free_port()
        self.hold_off_s = sample.Sample().hold_off_s
        self.hospital_url = ""
        self.url = f"http://127.0.0.1:{self._port}"

    def begin(self) -> None:
        """Start the hospital, write the configuration for its ports, start the service."""
        config = self._folder / "remissvakt.yaml"
        check.write_sample(config, sample.Sample(secrets="secrets"))
        asked = _ports(self._given) if self._given is not None else {}
        hospital = self._start(
            "hospital",
            "simulate",
            *("--folder", str(self._folder), "--secrets", str(self._folder / "secrets")),
            *("--seed", str(self._seed), "--ports", json.dumps(asked)),
        )
        line = hospital.stdout.readline() if hospital.stdout else ""
        if not line:
            self.complain()
            raise RuntimeError("the simulated hospital did not start")
        found = json.loads(line)
        self.hospital_url = f"http://127.0.0.1:{found['http']}"
        feedback = {lane: asked.get(f"{lane}_feedback") or free_port() for lane in LANES}
        values = self._values(found, feedback)
        written = sample.text(values)
        if self._given is not None:  # theirs, but for where this run keeps its files
            written = _moved(self._given.read_text("utf-8"), values)
        config.write_text(written, "utf-8")
        for lane, port in feedback.items():
            body = {"lane": lane, "host": "127.0.0.1", "port": port}
            self._post("/control/feedback", body)
        self.restart_service()

    def _values(self, found: dict[str, Any], feedback: dict[str, int]) -> sample.Sample:
        return sample.of_hospital(
            found,
            feedback_om=feedback["om"],
            feedback_biztalk=feedback["biztalk"],
            api_port=self._port,
            database=f"sqlite:///{self._database}",
            secrets="secrets",
        )

    def restart_service(self) -> None:
        """Start the service on what is configured and stored; returns when it answers."""
        self._start("service", "serve", "--port", str(self._port), *self._config())
        self._await_ready()

    def kill_service(self) -> None:
        """End it without any warning (SIGKILL), as a crash does."""
        service = self._children.pop()
        service.kill()
        service.wait()

    def await_state(self, state: str, patience_s: float) -> None:
        """Wait until every clinic is told this state. RuntimeError if it is not."""
        end = time.monotonic() + patience_s  # noqa: TID251
        while time.monotonic() < end:  # noqa: TID251
            told = [self.clinic(name) for name in ("boras_emergency", "halmstad_emergency")]
            if all(answer is not None and answer["state"] == state for answer in told):
                return
            self.nap(0.05)
        raise RuntimeError(f"not {state} within {patience_s:g} s")

    def alive(self) -> bool:
        """True while both children run."""
        return all(child.poll() is None for child in self._children)

    def clinic(self, name: str) -> dict[str, Any] | None:
        """What the clinic API says now; None if it did not answer."""
        try:
            answer = self._http.get(f"{self.url}/v1/clinics/{name}/status")
        except httpx.HTTPError:
            return None
        return answer.json() if answer.is_success else None

    def hooks(self, kind: str) -> list[dict[str, Any]]:
        """Webhooks of one kind that the hospital received, verified or not."""
        file = self._folder / evidence.WEBHOOKS
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        found = [json.loads(line) for line in lines]
        return [hook for hook in found if hook["type"] == f"se.remissvakt.incident.{kind}.v1"]

    def break_lane(self, fault: str) -> None:
        body: dict[str, Any] = {"lane": "biztalk", "fault": fault}
        if fault == "lose":
            body["percent"] = LOSE_PERCENT
        self._post("/control/faults", body)

    def mend_lane(self) -> None:
        self._post("/control/faults", {"lane": "biztalk", "fault": "none"})

    def stop_sending(self, patience_s: float = 10.0) -> None:
        """Ask the service to stop sending on both paths, and wait for its answers.

        As `remissvakt orders stop` does, but from here: where the machine is slow, two more interpreters
        would take longer to start than whoever pressed Ctrl-C waits. What is not answered in time stays
        asked. StorageError if it could not be asked.
        """
        if not self._database.exists():
            return
        with contextlib.suppress(TimeoutError):
            asyncio.run(self._ask_to_stop(patience_s))

    async def _ask_to_stop(self, patience_s: float) -> None:
        clock = SystemClock()
        database = Database(f"sqlite:///{self._database}", clock)
        requests = Requests(database)
        try:
            async with asyncio.timeout(patience_s):
                wishes = [{"path": path, "reason": "the demo ends"} for path in LANES.values()]
                await asyncio.gather(
                    *(
                        ask(requests, "stop", wish, by=who(), clock=clock, patience_s=patience_s)
                        for wish in wishes
                    )
                )
        finally:
            await database.close()

    def open_orders(self) -> list[str]:
        """Orders of the book that are neither cancelled nor accounted for."""
        rows = self._query(
            "SELECT placer, state FROM orders WHERE state NOT IN (?, ?, ?)"
            " AND NOT (state = 'lost' AND ended_at IS NOT NULL)",
            TERMINAL,
        )
        return [f"{placer} {state}" for placer, state in rows]

    def incident(self) -> str:
        """The newest incident's id."""
        rows = self._query("SELECT id FROM incidents WHERE declared_at IS NOT NULL", ())
        return str(rows[-1][0]) if rows else ""

    def nap(self, seconds: float) -> None:
        time.sleep(seconds)

    def complain(self) -> None:
        """Show the end of the children's logs."""
        for name in ("hospital", "service"):
            file = self._folder / f"{name}.log"
            if file.exists():
                for line in file.read_text("utf-8", "replace").splitlines()[-8:]:
                    err.print(f"  {name}: {line[:300]}", markup=False)

    def end(self, patience_s: float = END_S) -> None:
        """End both children, the service first; harmless when called again."""
        for child in reversed(self._children):
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
                try:
                    child.wait(patience_s)
                except subprocess.TimeoutExpired:
                    _kill(child)
            if child.stdout is not None:
                child.stdout.close()
        self._children.clear()
        for log in self._logs:
            log.close()
        self._logs.clear()

    def _config(self) -> tuple[str, str]:
        return "--config", str(self._folder / "remissvakt.yaml")

    def _start(self, name: str, *arguments: str) -> "subprocess.Popen[str]":
        log = (self._folder / f"{name}.log").open("a")
        self._logs.append(log)
        child = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", "watchdog", *arguments],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if name == "hospital" else log,
            stderr=log,
            text=True,
            start_new_session=True,  # Ctrl-C is the narrator's to hear
        )
        self._children.append(child)
        return child

    def _await_ready(self) -> None:
        end = time.monotonic() + READY_S  # noqa: TID251
        while time.monotonic() < end and self.alive():  # noqa: TID251
            try:
                if self._http.get(f"{self.url}/readyz").is_success:
                    return
            except httpx.HTTPError:
                pass
            self.nap(0.05)
        self.complain()
        raise RuntimeError("the service did not start")

    def _post(self, path: str, body: dict[str, Any]) -> None:
        self._http.post(f"{self.hospital_url}{path}", json=body).raise_for_status()

    def _query(self, sql: str, values: tuple[str, ...]) -> list[Any]:
        if not self._database.exists():
            return []
        db = sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=2)
        try:
            return db.execute(sql, values).fetchall()
        except sqlite3.OperationalError:
            return []
        finally:
            db.close()


def _kill(process: "subprocess.Popen[Any]") -> None:
    """Kill, and wait a moment: one that is writing to a busy disk dies when the disk lets it."""
    process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(KILLED_S)


def _ports(config: Path) -> dict[str, int]:
    """The hospital's ports that a configuration of `init` expects."""
    found, _ = load(config, test_environment=True)
    ports: dict[str, int] = {}
    for lane, name in LANES.items():
        path = found.paths[name]
        ports[lane] = path.send.port
        ports["http"] = path.controls[0].port
        for reader in path.readers:
            if reader.kind == "listener":
                ports[f"{lane}_feedback"] = reader.port
            elif reader.kind == "worklist":
                ports[f"{lane}_worklist"] = reader.port
    for system in found.systems.values():
        for probe in system.probes:
            if probe.kind == "dicom_find":
                ports["pacs"] = probe.port
    return ports


def _moved(text: str, values: sample.Sample) -> str:
    """A configuration with this run's database, RIS view and secrets."""
    text = re.sub(r"(?m)^database: .*$", f"database: {values.database}", text)
    text = re.sub(r"(?m)^(\s+url: )sqlite:.*$", rf"\g<1>{values.ris_sql}", text)
    return text.replace("var/secrets/", f"{values.secrets}/")


def _environment() -> dict[str, str]:
    return {**os.environ, "REMISSVAKT_TEST_ENVIRONMENT": "1", "PYTHONUNBUFFERED": "1"}
