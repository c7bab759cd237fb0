"""Figure F18: schemathesis, all checks, against the running sandbox and the running service.

Three passes: the sandbox, the service with an admin's key (so that write routes are reached and carried
out), and the service once more with ids that are there. Every answer is taken from the recording and
held against the OpenAPI document: a 5xx or an undocumented status misses the figure. What else
schemathesis finds is told, with the smallest request that shows it. `/v1/events` is left out: it is held
open by design, and schemathesis would wait for its end.
"""

import json
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from tests.faults.ending import say
from tests.faults.running import Running, running, tool

LEAST_CALLS = 5000
WORKERS = {"sandbox": 1, "service": 4, "real_ids": 4}
"""A write is answered when the watching loop has carried it out: a tenth of a second or more."""
SHARE = 4
"""The sandbox, which answers at once, gets so many times the examples of the service."""
NAME = "schemathesis"
FIRST_5XX = 500
STREAM = "/v1/events"
BY_DESIGN = {
    ("sandbox", "GET /v1/systems/{site}", 503),
    ("sandbox", "GET /v1/paths/{path}/real", 503),
}
"""Documented: a process that does not watch has no systems and no tap. Counted and told."""


class Documented:
    """The OpenAPI document: which route an address belongs to, and which statuses it may have."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._routes = [
            (
                re.compile("^" + re.sub(r"\\\{[^}]*\\\}", "[^/]*", re.escape(path)) + "$"),
                path,
                found,
            )
            for path, found in schema["paths"].items()
        ]

    def of(self, method: str, url: str, status: int) -> tuple[str, bool]:
        """(the route, True if the status is documented). A 404 or 405 where no route is, is right."""
        path = unquote(urlsplit(url).path)
        raw = urlsplit(url).path
        for pattern, name, methods in self._routes:
            if pattern.match(raw) or pattern.match(path):
                operation = methods.get(method.lower())
                if operation is None:
                    return f"{method} {name}", status == 405
                return f"{method} {name}", str(status) in operation["responses"]
        return f"{method} elsewhere", status in (404, 405)


def attack(where: Running, name: str, config: str, examples: int, seed: int) -> dict[str, Any]:
    """One pass; what it found."""
    folder = Path(tempfile.mkdtemp(prefix="remissvakt-st-"))
    settings, har, report = folder / "st.toml", folder / "calls.har", folder / "report.json"
    settings.write_text(config, "utf-8")
    asked = [
        *(tool(NAME), "--config-file", str(settings), "run", f"{where.url}/openapi.json"),
        *("--checks", "all", "--exclude-path", STREAM, "--seed", str(seed), "--no-color"),
        *("--max-examples", str(examples), "--continue-on-failure", "--request-timeout", "20"),
        *("--workers", str(WORKERS[name])),
        *("--generation-database", "none", "--report", "json,har"),
        *("--report-json-path", str(report), "--report-har-path", str(har)),
        *(("-H", f"Authorization: Bearer {where.key}") if where.key else ()),
    ]
    schema = httpx.get(f"{where.url}/openapi.json", trust_env=False).json()
    said = subprocess.run(asked, capture_output=True, text=True, check=False, cwd=folder)
    if not report.exists():
        raise SystemExit(f"schemathesis did not run:\n{said.stdout[-2000:]}{said.stderr[-2000:]}")
    calls = [
        (call["request"]["method"], call["request"]["url"], call["response"]["status"])
        for call in json.loads(har.read_text("utf-8"))["log"]["entries"]
    ]
    documented = Documented(schema)
    statuses: Counter[int] = Counter(status for _, _, status in calls)
    wrong: Counter[str] = Counter()
    by_design: Counter[str] = Counter()
    for method, url, status in calls:
        route, known = documented.of(method, url, status)
        if (name, route, status) in BY_DESIGN and known:
            by_design[f"{route}: {status}"] += 1
        elif status >= FIRST_5XX or not known:
            wrong[f"{route}: {status}{'' if known else ' undocumented'}"] += 1
    found = json.loads(report.read_text("utf-8"))
    others = {f"{f['code']} {f['title']}": f["operations"] for f in found["failures"]}
    say(
        f"fuzz_api: {name}: {len(calls)} calls, {dict(sorted(statuses.items()))}, wrong {dict(wrong)}"
    )
    for title, operations in others.items():
        say(f"  {title}: {', '.join(operations)}")
    if wrong or others:
        start = said.stdout.find("= FAILURES =")
        (where.folder / f"{name}.txt").write_text(said.stdout[start:], "utf-8")
        say(f"  the smallest requests: {where.folder}/{name}.txt")
    return {
        "calls": len(calls),
        "statuses": {str(status): times for status, times in sorted(statuses.items())},
        "wrong": dict(wrong),
        "documented_503": dict(by_design),
        "other_checks": others,
    }


def real_ids(where: Running) -> str:
    """Settings with ids that are there, an incident among them."""
    said = httpx.post(
        f"{where.url}/v1/incidents",
        json={"path": "sas_om_ris", "reason": "drill"},
        headers={"authorization": f"Bearer {where.key}"},
        trust_env=False,
        timeout=20,
    )
    said.raise_for_status()
    values = {
        "path.clinic": "boras_emergency",
        "path.path": "sas_om_ris",
        "path.site": "sas",
        "path.incident": said.json()["detail"],
    }
    return "[parameters]\n" + "".join(f'"{k}" = "{v}"\n' for k, v in values.items())


def _no_traceback(where: Running) -> None:
    if "Traceback" in (where.folder / "service.log").read_text("utf-8", "replace"):
        raise SystemExit(f"F18: a traceback stands in {where.folder}/service.log")


def run(trials: int, seed: int) -> dict[str, object]:
    """Three passes, the first with `trials` examples a route. SystemExit if one answer was wrong."""
    tool(NAME)
    passes: dict[str, dict[str, Any]] = {}
    with running("sandbox") as where:
        passes["sandbox"] = attack(where, "sandbox", "", trials, seed)
    with running("service") as where:
        passes["service"] = attack(where, "service", "", trials // SHARE, seed)
        _no_traceback(where)
    with running("service") as where:
        passes["real_ids"] = attack(where, "real_ids", real_ids(where), trials // SHARE, seed)
        _no_traceback(where)
    calls = sum(found["calls"] for found in passes.values())
    wrong = {name: found["wrong"] for name, found in passes.items() if found["wrong"]}
    if wrong or calls < LEAST_CALLS:
        raise SystemExit(f"F18 is missed: {calls} calls (seed {seed}), wrong answers {wrong}")
    return {"seed": seed, "calls": calls, "passes": passes}
