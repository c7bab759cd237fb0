"""What of a watched path is shown on the board, and stored for other processes and the next run."""

import json
import math
from datetime import datetime, timedelta

from watchdog.clock import Clock
from watchdog.detection.learned import learned
from watchdog.incidents.window import is_shown
from watchdog.service.board import Board
from watchdog.service.systems import Systems
from watchdog.service.views import PathView
from watchdog.service.watch import Watch
from watchdog.storage.states import PathState

LEARNED_EVERY_S = 300.0


class PathViews:
    """Watches, as others see them."""

    def __init__(self, board: Board, systems: Systems, clock: Clock) -> None:
        self._board, self._systems, self._clock = board, systems, clock

    def view(self, watch: Watch) -> PathView:
        """The path as the board shows it."""
        now, mono = self._clock.now(), self._clock.monotonic()
        watch.recent = [i for i in watch.recent if is_shown(i, now)]
        incident = watch.shown
        current = incident if incident is not None and not incident.is_over else None
        return PathView(
            config=watch.config,
            snapshot=watch.snapshot(),
            since=watch.since,
            evaluated_at=self.wall(watch.evaluated, mono) or now,
            last_good_at=self.wall(watch.detector.life, mono),
            last_arrival_at=self.wall(watch.detector.last_arrival, mono),
            incident=current,
            recent=tuple(i for i in watch.recent if current is None or i.id != current.id),
            open_orders=len(watch.orders),
            sending=watch.sending,
            p99_s=watch.detector.p99_s,
            seen_scenario=self.scenario(watch),
        )

    def state(self, watch: Watch) -> PathState:
        """The path as it is stored for other processes and the next run."""
        now, mono = self._clock.now(), self._clock.monotonic()
        detector = watch.detector
        return PathState(
            path=watch.id,
            epoch=self._board.epoch,
            revision=self._board.revision,
            phase=watch.evaluated_phase.value,
            reason=detector.reason.value,
            since=watch.since,
            evaluated_at=self.wall(watch.evaluated, mono) or now,
            life_at=self.wall(detector.proven, mono),
            last_arrival_at=self.wall(detector.last_arrival, mono),
            evidence_limit_s=watch.config.cadence.evidence_limit(detector.p99_s),
            text_damaged=watch.text_damaged,
            open_orders=len(watch.orders),
            sending=watch.sending,
            scenario=self.scenario(watch),
            learned=self._learned(watch),
        )

    def scenario(self, watch: Watch) -> str:
        """The scenario that the systems of the path's site are in, if its routine has it."""
        seen = self._systems.scenario(watch.config)
        known = watch.routine.scenarios
        return seen if seen in known and seen != watch.config.scenario else ""

    def wall(self, moment: float | None, mono: float) -> datetime | None:
        """The wall time of a moment of our monotonic clock; None if it never was."""
        if moment is None or math.isinf(moment):
            return None
        return self._clock.now() - timedelta(seconds=mono - moment)

    def _learned(self, watch: Watch) -> str:
        """What the detector learned, as JSON, made anew every five minutes: it changes slowly."""
        mono = self._clock.monotonic()
        if mono - watch.learned_at >= LEARNED_EVERY_S:
            watch.learned_at = mono
            watch.learned = json.dumps(learned(watch.detector))
        return watch.learned
