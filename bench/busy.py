"""What goes on around the service during a soak: faults, clinics that ask, streams, real referrals."""

import asyncio
import random
from collections import Counter
from urllib.parse import urlsplit

import httpx

from bench import openloop
from bench.database_stop import CLINICS
from bench.figures import Seen
from bench.openloop import Leg, where
from bench.stand import PATHS, Stand
from bench.streams import Client, request
from watchdog.clock import SystemClock
from watchdog.hl7.client import MllpClient

STATUS_PER_S, CONNECTIONS = 20, 10
REFERRALS_PER_S = 1
"""The tap keeps about 0.1 KiB of each for 48 h: 0.4 MiB/h that is no leak, and 2 at five a second."""
STREAMS = 5
"""So many event streams come, and as many leave, every `STREAMS_S`."""
STREAMS_S = 5.0
# no `nak`: it stops the sending until a person resumes, and the rest of the soak would be idle
FAULTS = (
    "refuse", "silent", "nak_behind", "swallow", "queue", "lose", "slow", "duplicate",
    "wrong_ack_id", "text_damage", "worklist_down", "pacs_down", "flap", "restart",
)  # fmt: skip
TAPPED = "biztalk"


class Around:
    """All of it, for a time; what came of it is counted."""

    def __init__(self, stand: Stand, taps: dict[str, int], seed: int) -> None:
        self._stand, self._taps, self._seed = stand, taps, seed
        self._chance = random.Random(seed)
        self.faults: Counter[str] = Counter()
        self.referrals: Counter[str] = Counter()
        self.states: Counter[str] = Counter()
        self.streams = 0
        self.broke: list[str] = []
        """What ended a part of this load before its time."""

    async def run(self, seconds: float, fault_every_s: float) -> Seen:
        """The status requests of that time; everything else ends with it."""
        parts = (self._break(fault_every_s), self._refer(), self._listen(), self._look())
        tasks = [asyncio.create_task(part) for part in parts]
        leg = Leg(
            url=self._stand.url,
            paths=[f"/v1/clinics/{clinic}/status" for clinic in CLINICS],
            rate_per_s=STATUS_PER_S,
            connections=CONNECTIONS,
        )
        try:
            return await openloop.run(leg, seconds, self._seed)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            self.broke += [repr(each) for each in ended if isinstance(each, Exception)]

    async def _break(self, every_s: float) -> None:
        """One lane is broken for half of each period, then mended."""
        kinds: list[str] = []
        while True:
            kinds = kinds or self._chance.sample(FAULTS, len(FAULTS))
            kind, lane = kinds.pop(), self._chance.choice(list(PATHS))
            await asyncio.sleep(every_s / 4)
            await asyncio.to_thread(self._stand.fault, lane, kind)
            self.faults[f"{lane} {kind}"] += 1
            await asyncio.sleep(every_s / 2)
            await asyncio.to_thread(self._stand.fault, lane, "none")
            await asyncio.sleep(every_s / 4)

    async def _refer(self) -> None:
        """Copies of real referrals on both sides of the tap, with no patient in them."""
        clock = SystemClock()
        sides = {
            side: MllpClient("127.0.0.1", port, clock=clock, ack_timeout_s=5, keep=True, tls=None)
            for side, port in self._taps.items()
        }
        number = 0
        try:
            while True:
                number += 1
                for side, client in sides.items():
                    ident = f"C{side}{number}"
                    sent = await client.send(_copy(ident, number), ident)
                    self.referrals[sent.outcome.value] += 1
                await asyncio.sleep(1 / REFERRALS_PER_S)
        finally:
            for client in sides.values():
                await client.close()

    async def _listen(self) -> None:
        """Event streams that come and go: what one leaves behind would pile up."""
        host, loop = urlsplit(self._stand.url).netloc, asyncio.get_running_loop()
        while True:
            some = [Client(request(clinic, host)) for clinic in CLINICS[:STREAMS]]
            for client in some:
                await loop.create_connection(lambda it=client: it, *where(self._stand.url))
            await asyncio.sleep(STREAMS_S)
            self.streams += len(some)
            for client in some:
                client.transport.abort()

    async def _look(self) -> None:
        """How often each state was published, asked every second."""
        while True:
            try:
                found = await asyncio.to_thread(self._stand.states)
                self.states.update(f"{path} {state}" for path, state in found.items())
            except httpx.HTTPError as error:
                self.states[type(error).__name__] += 1
            await asyncio.sleep(1)


def _copy(ident: str, number: int) -> bytes:
    text = (
        f"MSH|^~\\&|VAS|H|RIS|H|20261121120000||ORM^O01^ORM_O01|{ident}|P|2.3.1\r"
        f"ORC|NW|R{number}\rOBR|1|R{number}\r"
    )
    return text.encode()


def with_tap(text: str, ports: dict[str, int]) -> str:
    """The configuration with a tap on the tapped lane."""
    head, mark, tail = text.partition(f"  {PATHS[TAPPED]}:\n")
    sides = "".join(
        f"      {side}: {{port: {port}, peers: [127.0.0.0/8]}}\n" for side, port in ports.items()
    )
    tap = f"    tap:\n      per_min: {REFERRALS_PER_S * 60}\n{sides}"
    return head + mark + tail.replace("    readers:\n", f"{tap}    readers:\n", 1)
