"""make interop: a path through an engine and a worklist server that nobody here wrote.

npm's simple-hl7 takes the orders, dcmtk's wlmscpfs serves the worklist, and the glue between them
writes files. For both character sets: 20 orders arrive with ÅÄÖ intact and are cancelled; the
engine is killed; it swallows; each time declared, and cleared when mended. And Chromium shows the board,
and runs the clinic's client. Exits 1 if not.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import structlog

from tests.interop import browser
from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample, text
from watchdog.clock import SystemClock
from watchdog.config.load import load
from watchdog.model.order import OrderState
from watchdog.model.outage import State
from watchdog.runner.loops import Runner
from watchdog.runtime import Watcher, build, build_watcher
from watchdog.simulator.ports import free_port
from watchdog.storage.migrate import upgrade

HERE = Path(__file__).resolve().parent
ORDERS = 20
PATH = "sas_om_ris"
CHARSETS = ("8859/1", "UNICODE UTF-8")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Outsiders:
    """The two programs of others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine_port, self.worklist_port, self.control_port = (free_port() for _ in range(3))
        self.files = folder / "worklist" / "RISWL"
        self.files.mkdir(parents=True)
        (self.files / "lockfile").touch()
        for name in ("glue.js", "package.json"):
            shutil.copy(HERE / name, folder / name)
        npm = ["npm", "install", "--no-save", "--no-package-lock", "--silent", "--no-audit"]
        subprocess.run(npm, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        self.engine: subprocess.Popen[bytes] | None = None
        server = ["wlmscpfs", "-q", "-s", "-csk", "-dhl", "-dfp", str(folder / "worklist")]
        self.worklist = subprocess.Popen(
            [*server, str(self.worklist_port)],
            env={**os.environ, "TCP_NODELAY": "1"},
            stderr=subprocess.DEVNULL,
        )

    def start_engine(self) -> None:
        command = ["node", "glue.js", str(self.engine_port), str(self.files)]
        self.engine = subprocess.Popen(command, cwd=self.folder)
        for port in (self.engine_port, self.worklist_port):
            _await_port(port)

    def kill_engine(self) -> None:
        if self.engine is not None:
            self.engine.kill()
            self.engine.wait()

    def swallow(self, on: bool) -> None:
        switch = self.folder / "swallow"
        switch.touch() if on else switch.unlink()

    def end(self) -> None:
        self.kill_engine()
        self.worklist.terminate()
        self.worklist.wait()


def _await_port(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            subprocess.run(["sleep", "0.05"], check=True)
        else:
            return
    raise SystemExit(f"nothing listens on {port}")


def configuration(folder: Path, outsiders: Outsiders, charset: str) -> Path:
    """The sample with one path, through the outsiders, read by the worklist alone."""
    file = folder / "remissvakt.yaml"
    write_sample(file, Sample())
    values = Sample(
        om_port=outsiders.engine_port,
        worklist_port=outsiders.worklist_port,
        hospital_http=outsiders.control_port,
    )
    lines = text(values).replace("UNICODE UTF-8", charset).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("  halland_vas_biztalk_ris"))
    end = next(i for i, line in enumerate(lines) if line.startswith("notify:"))
    kept = [*lines[:start], ""]
    first = next(i for i, line in enumerate(kept) if line.startswith("  halland:"))
    after = next(i for i, line in enumerate(kept) if line.startswith("paths:"))
    kept = kept[:first] + kept[after:]
    kept = [line for line in kept if "kind: listener" not in line]
    assert end > start
    file.write_text("\n".join(kept) + "\n", "utf-8")
    return file


async def until(watcher: Watcher, wanted: State, patience_s: float) -> float:
    """Seconds until the path is published so."""
    board, began = watcher.runtime.board, watcher.runtime.clock.monotonic()
    while watcher.runtime.clock.monotonic() - began < patience_s:
        if board.paths() and board.effective(board.path(PATH)).state is wanted:
            return watcher.runtime.clock.monotonic() - began
        await asyncio.sleep(0.02)
    raise SystemExit(f"NOT SEEN: {wanted.value} within {patience_s} s")


async def watch(file: Path, outsiders: Outsiders, charset: str) -> None:
    config, routines = load(file, test_environment=True)
    runtime = build(config, routines, SystemClock())
    await upgrade(runtime.database)
    watcher = await build_watcher(runtime)
    gateway = await asyncio.start_server(
        lambda _, writer: writer.close(), "127.0.0.1", outsiders.control_port
    )
    running = asyncio.create_task(Runner(watcher).run())
    try:
        say(f"{charset}: normal after {await until(watcher, State.NORMAL, 20):.1f} s")
        while len(await runtime.book.find(states=(OrderState.CANCELLED,))) < ORDERS:
            await asyncio.sleep(0.2)
        orders = await runtime.book.find(states=(OrderState.CANCELLED,))
        damaged = [order.placer for order in orders if order.text_damaged]
        if damaged or not all(order.e6_at for order in orders):
            raise SystemExit(f"NOT INTACT: {damaged}")
        say(f"{charset}: {len(orders)} orders arrived with ÅÄÖ intact and were cancelled")
        outsiders.kill_engine()
        say(
            f"{charset}: engine killed, declared after {await until(watcher, State.OUTAGE, 30):.1f} s"
        )
        outsiders.start_engine()
        say(f"{charset}: engine back, cleared after {await until(watcher, State.NORMAL, 40):.1f} s")
        outsiders.swallow(on=True)
        say(
            f"{charset}: AA without files, declared after {await until(watcher, State.OUTAGE, 30):.1f} s"
        )
        outsiders.swallow(on=False)
        say(f"{charset}: files again, cleared after {await until(watcher, State.NORMAL, 40):.1f} s")
        await watcher.people.stop(PATH, "interop", "the trial ends")
        for _ in range(300):
            await asyncio.sleep(0.1)
            if not list(outsiders.files.glob("*.wl")):
                break
        left = [file.name for file in outsiders.files.glob("*.wl")]
        if left:
            raise SystemExit(f"NOT CANCELLED: {left}")
        say(f"{charset}: the worklist is empty again; orders: {await runtime.book.counts()}")
    finally:
        gateway.close()
        running.cancel()
        await asyncio.wait([running])
        await runtime.close()


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    missing = [tool for tool in ("node", "npm", "wlmscpfs", "dump2dcm") if not shutil.which(tool)]
    chromium = browser.found()
    if missing or chromium is None:
        raise SystemExit(
            f"make interop needs {', '.join(missing) or 'a browser'}: install nodejs, npm, dcmtk, chromium"
        )
    say(asyncio.run(browser.check(chromium)))
    for charset in CHARSETS:
        folder = Path(tempfile.mkdtemp(prefix="remissvakt-interop-"))
        outsiders = Outsiders(folder)
        try:
            outsiders.start_engine()
            asyncio.run(watch(configuration(folder, outsiders, charset), outsiders, charset))
        finally:
            outsiders.end()
            shutil.rmtree(folder, ignore_errors=True)
    say("interop: all seen")


if __name__ == "__main__":
    main()
