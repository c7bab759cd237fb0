"""remissvakt demo: a scripted outage at two hospitals, narrated. --verify recomputes its summary.

Three processes: the simulated hospital, the service on a real SQLite file, and this narrator, which
only watches from outside as a clinic would. It succeeds only if it saw every step.
"""

import contextlib
import fcntl
import json
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import typer

from watchdog import settings
from watchdog.cli import evidence
from watchdog.cli.context import EXIT_REFUSED, err, out
from watchdog.cli.stage import Stage
from watchdog.errors import RemissvaktError
from watchdog.model.cadence import BENCH, GENTLE

FAULTS = ("queue", "refuse", "swallow", "lose")
CLINIC, OTHER = "halmstad_emergency", "boras_emergency"
INTERRUPTED = 130
ConfigOption = typer.Option(None, "--config", "-c", help="A file of `init`, instead of its own.")
DWELL_S = 2.0
LEARN_S = 6.0


class StepMissed(Exception):
    """The narrator waited for something that did not happen."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def demo(  # noqa: PLR0917 - options of a command
        fault: str = typer.Option("queue", help=", ".join(FAULTS)),
        seed: int = typer.Option(1, help="Of the hospital's chances."),
        port: int = typer.Option(0, help="Of the status API; 0 takes a free one."),
        config: Path | None = ConfigOption,
        verify: bool = typer.Option(False, "--verify", help="Recompute the last summary."),
        keep_serving: bool = typer.Option(
            False, "--keep-serving", help="No script: serve both hospitals until Ctrl-C."
        ),
    ) -> None:
        """Healthy, broken, declared, advised, drained, cleared, cancelled: in about a minute."""
        home = settings.read().home / "var"
        if verify:
            raise typer.Exit(_verify(home / "demo"))
        if fault not in FAULTS:
            err.print(f"{fault!r} is not one of {', '.join(FAULTS)}.")
            raise typer.Exit(EXIT_REFUSED)
        folder, lock = _own_folder(home)
        code = 1
        try:
            stage = Stage(folder, seed, port, config)
            code = _Play(folder, fault, stage).run(keep_serving=keep_serving)
        finally:
            lock.close()
        raise typer.Exit(code)


class _Play:
    """The script."""

    def __init__(self, folder: Path, fault: str, stage: Stage) -> None:
        self._folder, self._fault = folder, fault
        self._stage = stage
        self._began = time.monotonic()  # noqa: TID251 - the narrator stands outside the system

    def run(self, *, keep_serving: bool) -> int:
        """The exit code: 0 only if every step was observed."""
        # both, in so many words: started in the background of a script we would inherit that SIGINT
        # is ignored, and whoever sends it wants the demo to end
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        try:
            self._open()
            if keep_serving:
                self._serve()
                return 0
            self._script()
            return self._close()
        except StepMissed as missed:
            self._say(f"NOT SEEN: {missed}")
            self._stage.complain()
            return 1
        except KeyboardInterrupt:
            return self._interrupted()
        finally:
            self._stage.end()

    def _open(self) -> None:
        self._say("Starting a simulated hospital and the service, two processes on loopback.")
        self._stage.begin()
        out.print(f"         status API   {self._stage.url}/v1/status")
        out.print(f"         board        {self._stage.url}/")
        out.print(f"         hospital     {self._stage.hospital_url}/control")
        out.print(
            f"         This demo sends an order each {BENCH.interval_s:g} s and holds paper back "
            f"{self._stage.hold_off_s:g} s; in production: {GENTLE.interval_s:g} s and 120 s."
        )

    def _script(self) -> None:
        for clinic in (OTHER, CLINIC):
            self._wait(clinic, 20, f"{clinic} is told: electronic", _is("normal", "electronic"))
        self._pause(LEARN_S, "Healthy. The detector learns how fast orders arrive here.")
        self._say(f"Fault at BizTalk (Halmstad): {WHAT[self._fault]}")
        self._stage.break_lane(self._fault)
        self._wait(CLINIC, 30, "Outage declared", _is("outage"))
        told = self._wait(CLINIC, 30, "Halmstad is told: paper and fax", _is_paper)
        fax = told["instruction"]["urgent"]["fax"][0]
        flags = f" - flagged: {', '.join(fax['flags'])}" if fax["flags"] else ""
        out.print(f"         urgent referrals by fax to {fax['number']}{flags}; others wait in VAS")
        self._wait(OTHER, 5, "Borås is not disturbed", _is("normal", "electronic"))
        self._hook("advice_changed", "TiB and the receiving unit have a signed webhook")
        self._pause(DWELL_S, "")
        self._say("The fault is lifted; what was queued drains.")
        self._stage.mend_lane()
        self._wait(CLINIC, 30, "Recovering: urgent ones still ring", _is("recovering"))
        self._wait(CLINIC, 60, "All clear", _is("normal", "electronic"))
        self._hook("cleared", "TiB and the receiving unit are told that it is over")

    def _close(self) -> int:
        self._say("No more orders are sent; every one that was is cancelled or accounted for.")
        try:
            self._stage.stop_sending()
        except RemissvaktError as error:
            raise StepMissed(f"the service was to stop sending: {error}") from None
        left = self._clean(60 if self._fault in ("swallow", "lose") else 40)
        if left:
            raise StepMissed(f"{left} orders are neither cancelled nor accounted for")
        incident = self._stage.incident()
        self._say(f"Open for people: incident {incident} - enter the paper referrals, then")
        out.print(f'         remissvakt incident close {incident} --reason "all entered"')
        if sys.stdin.isatty() and sys.stdout.isatty() and _yes("Keep serving?"):
            self._serve()
        self._stage.end()
        try:
            summary = evidence.compute(self._folder)
        except evidence.EvidenceError as error:
            raise StepMissed(str(error)) from None
        path = self._folder / evidence.SUMMARY
        path.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", "utf-8")
        self._conclude(summary)
        return 0

    def _conclude(self, summary: dict[str, Any]) -> None:
        orders, hooks = summary["orders"], summary["webhooks"]
        if self._fault == "queue" and not (
            orders["sent"] == orders["arrived"] == orders["cancelled"]
        ):
            raise StepMissed(f"sent, arrived and cancelled differ: {orders}")
        if not hooks["declared"] or not hooks["cleared"]:
            raise StepMissed(f"a notice is missing: {hooks}")
        self._say(
            f"Declared after {summary['declared_after_s']} s, paper after "
            f"{summary['advice_after_s']} s, all clear {summary['cleared_after_s']} s after the end."
        )
        out.print(
            f"         orders: {', '.join(f'{n} {name}' for name, n in orders.items())}; "
            f"webhooks verified: {hooks['verified']}"
        )
        out.print(f"         {self._folder / evidence.SUMMARY} (remissvakt demo --verify)")

    def _serve(self) -> None:
        self._say(f"Serving until Ctrl-C: {self._stage.url}/")
        out.print(
            "         break it: remissvakt fault swallow --lane om "
            f"--hospital {self._stage.hospital_url}   (mend: fault none)"
        )
        with contextlib.suppress(KeyboardInterrupt):
            while self._stage.alive():
                self._stage.nap(0.5)

    def _interrupted(self) -> int:
        """Ctrl-C: stop sending, give the cancels a second, list what is left."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        began = time.monotonic()  # noqa: TID251

        def left_of(share_s: float) -> float:
            """What remains until `share_s` after Ctrl-C: one slow step takes from the next, never adds."""
            return max(0.05, began + share_s - time.monotonic())  # noqa: TID251

        self._say("Stopping: no more orders, cancelling what arrived.")
        with contextlib.suppress(Exception):
            self._stage.stop_sending(patience_s=left_of(1.4))
            self._clean(left_of(2.2))
        for order in self._stage.open_orders():
            out.print(f"         left in the order book: {order}", markup=False)
        self._stage.end(patience_s=left_of(3.2) / 2)
        return INTERRUPTED

    def _clean(self, patience_s: float) -> int:
        end = time.monotonic() + patience_s  # noqa: TID251
        left = self._stage.open_orders()
        while left and time.monotonic() < end:  # noqa: TID251
            self._stage.nap(0.3)
            left = self._stage.open_orders()
        return len(left)

    def _wait(
        self, clinic: str, patience_s: float, what: str, seen: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any]:
        """Ask the clinic API until it says so."""
        end = time.monotonic() + patience_s  # noqa: TID251
        while time.monotonic() < end:  # noqa: TID251
            told = self._stage.clinic(clinic)
            if told is not None and seen(told):
                self._say(f"{what} ({told['banner']['headline']['en']})")
                return told
            self._stage.nap(0.05)
        raise StepMissed(f"{what} (within {patience_s:g} s)")

    def _hook(self, kind: str, what: str) -> None:
        end = time.monotonic() + 15  # noqa: TID251
        while time.monotonic() < end:  # noqa: TID251
            got = self._stage.hooks(kind)
            if {"tib_halland", "radiology_halmstad"} <= {hook["endpoint"] for hook in got}:
                if not all(hook["verified"] for hook in got):
                    raise StepMissed(f"{what}: a signature was wrong")
                self._say(what)
                out.print(f"         sms: {got[0]['data']['sms']}", markup=False)
                return
            self._stage.nap(0.05)
        raise StepMissed(what)

    def _pause(self, seconds: float, what: str) -> None:
        if what:
            self._say(what)
        self._stage.nap(seconds)

    def _say(self, what: str) -> None:
        elapsed = time.monotonic() - self._began  # noqa: TID251
        out.print(f"{elapsed:6.1f} s {what}", markup=False)


WHAT = {
    "queue": "it takes the orders, answers AA, and holds them",
    "refuse": "its port is closed",
    "swallow": "it takes the orders, answers AA, and loses them",
    "lose": "it takes the orders, answers AA, and loses 70 in 100",
}


def _is(state: str, workflow: str | None = None) -> Callable[[dict[str, Any]], bool]:
    def seen(told: dict[str, Any]) -> bool:
        return told["state"] == state and workflow in (None, told["workflow"]["urgent"])

    return seen


def _is_paper(told: dict[str, Any]) -> bool:
    return told["workflow"]["urgent"] == "paper_and_fax" and bool(told["instruction"])


def _own_folder(home: Path) -> tuple[Path, IO[str]]:
    """var/demo, or var/demo-2, … while another demo runs; emptied."""
    home.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        folder = home / ("demo" if number == 1 else f"demo-{number}")
        lock = (home / f".{folder.name}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            number += 1
            continue
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder, lock


def _verify(folder: Path) -> int:
    if not (folder / evidence.SUMMARY).exists():
        err.print(f"There is no {folder / evidence.SUMMARY}: run `remissvakt demo` first.")
        return EXIT_REFUSED
    differences = evidence.verify(folder)
    for difference in differences:
        err.print(difference, markup=False)
    if not differences:
        out.print("Every number of the summary follows from the database and the hospital's logs.")
    return 1 if differences else 0


def _yes(question: str) -> bool:
    return input(f"{question} [y/N] ").strip().lower().startswith("y")
