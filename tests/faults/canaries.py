"""Figure F21: a thousand invented patients at every entrance; none may be found in what we keep or say.

A simulated hospital and the service run as in the demo, with a tap on both paths, an engine that answers
with names and a receiver of notices that does so too. Searched: every file of the run (log, database,
journal, notices at the hospital), what our receiver was sent, pages, metrics, and every answer. That the
search finds one is shown by planting one more in the log.
"""

import json
import random
import re
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.faults.canary import Canary, Finder, canaries, files
from tests.faults.ending import say
from tests.faults.planting import Entrances
from tests.faults.running import admin_key
from tests.faults.strangers import engine, receiver
from watchdog.cli import evidence
from watchdog.cli.stage import Stage
from watchdog.simulator.ports import free_port

COUNT = 1000
PAGES = ("/", "/metrics", "/v1/status", "/v1/incidents", "/healthz", "/v1/systems/sas", "/nowhere")
TAPS = {"sas_om_ris": "jsonl", "halland_vas_biztalk_ris": "mllp"}


class Planter:
    """Hands out canaries, each once, and remembers where it went in."""

    def __init__(self, seed: int) -> None:
        self._left = canaries(COUNT, seed)
        self.at: dict[Canary, str] = {}

    def __call__(self, entrance: str) -> Canary:
        """The next one; when all are used, one that is used already."""
        who = self._left.pop() if self._left else next(iter(self.at))
        self.at.setdefault(who, entrance)
        return who

    def __len__(self) -> int:
        return len(self._left)


def rewritten(text: str, engine_port: int, hook_port: int) -> tuple[str, dict[str, list[int]]]:
    """The configuration with taps, with our engine and with our receiver; the taps' ports by kind."""
    ports: dict[str, list[int]] = {"mllp": [], "jsonl": []}
    for path, speaks in TAPS.items():
        pair = [free_port(), free_port()]
        ports[speaks] += pair
        sides = (f"{{speaks: {speaks}, port: {port}, peers: [127.0.0.0/8]}}" for port in pair)
        tap = "    tap:\n      per_min: 60\n      sent: {}\n      arrived: {}\n".format(*sides)
        head, tail = text.split(f"  {path}:\n", 1)
        text = f"{head}  {path}:\n" + tail.replace("    readers:", f"{tap}    readers:", 1)
    head, tail = text.split("  sas_om_ris:\n", 1)
    tail = re.sub(r"(send:\s+host: \S+\s+port: )\d+", rf"\g<1>{engine_port}", tail, count=1)
    text = f"{head}  sas_om_ris:\n{tail}"
    text = re.sub(r"(- \{network: 127\.0\.0\.0/8, ports: \[)", rf"\g<1>{hook_port}, ", text)
    return re.sub(
        r"http://127\.0\.0\.1:\d+/hooks/it", f"http://127.0.0.1:{hook_port}/it", text
    ), ports


def placers(folder: Path) -> list[str]:
    """Numbers of orders that the service has sent."""
    db = sqlite3.connect(f"file:{folder / evidence.DATABASE}?mode=ro", uri=True, timeout=5)
    try:
        return [row[0] for row in db.execute("SELECT placer FROM orders")]
    finally:
        db.close()


def said(stage: Stage, heard: list[bytes], answers: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """What was told to others over the network."""
    for page in PAGES:
        yield page, httpx.get(f"{stage.url}{page}", trust_env=False, timeout=10).content
    found = httpx.get(f"{stage.url}/v1/incidents", trust_env=False, timeout=10).json()
    for incident in found["incidents"]:
        page = f"/v1/incidents/{incident['id']}"
        yield page, httpx.get(f"{stage.url}{page}", trust_env=False, timeout=10).content
    yield "notices at our receiver", b"\n".join(heard)
    yield "answers", b"\n".join(answers)


def _plant(
    stage: Stage, folder: Path, plant: Planter, taps: dict[str, list[int]], seed: int
) -> Entrances:
    text = (folder / "remissvakt.yaml").read_text("utf-8")
    doors = Entrances(
        url=stage.url,
        key=admin_key(folder / "remissvakt.yaml"),
        feedback=[int(port) for port in re.findall(r"kind: listener, port: (\d+)", text)],
        tap_mllp=taps["mllp"],
        tap_lines=taps["jsonl"],
        placers=placers(folder),
        chance=random.Random(seed),
    )
    for number, (name, enter) in enumerate(doors.all()):
        if number == COUNT // 2:
            stage.break_lane("swallow")  # notices leave from here on
        if not len(plant):
            return doors
        enter(plant(name))
    raise AssertionError("unreachable")


def _run(folder: Path, seed: int) -> dict[str, object]:
    plant, config = Planter(seed), folder / "remissvakt.yaml"
    heard: list[bytes] = []
    stage = Stage(folder, seed, 0)
    with engine(plant) as bad_engine, receiver(plant, heard) as hooks:
        try:
            stage.begin()
            stage.await_state("normal", 20)
            stage.kill_service()
            text, taps = rewritten(config.read_text("utf-8"), bad_engine.port, hooks.port)
            config.write_text(text, "utf-8")
            stage.restart_service()
            stage.nap(3)
            doors = _plant(stage, folder, plant, taps, seed)
            stage.nap(5)
            told = list(said(stage, heard, doors.answers))
        finally:
            stage.end()
    finder = Finder(list(plant.at))
    places = [*files(folder), *told]
    found = {name: hit for name, data in places if (hit := finder.inside(data))}
    by_entrance = Counter(plant.at.values())
    result: dict[str, object] = {
        "seed": seed,
        "planted": len(plant.at),
        "by_entrance": dict(by_entrance),
        "searched": len(places),
        "bytes_searched": sum(len(data) for _, data in places),
        "notices_heard": len(heard),
        "found": len(set().union(*found.values())),
    }
    say(f"canaries: {json.dumps(result)}")
    _control(folder, plant, found, by_entrance)
    if found:
        where = {name: dict(Counter(plant.at[each] for each in hit)) for name, hit in found.items()}
        raise SystemExit(f"F21 is missed: {result['found']} of {COUNT} found: {where} ({folder})")
    return result


def _control(
    folder: Path, plant: Planter, found: dict[str, set[Canary]], by_entrance: Counter[str]
) -> None:
    """The search must see one in a log, and every entrance must have been used."""
    one = next(who for who in plant.at if not any(who in hit for hit in found.values()))
    copy = folder / "control.log"
    line = {"event": "x", "who": f"{one.number[2:8]}-{one.number[8:]}"}
    log = (folder / "service.log").read_text("utf-8", "replace")
    copy.write_text(f"{log}{json.dumps(line)}\n", "utf-8")
    if one not in Finder(list(plant.at)).inside(copy.read_bytes()):
        raise SystemExit("F21: the search does not see a canary that stands in the log")
    missing = {"ack", "webhook answer", "feedback", "tap", "tap lines", "API body"} - set(
        by_entrance
    )
    if missing or len(plant.at) < COUNT:
        raise SystemExit(f"F21: {len(plant.at)} planted; nothing came in by {missing}")


def run(trials: int, seed: int) -> dict[str, object]:
    """A thousand. SystemExit, with the folder kept, if one was found or an entrance was not used."""
    del trials
    folder = Path(tempfile.mkdtemp(prefix="remissvakt-canaries-"))
    result = _run(folder, seed)
    shutil.rmtree(folder, ignore_errors=True)
    return result
