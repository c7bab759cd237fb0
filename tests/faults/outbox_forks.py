"""Forks lives: `python -m tests.faults.outbox_forks FOLDER` reads one plan a line and says how each ended.

The imports are done before the first fork, so that a life costs tenths of a second. Nothing runs in
this process beside that: no thread, no event loop, no open database is forked.
"""

import asyncio
import gc
import json
import os
import signal
import sys
import time
import traceback
from dataclasses import asdict
from pathlib import Path

import structlog

from tests.faults.outbox_life import Life, Plan
from watchdog.config.load import load
from watchdog.model.routine import Routine
from watchdog.model.site import Config

CONFIGURATION = "remissvakt.yaml"
LATEST_S = 40.0
"""A life that has neither ended nor been killed by then is stuck."""
STUCK, KILLED = 3, -signal.SIGKILL


async def _limited(life: Life) -> int:
    try:
        async with asyncio.timeout(LATEST_S):
            await life.live()
    except TimeoutError:
        return STUCK
    return 0


def _forked(plan: Plan, config: Config, routines: dict[str, Routine]) -> int:
    """The exit code of a life, or minus the signal that ended it."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(int(LATEST_S) + 10)
            code = asyncio.run(_limited(Life(plan, config, routines)))
        except BaseException:  # noqa: BLE001 - nothing of the parent's may run here
            traceback.print_exc()
        finally:
            os._exit(code)
    if plan.kill_after_s:
        time.sleep(plan.kill_after_s)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(50),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    config, routines = load(Path(sys.argv[1]) / CONFIGURATION, test_environment=True)
    gc.freeze()  # or each life would copy what the imports made, to look for garbage in it
    for line in sys.stdin:
        plan = json.loads(line)
        ended = _forked(Plan(**{**plan, "paths": tuple(plan["paths"])}), config, routines)
        sys.stdout.write(f"{ended}\n")
        sys.stdout.flush()


class Lives:
    """The process that forks lives, and asks it for one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: asyncio.subprocess.Process

    async def __aenter__(self) -> "Lives":
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.faults.outbox_forks",
            str(self._folder),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def one(self, plan: Plan) -> int:
        """Its exit code, or minus the signal that ended it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(plan)).encode() + b"\n")
        await self._process.stdin.drain()
        return int(await self._process.stdout.readline() or STUCK)


if __name__ == "__main__":
    main()
