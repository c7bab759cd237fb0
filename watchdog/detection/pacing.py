"""When the next synthetic order may go: cadence, open limit, scouts, breaker, cap.

Safety before speed (design decisions, section 3). Nothing here knows the network; the same object
paces the service and every replay.
"""

import math
from dataclasses import dataclass

from watchdog.model.cadence import Cadence
from watchdog.model.outage import Phase

IN_OUTAGE = frozenset({Phase.DECLARED, Phase.RECOVERING})
EAGER_S, STEADY_S, LONG_S = 60.0, 1800.0, 7200.0
SLOWEST_S = 300.0
GOLDEN = 0.6180339887
RESERVED_SHARE = 0.1
"""Of an incident's orders, kept for the moment when a sign of life asks for quick proof."""
QUICK_SHARE = 0.3
"""Of an incident's orders, spent at T/3 while a share is being lost; then one each T."""
SHARP_SHARE = 0.5
"""Of the re-probe interval, when the engine refuses: such an answer is whole at once,
where an arrival that is only late says more the longer one waits."""


@dataclass(slots=True)
class Place:
    """An order that waits for its arrival."""

    id: str
    sent: float
    scout: bool
    inherited: bool = False
    """It left in an earlier run, which may have seen why it does not come."""


class Pacing:
    """Decides when to send; hears of everything that was sent and came back."""

    def __init__(self, cadence: Cadence, first_at: float) -> None:
        self._cadence = cadence
        self._first_at = first_at
        self._places: dict[str, Place] = {}
        self._gave_up: list[str] = []
        self._last_sent: float | None = None
        self._sendings = 0
        self._tokens = float(cadence.token_bucket)
        self._tokens_at: float | None = None
        self._eager_since = -math.inf
        self._ack_silence = False
        self.rejected = False
        """The breaker: open after the first negative answer, until a person resumes."""
        self.rejected_at = -math.inf
        self.stopped = False
        """A person, or the lack of commissioning, stops sending."""
        self.in_incident = 0

    # ---- what happened

    def sent(self, id_: str, mono: float, phase: Phase) -> None:
        """An order left."""
        full = len(self._places) >= self._cadence.open_limit
        scout = full and (phase in IN_OUTAGE or self._own() < self._cadence.open_limit)
        if phase in IN_OUTAGE:
            self.in_incident += 1
        self._refill(mono)
        if self._last_sent is not None and mono - self._last_sent < 0.9 * self._cadence.interval_s:
            self._tokens = max(0.0, self._tokens - 1)
        self._places[id_] = Place(id_, mono, scout)
        self._last_sent = mono
        self._sendings += 1

    def inherit(self, id_: str, sent: float) -> None:
        """An order of an earlier run still waits; it holds a place."""
        self._places[id_] = Place(id_, sent, scout=False, inherited=True)

    def settled(self, id_: str, mono: float, *, alive: bool) -> None:
        """It arrived or was refused: its place is free. An arrival is a sign of life."""
        self._places.pop(id_, None)
        if alive:
            self._eager_since = mono

    def acked(self, mono: float) -> None:
        """An ACK; after a silence of ACKs it is a sign of life."""
        if self._ack_silence:
            self._ack_silence, self._eager_since = False, mono

    def unacked(self) -> None:
        """An order was refused or not acknowledged in time."""
        self._ack_silence = True

    def declared(self, mono: float, *, orders: int = 0) -> None:
        """An outage begins: count its orders (`orders` so far), and probe eagerly for a while."""
        self.in_incident, self._eager_since = orders, mono

    def eager(self, mono: float) -> None:
        """It goes on after a relapse: probe eagerly again, within the same count."""
        self._eager_since = mono

    def reject(self, mono: float) -> None:
        """The breaker opens."""
        if not self.rejected:
            self.rejected, self.rejected_at = True, mono

    def resume(self) -> None:
        """A person resumed sending."""
        self.rejected = False
        self._last_sent = None
        self._first_at = -math.inf

    def allow_more(self) -> None:
        """A person lets the outage cost as many orders again."""
        self.in_incident = 0

    # ---- what is asked

    @property
    def spent(self) -> bool:
        """The last outage has cost all the orders that it may cost."""
        return self.in_incident >= self._cadence.orders_per_incident

    @property
    def open(self) -> int:
        """Orders that hold a place."""
        return len(self._places)

    def gave_up(self) -> list[str]:
        """Orders that lost their place since the last call; evidence keeps counting them."""
        ids, self._gave_up = self._gave_up, []
        return ids

    def release(self, now: float, phase: Phase, p99_s: float) -> None:
        """Free the places of orders that are too old, and of scouts whose time is over."""
        scout_s = self.scout_patience(p99_s)
        for place in list(self._places.values()):
            # the same sums as in next_at, so that both agree to the last bit
            scouting = phase in IN_OUTAGE or self._own() < self._cadence.open_limit
            replaced = place.scout and scouting and place.sent + scout_s <= now
            if replaced or place.sent + self._cadence.give_up_s <= now:
                del self._places[place.id]
                self._gave_up.append(place.id)

    def vacate(self, sent_until: float) -> None:
        """The path is proven well: what left before this and has not arrived holds no place any more.

        Without this the lost orders of an outage would keep all others from leaving until they are
        given up, and a path that is well would read `unknown` for as long.
        """
        for place in list(self._places.values()):
            if place.sent <= sent_until:
                del self._places[place.id]
                self._gave_up.append(place.id)

    def scout_patience(self, p99_s: float) -> float:
        """Seconds after which a scout is given up and replaced."""
        return max(2 * p99_s, self._cadence.reprobe_s)

    def next_at(
        self,
        now: float,
        phase: Phase,
        *,
        watchful: bool,
        p99_s: float,
        sharp: bool = False,
        hopeless: bool = False,
    ) -> float:
        """When the next order is wanted, monotonic seconds; infinity: not until something changes.

        `sharp`: what speaks against the path is known at once, so asking again need not wait.
        `hopeless`: a share of the orders is still being lost, so haste would only spend orders.
        """
        if self.rejected or self.stopped:
            return math.inf
        if phase in IN_OUTAGE:
            due = self._due(self._outage_gap(now, hopeless=hopeless))
            if self.open < self._cadence.open_limit:
                return due
            scouts = [p.sent for p in self._places.values() if p.scout]
            return max(due, max(scouts) + self.scout_patience(p99_s)) if scouts else due
        if self.open >= self._cadence.open_limit > self._own():
            # an earlier run's orders fill the path: one at a time goes beyond, to prove it
            due = self._due(self._interval_s())
            scouts = [p.sent for p in self._places.values() if p.scout]
            return max(due, max(scouts) + self.scout_patience(p99_s)) if scouts else due
        if self.open >= self._cadence.open_limit:
            oldest = min(place.sent for place in self._places.values())
            due = self._due(self._cadence.interval_s)
            return max(due, oldest + self._cadence.give_up_s)
        self._refill(now)
        quick = watchful and self._tokens >= 1
        if not quick:
            return self._due(self._interval_s())
        return self._due(self._reprobe_s() * (SHARP_SHARE if sharp else 1.0))

    def _own(self) -> int:
        """Orders of this run that hold a place within the limit."""
        return sum(not (place.inherited or place.scout) for place in self._places.values())

    def _due(self, gap: float) -> float:
        return self._first_at if self._last_sent is None else self._last_sent + gap

    def _interval_s(self) -> float:
        """T, a little sooner each time by another amount."""
        share = self._cadence.spread_share * (self._sendings * GOLDEN % 1.0)
        return self._cadence.interval_s * (1 - share)

    def _reprobe_s(self) -> float:
        """The re-probe interval, a little later each time by another amount (golden ratio steps)."""
        share = self._cadence.jitter_share * (self._sendings * GOLDEN % 1.0)
        return self._cadence.reprobe_s * (1 + share)

    def _outage_gap(self, now: float, *, hopeless: bool) -> float:
        cadence = self._cadence
        left = cadence.orders_per_incident - self.in_incident
        if left <= 0:
            return math.inf
        if hopeless and not cadence.scout_always_reprobes:
            if left <= RESERVED_SHARE * cadence.orders_per_incident:
                return max(SLOWEST_S, cadence.interval_s)
            quick = self.in_incident < QUICK_SHARE * cadence.orders_per_incident
            return max(cadence.reprobe_s, cadence.interval_s / 3) if quick else cadence.interval_s
        eager = now - self._eager_since <= EAGER_S or cadence.scout_always_reprobes
        if left <= RESERVED_SHARE * cadence.orders_per_incident and not self._alive_lately(now):
            return max(SLOWEST_S, cadence.interval_s)
        if eager:
            return self._reprobe_s()
        since = now - self._eager_since
        if since <= EAGER_S + STEADY_S:
            return cadence.interval_s / 3
        if since <= LONG_S:
            return max(cadence.interval_s, 60.0)
        return max(SLOWEST_S, cadence.interval_s)

    def _alive_lately(self, now: float) -> bool:
        return now - self._eager_since <= EAGER_S

    def _refill(self, now: float) -> None:
        if self._tokens_at is not None:
            gained = (now - self._tokens_at) / self._cadence.interval_s
            self._tokens = min(self._cadence.token_bucket, self._tokens + gained)
        self._tokens_at = now
