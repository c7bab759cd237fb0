"""One watched path in memory: its detector, its orders that are under way or looked for, its incident."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from watchdog.detection.effective import Snapshot
from watchdog.detection.path import PathDetector
from watchdog.errors import UnknownPath
from watchdog.hl7.client import MllpClient
from watchdog.model.order import MISSING, Level, Order, OrderState
from watchdog.model.outage import Phase
from watchdog.model.site import PathConfig
from watchdog.service.told import Told
from watchdog.storage.states import PathControl

REJECTED = frozenset({OrderState.REFUSED})
AWAITED = frozenset({OrderState.ARRIVED, OrderState.CANCEL_SENT})
FEEDBACK_BEHIND = 3
CANCEL_REFUSED = "a cancel was"
"""How the reason of a breaker begins that holds cancels too."""


@dataclass(slots=True, kw_only=True)
class Watch(Told[PathConfig]):
    """The state of one path; `lock` is held while it is advanced."""

    detector: PathDetector
    client: MllpClient
    since: datetime
    """When the phase last changed, wall time."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    orders: dict[str, Order] = field(default_factory=dict[str, Order])
    """By placer number: every order that is not at its end, and each that may still turn up in the RIS."""
    control: PathControl | None = None
    damaged_at: set[str] = field(default_factory=set[str])
    """Readers whose newest text of ours that carries the canary had lost its Swedish letters."""
    commissioned: bool = True
    """One order sent by hand was proven, for this very template; always true in a test environment."""
    cancels_held: bool = False
    """The RIS refused a cancel: no further one until a person resumes."""
    breaker_unstored: bool = False
    dirty: dict[str, Order] = field(default_factory=dict[str, Order])
    """Orders whose newest form the database has not taken yet."""
    last_cancel: float = float("-inf")
    sent_today: list[float] = field(default_factory=list[float])
    transmissions: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    kick: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the next order may be wanted sooner than was thought."""
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when something was observed, or changed by itself: to be evaluated within a tick."""
    evaluated: float = float("-inf")
    evaluated_phase: Phase = Phase.UNKNOWN
    stored_phase: Phase | None = None
    other_since: float | None = None
    """Since when the site has been in another scenario than the one that people were told of."""
    reads: bool | None = None
    """The last round of looks by the polling readers saw the far end; None: none has been made."""
    unpushed: float = math.inf
    """Orders that were seen to arrive since the RIS last told of one by itself (its feedback)."""
    learned: str = "{}"
    """What the detector learned, as it was last put into words."""
    learned_at: float = float("-inf")

    @property
    def text_damaged(self) -> bool:
        return bool(self.damaged_at)

    @property
    def sending(self) -> str:
        """on, stopped, rejected or uncommissioned."""
        if self.detector.pacing.rejected:
            return "rejected"
        if not self.commissioned:
            return "uncommissioned"
        return self.control.sending if self.control is not None else "on"

    @property
    def stopped_by_person(self) -> bool:
        return self.control is not None and self.control.sending == "stopped"

    def obey_people(self) -> None:
        """Scheduled sending needs a commissioning record and no stop by hand."""
        self.detector.pacing.stopped = self.stopped_by_person or not self.commissioned

    @property
    def is_fed_back(self) -> bool:
        """The RIS has told by itself of one of the newest orders that arrived: an open port is no eye."""
        return self.unpushed <= FEEDBACK_BEHIND

    def hears_of(self, level: Level, *, first: bool) -> None:
        """An order of ours arrived; `first`: nothing had shown it before."""
        if level is Level.E5:
            self.unpushed = 0
        elif first:
            self.unpushed += 1

    def reads_text(self, reader: str, *, damaged: bool | None) -> None:
        """Swedish letters are damaged while any reader's newest text with the canary shows it so."""
        if damaged:
            self.damaged_at.add(reader)
        elif damaged is False:
            self.damaged_at.discard(reader)

    def put(self, order: Order, *, ended: bool) -> None:
        """Remember the newest form of an order, or forget it when it is at its end."""
        if ended:
            self.orders.pop(order.placer, None)
        else:
            self.orders[order.placer] = order

    def missing(self) -> list[Order]:
        """Orders that may be in the path and have not been seen in the RIS, oldest first.

        A rejected one that had left may be there all the same.
        """
        return [order for order in self.orders.values() if order.state in MISSING | REJECTED]

    def to_ask_about(self) -> list[Order]:
        """The missing ones, and those whose cancel or second proof is awaited, oldest first."""
        asked = MISSING | REJECTED | AWAITED
        return [order for order in self.orders.values() if order.state in asked]

    def snapshot(self) -> Snapshot:
        """What may be published, as of the last evaluation."""
        cadence, told = self.config.cadence, self.held
        return Snapshot(
            phase=self.evaluated_phase,
            reason=told.reason if told is not None else self.detector.reason,
            evaluated_mono=self.evaluated,
            life_mono=self.detector.proven,
            evaluation_limit_s=cadence.evaluation_limit_s,
            evidence_limit_s=cadence.evidence_limit(self.detector.p99_s),
            valid_for_s=cadence.valid_for_s,
            verified=self.config.verified,
            text_damaged=self.text_damaged,
            probe_rejected=self.detector.pacing.rejected,
            declared_by_hand=self.shown is not None and self.shown.is_outage and self.shown.by_hand,
        )


def watch_of(watches: Mapping[str, Watch], path: str) -> Watch:
    """The path of that id. UnknownPath if it is not configured."""
    if path not in watches:
        raise UnknownPath(watches, path)
    return watches[path]
