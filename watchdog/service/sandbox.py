"""Every state of every path and group set by hand: the board without detection, for who builds a client.

What is published goes through the same board, routines and documents as in production; only the
evaluation is a person's. Nothing is sent, nothing is watched, nobody is told.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watchdog.detection.effective import Snapshot
from watchdog.errors import Refused, UnknownPath
from watchdog.model.ids import uuid7
from watchdog.model.incident import Incident
from watchdog.model.maintenance import Window
from watchdog.model.outage import Phase, Reason, State
from watchdog.model.site import GroupConfig, Watched
from watchdog.service.board import Board
from watchdog.service.views import PathView

OF_A_PATH: dict[State, tuple[Phase, Reason]] = {
    State.NORMAL: (Phase.CLEAR, Reason.ARRIVING),
    State.DEGRADED: (Phase.SUSPECTED, Reason.SLOW),
    State.OUTAGE: (Phase.DECLARED, Reason.NOT_ARRIVING),
    State.RECOVERING: (Phase.RECOVERING, Reason.ARRIVING_AGAIN),
    State.MAINTENANCE: (Phase.CLEAR, Reason.ARRIVING),
    State.UNKNOWN: (Phase.UNKNOWN, Reason.BLIND),
}
OF_A_GROUP: dict[State, tuple[Phase, Reason]] = {
    State.NORMAL: (Phase.CLEAR, Reason.SYSTEM_WORKS),
    State.DEGRADED: (Phase.SUSPECTED, Reason.SYSTEM_UNSTATED),
    State.OUTAGE: (Phase.DECLARED, Reason.SYSTEM_DOWN),
    State.RECOVERING: (Phase.RECOVERING, Reason.SYSTEM_BACK),
    State.MAINTENANCE: (Phase.CLEAR, Reason.SYSTEM_WORKS),
    State.UNKNOWN: (Phase.UNKNOWN, Reason.SYSTEM_UNKNOWN),
}
OUT = frozenset({State.OUTAGE, State.RECOVERING})
EVALUATION_S, EVIDENCE_S, VALID_S = 15.0, 90.0, 45.0
"""As at cadence `fast` (design decisions, section 6)."""
LAST_GOOD_BEFORE = timedelta(minutes=2)
WINDOW = timedelta(hours=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody set."""

    state: State = State.NORMAL
    paper: bool = True
    """In an outage: the hold-off has passed, and the routine's chapter is in force."""
    scenario: str = ""
    """Which chapter; empty: the first of its own."""
    evaluated: bool = True
    """False: the watchdog has died; what it last said grows old."""


class Sandbox:
    """Holds the wishes, and publishes them as often as an evaluation would."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self.wishes = dict.fromkeys(board.config.watched, Wish())
        self._since = dict.fromkeys(board.config.watched, board.clock.now())
        self._evaluated = dict.fromkeys(board.config.watched, board.clock.monotonic())
        self._incidents: dict[str, Incident] = {}
        self._ended: dict[str, tuple[Incident, ...]] = {}
        board.epoch, board.revision = 1, 1
        self.beat()

    def set(self, ident: str, wish: Wish) -> Incident | None:
        """Put a path or a group into a state. The incident that this begins, changes or ends.

        UnknownPath, or Refused if the routine has no such chapter.
        """
        if ident not in self.wishes:
            raise UnknownPath(self.wishes, ident)
        watched = self._board.config.watched[ident]
        known = self._board.routines[watched.site].scenarios
        if wish.scenario and wish.scenario not in known:
            raise Refused(f"The routine of {watched.site} has {', '.join(known)}.")
        if wish.state is not self.wishes[ident].state:
            self._since[ident] = self._board.clock.now()
        self.wishes[ident] = wish
        changed = self._incident(watched, wish)
        self._plan(watched, wish)
        self._publish(watched, wish)
        self._board.refresh()
        return changed

    def beat(self) -> None:
        """Evaluate again what is evaluated; what is not grows old."""
        for ident, wish in self.wishes.items():
            if wish.evaluated:
                self._publish(self._board.config.watched[ident], wish)
        self._board.refresh()

    def _incident(self, watched: Watched, wish: Wish) -> Incident | None:
        now, found = self._board.clock.now(), self._incidents.get(watched.id)
        if wish.state not in OUT:
            if found is None:
                return None
            ended = replace(found, cleared_at=now, first_good_at=now, number=found.number + 1)
            del self._incidents[watched.id]
            self._ended[watched.id] = (*self._ended.get(watched.id, ()), ended)
            return ended
        base = found or self._opened(watched, now)
        self._incidents[watched.id] = replace(
            base,
            number=base.number + 1,
            scenario=wish.scenario or watched.scenario,
            advised_at=(base.advised_at or now) if wish.paper else None,
            recovering_at=now if wish.state is State.RECOVERING else None,
        )
        return self._incidents[watched.id]

    def _opened(self, watched: Watched, now: datetime) -> Incident:
        _, reason = _meaning(watched, State.OUTAGE)
        return Incident(
            id=f"inc_{uuid7(now, secrets.token_bytes(10))}",
            path=watched.id,
            site=watched.site,
            scenario=watched.scenario,
            reason=reason,
            opened_at=now,
            declared_at=now,
            last_good_at=now - LAST_GOOD_BEFORE,
            drill=True,
        )

    def _plan(self, watched: Watched, wish: Wish) -> None:
        board = self._board
        board.windows = [window for window in board.windows if window.path != watched.id]
        if wish.state is State.MAINTENANCE:
            now = board.clock.now()
            board.windows.append(
                Window(
                    id=f"sandbox_{watched.id}",
                    path=watched.id,
                    starts_at=now - LAST_GOOD_BEFORE,
                    ends_at=now + WINDOW,
                    owner="sandbox",
                    reason="sandbox",
                    by="sandbox",
                )
            )

    def _publish(self, watched: Watched, wish: Wish) -> None:
        clock = self._board.clock
        now, mono = clock.now(), clock.monotonic()
        if wish.evaluated:
            self._evaluated[watched.id] = mono
        evaluated = self._evaluated[watched.id]
        at = now - timedelta(seconds=mono - evaluated)
        phase, reason = _meaning(watched, wish.state)
        incident = self._incidents.get(watched.id)
        good = incident.last_good_at if incident is not None else at
        self._board.publish(
            PathView(
                config=watched,
                snapshot=Snapshot(
                    phase=phase,
                    reason=reason,
                    evaluated_mono=evaluated,
                    life_mono=evaluated,
                    evaluation_limit_s=EVALUATION_S,
                    evidence_limit_s=EVIDENCE_S,
                    valid_for_s=VALID_S,
                ),
                since=self._since[watched.id],
                evaluated_at=at,
                last_good_at=good,
                last_arrival_at=good,
                incident=incident,
                recent=self._ended.get(watched.id, ()),
                open_orders=0,
                sending="none" if isinstance(watched, GroupConfig) else "on",
                p99_s=5.0,
                seen_scenario=wish.scenario,
            )
        )


def _meaning(watched: Watched, state: State) -> tuple[Phase, Reason]:
    return (OF_A_GROUP if isinstance(watched, GroupConfig) else OF_A_PATH)[state]
