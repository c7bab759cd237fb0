"""Figure F17: hostile bytes against everything that reads HL7; no crash, no hang, no growth.

A seeded generator (`mutants.py`) against the frame decoder, the splitter, the readers of MSH, MSA and
orders, the acknowledgement writer, the feedback reader and the tap, in the order in which the service
calls them. `run` counts executions: one is one stream decoded and all of its messages read.
"""

import json
import random
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import psutil

from tests.faults import mutants
from tests.faults.ending import say
from watchdog.clock import SystemClock
from watchdog.hl7 import ack as acks
from watchdog.hl7.framing import Commit, Frame, FrameDecoder, Oversize, frame
from watchdog.hl7.splitter import Message, split
from watchdog.model.observation import Event
from watchdog.orders.number import is_ours, looks_ours, placer_number
from watchdog.probes.listener import read_feedback
from watchdog.probes.tap import Tap, TapPort, TapSettings

LIMIT = 64 * 1024
HANG_S, MOST_RSS = 1.0, 256 * 1024 * 1024
ONE_READ = 256 * 1000
"""The largest read that uvloop hands over at once (asyncio: 256 KiB)."""
PATH, KEY = "sas_om_ris", b"k" * 32
NOW = datetime(2026, 11, 21, tzinfo=UTC)
FIELDS = (("MSH", 10), ("MSH", 9), ("MSA", 2), ("ORC", 2), ("OBR", 4), ("PID", 5), ("NTE", 3))
T = TypeVar("T")


@dataclass
class Found:
    """What the run has seen."""

    executions: int = 0
    messages: int = 0
    refused: Counter[str] = field(default_factory=Counter[str])
    """Documented answers to bad input: None, Oversize, noise."""
    slowest_s: float = 0.0
    slowest: str = ""
    crashes: dict[str, str] = field(default_factory=dict[str, str])
    """Where and what, to the input that did it (its beginning, repr)."""
    hangs: dict[str, float] = field(default_factory=dict[str, float])

    def call(self, name: str, data: bytes, work: Callable[[], T]) -> T | None:
        """Run it against the clock; an exception that nobody documented is a crash.

        The clock is this thread's processor time: what other programs take is not the reader's.
        """
        began = time.thread_time()
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - that there is none is what is measured
            ours = [
                f for f in traceback.extract_tb(error.__traceback__) if "/watchdog/" in f.filename
            ]
            last = ours[-1] if ours else traceback.extract_tb(error.__traceback__)[-1]
            place = f"{last.filename.rsplit('/', 1)[-1]}:{last.lineno}"
            where = f"{name}: {type(error).__name__} at {place}"
            self.crashes.setdefault(where, repr(data[:300]))
            return None
        finally:
            took = time.thread_time() - began
            if took > self.slowest_s:
                self.slowest_s, self.slowest = took, name
            if took > HANG_S:
                self.hangs[name] = max(took, self.hangs.get(name, 0.0))


class Readers:
    """Everything that a message meets once its frame is whole."""

    def __init__(self, found: Found) -> None:
        self._found = found
        port = TapPort(port=0, peers=["127.0.0.0/8"])
        self._seen: list[Event] = []
        self._tap = Tap(
            TapSettings(sent=port, arrived=port),
            secret=KEY,
            seen=self._take,
            clock=SystemClock(),
        )
        self.handlers = {side: made.handler for side, (_, made) in self._tap._intakes.items()}  # pyright: ignore

    async def _take(self, event: Event) -> None:
        self._seen = [event]

    def read(self, payload: bytes) -> None:
        """As the listener does: split, hand over, acknowledge."""
        found = self._found
        message = found.call("split", payload, lambda: split(payload))
        if message is None:
            found.refused["not HL7"] += 1
            return
        found.messages += 1
        found.call("acks.read", payload, lambda: acks.read(message))
        found.call("get", payload, lambda: [message.get(*each) for each in FIELDS])
        found.call("feedback", payload, lambda: _feedback(message))
        text = found.call("acks.write", payload, lambda: acks.write(message, "AA", "WD1", NOW))
        if text is not None:
            found.call("frame(ack)", payload, lambda: frame(text))
        for side, handler in self.handlers.items():
            found.call(f"tap {side}", payload, lambda take=handler: _finish(take(message)))


def _feedback(message: Message) -> object:
    placer = message.get("ORC", 2) or message.get("OBR", 2)
    looks_ours(placer)
    is_ours(KEY, PATH, placer)
    return read_feedback(message, placer)


def _finish(waiting: Any) -> None:
    """A coroutine that never truly waits, without a loop of its own."""
    try:
        waiting.send(None)
    except StopIteration:
        return
    raise AssertionError("the tap waited")


def execute(found: Found, readers: Readers, chance: random.Random, data: bytes) -> None:
    """One stream through a decoder, in reads, and its messages through every reader."""
    decoder = FrameDecoder(LIMIT)
    for piece in mutants.chunks(chance, data):
        items = found.call("feed", piece, lambda part=piece: decoder.feed(part)) or []
        for item in items:
            if isinstance(item, Oversize):
                found.refused["oversize"] += 1
                found.executions += 1
                return
            if isinstance(item, Commit):
                found.refused["commit"] += 1
            elif isinstance(item, Frame):
                readers.read(item.payload)
    found.refused["noise"] += bool(decoder.noise)
    found.executions += 1


def floods(found: Found) -> dict[str, float]:
    """Seconds of processor time that one largest read takes to decode, by kind."""
    took: dict[str, float] = {}
    for name, data in mutants.flood(ONE_READ):
        began = time.thread_time()
        found.call(f"feed {name}", data, lambda read=data: FrameDecoder(1024 * 1024).feed(read))
        took[name] = round(time.thread_time() - began, 4)
    return took


def run(trials: int, seed: int) -> dict[str, object]:
    """Fuzz for `trials` seconds. SystemExit if it crashed, hung or grew."""
    chance, found = random.Random(seed), Found()
    readers = Readers(found)
    placers = tuple(placer_number(KEY, PATH, chance.randbytes(10)) for _ in range(20))
    took = floods(found)
    process, most = psutil.Process(), 0
    began = time.monotonic()
    while time.monotonic() - began < trials:
        for _ in range(200):
            payload = mutants.damage(chance, mutants.message(chance, placers))
            execute(found, readers, chance, mutants.stream(chance, payload, LIMIT))
        most = max(most, process.memory_info().rss)
    result: dict[str, object] = {
        "seconds_of_fuzz": trials,
        "seed": seed,
        "executions": found.executions,
        "messages_read": found.messages,
        "refused": dict(found.refused),
        "crashes": len(found.crashes),
        "slowest_call_s": round(found.slowest_s, 3),
        "slowest_call": found.slowest,
        "one_read_s": took,
        "most_rss_mib": round(most / 2**20),
    }
    say(f"fuzz_hl7: {json.dumps(result)}")
    for where, data in found.crashes.items():
        say(f"  crash {where}\n    {data}")
    wrong = [
        *(f"crash in {where}" for where in found.crashes),
        *(f"{name} took {took_s:.1f} s" for name, took_s in found.hangs.items()),
        *([f"{most >> 20} MiB"] if most > MOST_RSS else []),
    ]
    if wrong or not found.messages:
        raise SystemExit(f"F17 is missed (seed {seed}): {'; '.join(wrong) or 'nothing was read'}")
    return result
