"""The clinic's client and the board in a real browser: Chromium, headless, from the API's own origin."""

import asyncio
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route

from api.sandbox import create_sandbox
from watchdog.cli.sandbox import sample
from watchdog.clock import SystemClock
from watchdog.runtime import build
from watchdog.service.sandbox import Sandbox
from watchdog.storage.migrate import upgrade
from watchdog.webserver import WebServer

CLIENT = Path(__file__).resolve().parents[2] / "clients" / "js" / "remissvakt.mjs"
NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--dump-dom")
SCRIPTS_END = "--virtual-time-budget=4000"
"""Wait until what a page has asked for is there; never on a page that follows an event stream."""
PATIENCE_S = 60.0
PAGE = """<!doctype html><html lang="sv"><head><meta charset="utf-8"><title>Klient</title></head>
<body><pre id="told"></pre><script type="module">
import { Client } from "/remissvakt.mjs";
const told = [];
for (const sandbox of [true, false]) {
  const client = new Client(location.origin, "boras_emergency", { sandbox, card: "Ring TiB" });
  const believed = await client.poll(), { state, workflow, card } = client.advice();
  told.push([believed, state, workflow.urgent, card]);
}
document.getElementById("told").textContent = JSON.stringify(told);
</script></body></html>"""
EXPECTED = [
    [True, "outage", "paper_and_fax", ""],
    [False, "unknown", "electronic_and_phone", "Ring TiB"],
]
"""What a client made for the sandbox advises, and one that was made for patients."""


def found() -> str | None:
    """The browser, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


async def seen(browser: str, url: str, *options: str) -> str:
    """The document as the browser has it."""

    def look() -> str:
        with tempfile.TemporaryDirectory(prefix="remissvakt-browser-") as profile:
            done = subprocess.run(
                [browser, *OPTIONS, *options, f"--user-data-dir={profile}", url],
                capture_output=True,
                text=True,
                check=True,
                timeout=PATIENCE_S,
            )
        return done.stdout

    return await asyncio.to_thread(look)


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[str]:
    """The address of a sandbox, with the client's page beside it."""

    async def page(_: Request) -> Response:
        return HTMLResponse(PAGE)

    async def module(_: Request) -> Response:
        return FileResponse(CLIENT, media_type="text/javascript")

    config, routines = sample(folder)
    runtime = build(config, routines, SystemClock(), f"sqlite:///{folder}/sandbox.sqlite")
    await upgrade(runtime.database)
    board = Sandbox(runtime.board)
    sandbox = create_sandbox(runtime, board)
    beside = [Route("/client.html", page), Route("/remissvakt.mjs", module), Mount("/", sandbox)]
    server = WebServer(Starlette(routes=beside), runtime.clock)
    try:
        yield f"http://127.0.0.1:{await server.start()}"
    finally:
        await server.close()
        await runtime.close()


async def check(browser: str) -> str:
    """What was seen, in a sentence. SystemExit if it was not what a clinic must see."""
    with tempfile.TemporaryDirectory(prefix="remissvakt-interop-") as folder:
        async with served(Path(folder)) as url, httpx.AsyncClient(base_url=url) as http:
            answer = await http.post("/sandbox/sas_om_ris", json={"state": "outage"})
            answer.raise_for_status()
            document = await seen(browser, f"{url}/client.html", SCRIPTS_END)
            told = re.search(r'<pre id="told">(.*?)</pre>', document)
            if told is None or json.loads(told[1] or "null") != EXPECTED:
                raise SystemExit(f"NOT SEEN: the client in a browser: {document[:2000]}")
            board = await seen(browser, f"{url}/?lang=sv")
            if "SÄS" not in board or "Driftstopp" not in board:
                raise SystemExit(f"NOT SEEN: the outage on the board: {board[:2000]}")
    return "browser: the client obeys an outage, and refuses a sandbox; the board shows the outage"
