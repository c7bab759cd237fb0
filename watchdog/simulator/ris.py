"""A stand-in for the RIS: takes orders over MLLP, answers with feedback, can be read four ways."""

import asyncio
import contextlib
import ipaddress
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watchdog.clock import Clock
from watchdog.hl7.client import MllpClient
from watchdog.hl7.listener import MllpListener
from watchdog.hl7.splitter import Message
from watchdog.simulator.faults import Fault, FaultKind
from watchdog.simulator.log import HospitalLog

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


@dataclass(slots=True)
class Record:
    """One order in the RIS."""

    placer: str
    control_id: str
    filler: str
    patient: str
    text: str
    cancelled: bool = False


class Ris:
    """The RIS behind one lane."""

    def __init__(self, lane: str, log: HospitalLog, clock: Clock, folder: Path) -> None:
        self.lane, self._log, self._clock = lane, log, clock
        self.fault = Fault()
        self.orders: dict[str, Record] = {}
        self.feedback: tuple[str, int] | None = None
        """Where status messages go; None: this RIS sends none."""
        self.act_on: bool = False
        """Somebody starts the examination of every order that comes in."""
        self._count = 0
        self._messages = 0
        self._client: MllpClient | None = None
        self._outbound: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self._sender: asyncio.Task[None] | None = None
        self._listener = MllpListener(self._take, clock=clock, peers=LOOPBACK)
        self.database = folder / f"{lane}.sqlite"
        self._db = sqlite3.connect(self.database, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS orders"
            " (placer TEXT PRIMARY KEY, filler TEXT, status TEXT, text TEXT)"
        )

    async def start(self) -> int:
        port = await self._listener.start("127.0.0.1", 0)
        self._sender = asyncio.create_task(self._send_feedback())
        return port

    async def close(self) -> None:
        if self._sender is not None:
            self._sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sender
        await self._listener.close()
        if self._client is not None:
            await self._client.close()
        self._db.close()

    def _take(self, message: Message) -> str | Awaitable[str]:
        if self.fault.kind is FaultKind.NAK_BEHIND:
            return "AE"
        placer, control = message.get("ORC", 2), message.get("ORC", 1)
        if control == "NW":
            self._new(message, placer)
        elif control == "CA":
            self._cancel(message, placer)
        return "AA"

    def _new(self, message: Message, placer: str) -> None:
        if placer in self.orders:
            self._log.add("ris", "duplicate", lane=self.lane, placer=placer)
            self._answer(message, self.orders[placer], "OK")
            return
        self._count += 1
        record = Record(
            placer=placer,
            control_id=message.get("MSH", 10),
            filler=f"{self.lane.upper()[:4]}{self._count:07d}",
            patient=message.get("PID", 3),
            text=message.get("OBR", 4, 2),
        )
        self.orders[placer] = record
        self._db.execute(
            "INSERT INTO orders VALUES (?, ?, 'SC', ?)", (placer, record.filler, record.text)
        )
        self._log.add(
            "ris",
            "arrived",
            lane=self.lane,
            placer=placer,
            priority=message.get("ORC", 7, 6) or message.get("TQ1", 9),
            text=record.text,
        )
        self._answer(message, record, "OK")
        if self.act_on:
            self._answer(message, record, "SC", status="IP")

    def _cancel(self, message: Message, placer: str) -> None:
        record = self.orders.get(placer)
        if record is None:
            self._log.add("ris", "cancel_unknown", lane=self.lane, placer=placer)
            return
        record.cancelled = True
        self._db.execute("UPDATE orders SET status = 'CA' WHERE placer = ?", (placer,))
        self._log.add("ris", "cancelled", lane=self.lane, placer=placer)
        self._answer(message, record, "CR", status="CA")

    def _answer(self, message: Message, record: Record, control: str, status: str = "SC") -> None:
        """ORR^O02 with the filler number we gave it, in the character set of the order."""
        if self.feedback is None:
            return
        self._messages += 1
        ident = f"F{self._messages:09d}"
        charset = message.raw("MSH", 18)
        text = (
            f"MSH|^~\\&|RIS|{self.lane}|REMISSVAKT||{_stamp(self._clock)}||ORR^O02"
            f"|{ident}|T|2.3.1||||||{charset}\r"
            f"ORC|{control}|{record.placer}|{record.filler}||{status}\r"
            f"OBR|1|{record.placer}|{record.filler}|WD^{record.text}^L\r"
        )
        self._outbound.put_nowait((ident, text.encode(message.codec, "replace")))

    async def _send_feedback(self) -> None:
        while True:
            ident, payload = await self._outbound.get()
            if self.feedback is None:
                continue
            host, port = self.feedback
            if self._client is None or (self._client.host, self._client.port) != (host, port):
                if self._client is not None:
                    await self._client.close()
                self._client = MllpClient(host, port, clock=self._clock, ack_timeout_s=2)
            await self._client.send(payload, ident)


def fhir_resource(record: Record) -> dict[str, Any]:
    """The record as FHIR R4 ServiceRequest, as the HL7 imaging-order guide maps it."""
    return {
        "resourceType": "ServiceRequest",
        "status": "revoked" if record.cancelled else "active",
        "identifier": [{"type": {"text": "FILL"}, "value": record.filler}],
        "basedOn": [{"identifier": {"type": {"text": "PLAC"}, "value": record.placer}}],
        "code": {"text": record.text},
    }


def fhir_search(records: Sequence[Record], asked: Mapping[str, str]) -> list[Record] | None:
    """ServiceRequests by search parameters (FHIR R4), None if one of them is not known.

    The modifier `based-on:identifier` looks into the reference; the chain `based-on.identifier` looks
    into the resource that is referred to, and none is held here.
    """
    values: dict[str, Callable[[Record], str | None]] = {
        "identifier": lambda record: record.filler,
        "based-on:identifier": lambda record: record.placer,
        "based-on.identifier": lambda _: None,
    }
    found = list(records)
    for name, given in asked.items():
        if name == "_count":
            continue
        if name not in values:
            return None
        found = [record for record in found if values[name](record) in given.split(",")]
    return found


def _stamp(clock: Clock) -> str:
    return clock.now().strftime("%Y%m%d%H%M%S+0000")
