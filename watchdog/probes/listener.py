"""Arrival by the RIS's own message: our ORC-2 with a filler number in ORC-3 (E5).

Any of ORM, ORR, OMG, ORG, ORU. Also hears the answer to a cancel (CR, UC), a refusal (UA), and the
signs that somebody works on our order. Feedback that is not about our orders is acknowledged,
counted and forgotten: nothing of it is kept or logged.
"""

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from watchdog.clock import Clock
from watchdog.hl7.listener import MllpListener
from watchdog.hl7.splitter import Message
from watchdog.model.order import Arrival, Level
from watchdog.orders.number import is_ours, looks_ours
from watchdog.probes.base import ReaderSettings

CANCELLED = frozenset({"CR", "DR", "OC", "OD"})
"""ORC-1, HL7 table 0119."""
REFUSED = frozenset({"UA", "UC", "UD"})
WORKED_ON = frozenset({"IP", "CM", "A"})
"""ORC-5, HL7 table 0038: in progress, completed, partly reported."""


def _network(value: str) -> str:
    ipaddress.ip_network(value)
    return value


class ListenerSettings(ReaderSettings):
    """`listener`: the port to which the RIS sends its status messages."""

    kind: Literal["listener"]
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)]
    peers: Annotated[list[Annotated[str, AfterValidator(_network)]], Field(min_length=1)]
    """Networks from which the RIS connects."""


Heard = Callable[[Arrival], Awaitable[None]]


class FeedbackListener:
    """One listening port of one path."""

    def __init__(
        self, settings: ListenerSettings, *, path: str, key: bytes, heard: Heard, clock: Clock
    ) -> None:
        self.name = "listener"
        self._settings, self._path, self._key, self._heard = settings, path, key, heard
        self.foreign = 0
        self.forged = 0
        self._mllp = MllpListener(
            self._handle,
            clock=clock,
            peers=tuple(ipaddress.ip_network(peer) for peer in settings.peers),
        )

    @property
    def port(self) -> int:
        return self._mllp.port

    @property
    def counters(self) -> object:
        return self._mllp.counters

    async def start(self) -> int:
        """Listen; the port."""
        return await self._mllp.start(self._settings.host, self._settings.port)

    async def close(self) -> None:
        await self._mllp.close()

    def _handle(self, message: Message) -> str | Awaitable[str]:
        placer = message.get("ORC", 2) or message.get("OBR", 2)
        if not is_ours(self._key, self._path, placer):
            self.forged += looks_ours(placer)
            self.foreign += 1
            return "AA"
        arrival = read_feedback(message, placer)
        return self._tell(arrival) if arrival is not None else "AA"

    async def _tell(self, arrival: Arrival) -> str:
        """AA when the arrival is stored, or will be as soon as the database takes it again."""
        await self._heard(arrival)
        return "AA"


def read_feedback(message: Message, placer: str) -> Arrival | None:
    """What the RIS says of our order, or None if it proves nothing (no filler number)."""
    control, status = message.get("ORC", 1).upper(), message.get("ORC", 5).upper()
    filler = message.get("ORC", 3) or message.get("OBR", 3)
    report = message.get("MSH", 9).upper() == "ORU"
    if not filler and control not in CANCELLED | REFUSED:
        return None
    return Arrival(
        placer=placer,
        level=Level.E5,
        reader="listener",
        filler=filler,
        text=message.get("OBR", 4, 2),
        cancelled=control in CANCELLED,
        refused=control in REFUSED,
        acted_on="ORU" if report else status if status in WORKED_ON else "",
    )
