"""Hold a client against the cases: `python -m clients.kit.run -- COMMAND`.

COMMAND is started once per case as `COMMAND URL CLINIC TOTAL_S`, reads `poll` or `show` from standard
input, line by line, and answers each with one line of JSON: {"state": …, "workflow": {…}}.
"""

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from clients.kit.cases import CASES, CLINIC, Case, Step
from clients.kit.server import ScriptedServer

TOTAL_S, ANSWER_S = 3.0, 8.0
AT_ONCE = 8


def run(command: list[str], cases: tuple[Case, ...] = CASES) -> dict[str, str]:
    """Case to what went wrong; empty for a client that passes all."""
    with ThreadPoolExecutor(AT_ONCE) as pool:  # the cases mostly wait
        found = pool.map(lambda case: _one(command, case), cases)
        return {case.name: wrong for case, wrong in zip(cases, found, strict=True) if wrong}


def _one(command: list[str], case: Case) -> str:
    server = ScriptedServer()
    child = subprocess.Popen(
        [*command, server.url, CLINIC, str(TOTAL_S)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        for number, step in enumerate(case.steps, 1):
            said = _told(child, server, step)
            wanted = {"state": step.state, "workflow": dict(step.workflow)}
            if {key: said.get(key) for key in wanted} != wanted:
                return f"step {number}: {said} instead of {wanted} ({case.why})"
    except (OSError, ValueError) as error:
        return f"the client gave no answer: {error}"
    finally:
        child.kill()
        child.communicate()
        server.close()
    return ""


def _told(child: "subprocess.Popen[str]", server: ScriptedServer, step: Step) -> dict[str, Any]:
    if child.stdin is None or child.stdout is None:
        raise OSError("it has no standard input or output")
    if step.reply is not None:
        server.next_reply = step.reply
    if step.reply is None or step.wait_s:
        time.sleep(step.wait_s)
    child.stdin.write("show\n" if step.reply is None else "poll\n")
    child.stdin.flush()
    # a client that waits for ever fails its case, and does not hold up the kit
    killer = threading.Timer(ANSWER_S, child.kill)
    killer.start()
    try:
        found: dict[str, Any] = json.loads(child.stdout.readline())
    finally:
        killer.cancel()
    return found


def main() -> None:
    """Print every case; exit 1 if any fails."""
    command = sys.argv[sys.argv.index("--") + 1 :]
    wrong = run(command)
    for case in CASES:
        sys.stdout.write(f"{'FAIL' if case.name in wrong else 'ok  '} {case.name}\n")
        if case.name in wrong:
            sys.stdout.write(f"     {wrong[case.name]}\n")
    sys.stdout.write(f"{len(CASES) - len(wrong)} of {len(CASES)}\n")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
