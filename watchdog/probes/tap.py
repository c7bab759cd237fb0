"""Copies of real referrals, at the sending and at the arriving side: free evidence, kept as hashes.

Of each copy only a keyed hash of the placer order number, the time, the type and the sender outlive
its parsing. The key changes every day and is made from a secret file; a referral that was sent
before midnight is still found after it. Our own synthetic orders are not real ones. Source: design
decisions, section 11; order-path.md, incident lessons (350 referrals that a passing canary missed).
"""

import hmac
import ipaddress
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from watchdog.clock import Clock
from watchdog.hl7.listener import MllpListener
from watchdog.hl7.splitter import Message
from watchdog.model.observation import Ev, Event
from watchdog.orders.number import looks_ours
from watchdog.probes.tap_lines import Copy, LinesIntake, Taken

NEW = frozenset({"NW", "SN", ""})
"""ORC-1, HL7 table 0119: a new order; some senders leave it empty."""
KEPT_S = 48 * 3600.0
MISSING_KEPT_S = 30 * 86400.0
"""What has not arrived is remembered longer: somebody may still be waiting for it."""
MOST_KEPT = 200_000
MOST_SENDER = 40


def _network(value: str) -> str:
    ipaddress.ip_network(value)
    return value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TapPort(_Strict):
    """A port to which somebody sends copies: HL7 over MLLP, or JSON Lines over HTTP."""

    speaks: Literal["mllp", "jsonl"] = "mllp"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)]
    peers: Annotated[list[Annotated[str, AfterValidator(_network)]], Field(min_length=1)]


class TapSettings(_Strict):
    """`tap`: where copies of real referrals come in."""

    sent: TapPort | None = None
    """Without it only arrivals are seen: their silence counts, single orders do not."""
    arrived: TapPort
    per_min: Annotated[float, Field(gt=0, le=6000)] = 1.0
    """Usual real referrals a minute, until the hours of the week are learned."""


@dataclass(slots=True)
class RealCounts:
    """Counts in and out of the last 48 hours, and the oldest that has not come out."""

    since: datetime
    """Counting from then on: of what was sent before, nothing is known, nor that it is missing."""
    sent: int | None = 0
    """None: the sending side is not seen."""
    arrived: int = 0
    unmatched: int = 0
    """Seen to arrive without having been seen to leave."""
    unreadable: int = 0
    """Copies with a field that is longer than it may be: acknowledged, and of no use."""
    oldest_missing_s: float | None = None


class _Kept(NamedTuple):
    """What is remembered of one referral beside its hash."""

    at: float
    """Monotonic: when it was sent, or arrived."""
    day: date
    """Whose key it was hashed under."""


Seen = Callable[[Event], Awaitable[None]]
Intake = MllpListener | LinesIntake


class Tap:
    """The listening ports of one path: at the arriving side, and usually at the sending side."""

    def __init__(self, settings: TapSettings, *, secret: bytes, seen: Seen, clock: Clock) -> None:
        self._settings, self._secret, self._seen, self._clock = settings, secret, seen, clock
        self._open: dict[str, _Kept] = {}
        """By hash: sent, and not arrived."""
        self._done: dict[str, _Kept] = {}
        """By hash: arrived."""
        self._days: Counter[date] = Counter()
        """Hashes remembered under each day's key: those keys are tried, for as long as that is."""
        self.since = clock.now()
        """All is in memory alone: a restart begins anew."""
        self._unmatched = self._unreadable = 0
        sides = {
            "sent": (settings.sent, self._on_sent),
            "arrived": (settings.arrived, self._on_arrived),
        }
        self._intakes = {
            side: (port, self._intake(port, taken))
            for side, (port, taken) in sides.items()
            if port is not None
        }

    async def start(self) -> dict[str, int]:
        """Listen at each side; the ports."""
        return {
            side: await intake.start(port.host, port.port)
            for side, (port, intake) in self._intakes.items()
        }

    async def close(self) -> None:
        for _, intake in self._intakes.values():
            await intake.close()

    def counts(self) -> RealCounts:
        """In, out, and the age of the oldest that is missing (order-path.md: Jämtland)."""
        self._prune()
        now = self._clock.monotonic()
        oldest = min((kept.at for kept in self._open.values()), default=None)
        lately = sum(1 for kept in self._open.values() if now - kept.at <= KEPT_S)
        return RealCounts(
            since=self.since,
            sent=lately + len(self._done) if self._settings.sent else None,
            arrived=len(self._done),
            unmatched=self._unmatched,
            unreadable=self._unreadable,
            oldest_missing_s=None if oldest is None else now - oldest,
        )

    def _intake(self, port: TapPort, taken: Taken) -> Intake:
        peers = tuple(ipaddress.ip_network(peer) for peer in port.peers)
        if port.speaks == "jsonl":
            return LinesIntake(taken, clock=self._clock, peers=peers)

        async def answer(message: Message) -> str:
            copy = _copy(message)
            if copy is None:
                self._unreadable += 1
            else:
                await taken(copy)
            return "AA"  # what we cannot use, the engine should not send again and again

        return MllpListener(answer, clock=self._clock, peers=peers)

    async def _on_sent(self, copy: Copy) -> None:
        self._prune()
        if not copy.placer or copy.control.upper() not in NEW or looks_ours(copy.placer):
            return
        # sent again on another day, as an update or by a retry across midnight, it is the same
        if self._known(copy.placer) is None:
            mark = self._remember(self._open, copy.placer, self._today())
            await self._tell(Ev.REAL_SENT, mark, copy.sender)

    async def _on_arrived(self, copy: Copy) -> None:
        self._prune()
        if not copy.placer or looks_ours(copy.placer):
            return
        mark, day = self._known(copy.placer), self._today()
        if mark in self._done:
            return
        if mark is not None:
            day = self._forget(self._open, mark)
        elif self._settings.sent is not None:
            self._unmatched += 1
            return
        mark = self._remember(self._done, copy.placer, day)
        await self._tell(Ev.REAL_ARRIVED, mark)

    async def _tell(self, ev: Ev, mark: str, sender: str = "") -> None:
        await self._seen(
            Event(
                ev=ev,
                mono=self._clock.monotonic(),
                t=self._clock.now().timestamp(),
                id=mark,
                sender=sender[:MOST_SENDER],
            )
        )

    def _known(self, placer: str) -> str | None:
        """What a referral of this number is called, if it is remembered."""
        marks = self._marks(placer)
        return next((mark for mark in marks if mark in self._open or mark in self._done), None)

    def _marks(self, placer: str) -> Iterator[str]:
        """What the number is called under each key that is in use, newest first.

        Usually three days' keys, and one more for each day of the last thirty whose referral is missing:
        0.4 ms at the worst, and the first days' match most.
        """
        return (self._hash(placer, day) for day in sorted(self._days, reverse=True))

    def _hash(self, placer: str, day: date) -> str:
        """Sixteen hex digits under the key of `day`: enough to match, too little to go back."""
        key = hmac.digest(self._secret, f"tap {day.isoformat()}".encode(), "sha256")
        return "r" + hmac.digest(key, placer.encode(), "sha256").hex()[:16]

    def _remember(self, kept: dict[str, _Kept], placer: str, day: date) -> str:
        """Its hash under the key of `day`."""
        mark = self._hash(placer, day)
        kept[mark] = _Kept(self._clock.monotonic(), day)
        self._days[day] += 1
        return mark

    def _forget(self, kept: dict[str, _Kept], mark: str) -> date:
        """The day under whose key it was."""
        day = kept.pop(mark).day
        self._days[day] -= 1
        if not self._days[day]:
            del self._days[day]
        return day

    def _today(self) -> date:
        return self._clock.now().astimezone(UTC).date()

    def _prune(self) -> None:
        """Forget what is too old, or too much: both are in their order of coming."""
        now = self._clock.monotonic()
        for kept, limit in ((self._open, now - MISSING_KEPT_S), (self._done, now - KEPT_S)):
            while kept and (len(kept) > MOST_KEPT or next(iter(kept.values())).at < limit):
                self._forget(kept, next(iter(kept)))


def _copy(message: Message) -> Copy | None:
    """None if a field is longer than it may be; the error would quote it, so it ends here."""
    try:
        return Copy(
            placer=message.get("ORC", 2) or message.get("OBR", 2),
            control=message.get("ORC", 1),
            sender="/".join(filter(None, (message.get("MSH", 3), message.get("MSH", 4)))),
        )
    except ValidationError:
        return None
