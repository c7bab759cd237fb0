"""PathDetector: the one stateful fold of a path. Events in, transitions out, and when to probe next.

Pure: every `now` is an argument. The service, replay, backtest and the benches run this object.
It routes events to the charts; `finishing.py` ends orders, `weighing.py` weighs, `judge.py` decides.
Source: docs/detection.md; design/detection.md section 5 with the time constants of the cadence.
"""

import math

from watchdog.detection.blindness import Blindness
from watchdog.detection.budget import Budget, thresholds
from watchdog.detection.charts import Charts
from watchdog.detection.finishing import Finishing
from watchdog.detection.flight import Flight
from watchdog.detection.haste import is_watchful
from watchdog.detection.histogram import Histogram
from watchdog.detection.judge import Judge
from watchdog.detection.latency import Latency
from watchdog.detection.pacing import IN_OUTAGE, Pacing
from watchdog.detection.partial import PartialLoss
from watchdog.detection.proof import ProofOfLife, hard_nats
from watchdog.detection.recovery import Recovery
from watchdog.detection.silence import Silence, Traffic
from watchdog.detection.slow import Slowness
from watchdog.detection.spells import Spells
from watchdog.detection.waking import next_wake
from watchdog.detection.weighing import Weighing
from watchdog.model.cadence import Cadence
from watchdog.model.observation import ARRIVALS, Ev, Event, Profile
from watchdog.model.outage import LOSSES, Phase, Reason, Transition


class PathDetector:
    """Decides about one path from what was seen of it."""

    def __init__(self, profile: Profile, cadence: Cadence, *, starting: bool = True) -> None:
        self.profile, self.cadence = profile, cadence
        rates = () if profile.passive == "none" else profile.hourly_rate_per_min
        self.arrivals, self.acks = Latency(profile), Histogram()
        self.acks.seed(profile.ack_quantiles, profile.hard, min(profile.samples, 20000))
        self.spells, self.flight = Spells(profile.slow_spells), Flight(cadence.real_every_s)
        self.traffic = Traffic(rates)
        self.silence = Silence(self.traffic)
        self._arrivals_only = profile.passive == "arrivals"
        nats = hard_nats(profile.hard, profile.samples)
        self.proof = ProofOfLife(self.arrivals, self.acks, self.spells, hard_nats=nats)
        self.partial = PartialLoss(self.arrivals, self.spells)
        self.slow = Slowness(self.arrivals.p90_s)
        self.sight = Blindness(cadence.blind_after)
        self.recovery = Recovery(cadence)
        self.pacing = Pacing(cadence, first_at=-math.inf if starting else 0.37 * cadence.interval_s)
        self._charts = Charts(
            budget=thresholds(years=profile.budget_years, interval_s=profile.interval_s),
            flight=self.flight,
            proof=self.proof,
            partial=self.partial,
            slow=self.slow,
            sight=self.sight,
            recovery=self.recovery,
            pacing=self.pacing,
        )
        self.judge = Judge(self._charts, cadence, starting=starting)
        self._weighing = Weighing(self._charts, self.silence, self.traffic, profile, cadence)
        self._finishing = Finishing(self._charts, self.judge, self.arrivals, self.spells)
        self._last_look: float | None = None
        self._wall = 0.0
        self.last_arrival: float | None = None

    # ---- what is asked from outside

    @property
    def phase(self) -> Phase:
        return self.judge.phase

    @property
    def reason(self) -> Reason:
        return self.judge.reason

    @property
    def since(self) -> float:
        return self.judge.since

    @property
    def budget(self) -> Budget:
        """The limits of this hour."""
        return self._charts.budget

    @property
    def evidence(self) -> float:
        """Nats against the path, of a dead path, at the last tick."""
        return self._charts.evidence

    @property
    def p99_s(self) -> float:
        """The age by which 99 of 100 orders that arrive have arrived."""
        return self.arrivals.p99_s

    @property
    def finished_s(self) -> float:
        """The age at which a missing order counts as lost, and an arrival as late."""
        return self.cadence.finished_s(self.p99_s)

    @property
    def life(self) -> float | None:
        """When the newest order known to have arrived was sent."""
        return self.proof.life

    @property
    def proven(self) -> float | None:
        """On what `normal` may rest: while ours are sent, a copy of a real order proves too little.

        The engine may copy to us what it no longer delivers (order path, section 2.1: E4 at most).
        """
        ours = not (self.pacing.rejected or self.pacing.stopped)
        return self.proof.own_life if ours else self.proof.life

    @property
    def source_silent(self) -> bool:
        """The senders have stopped, which is no outage of the path."""
        return self.silence.nats >= self.budget.outage_nats

    def silent_senders(self) -> list[str]:
        """Senders that have stopped while others have not."""
        return self.silence.silent_senders(self.budget.outage_nats)

    def next_probe_at(self, now: float) -> float:
        """When the next synthetic order is wanted; infinity: none until something changes."""
        watchful = is_watchful(self._charts, self.phase, self.cadence.interval_s, now)
        return self.pacing.next_at(
            now,
            self.phase,
            watchful=watchful,
            p99_s=self.p99_s,
            sharp=self.proof.sharp(now),
            hopeless=self.recovery.hopeless(),
        )

    def may_send(self, now: float) -> bool:
        """Asked again at the moment of sending."""
        return self.next_probe_at(now) <= now

    def next_wake(self, now: float) -> float:
        """When `tick` is wanted next, if nothing is observed before; never later than `tick_s` x 5."""
        return next_wake(self._charts, self.phase, self.cadence, self.arrivals.p90_s, now)

    def inherit(self, id_: str, sent: float) -> None:
        """An order of an earlier run still waits: it holds a place and may prove life, no more."""
        self.pacing.inherit(id_, sent)
        self.flight.inherit(id_, sent)

    def resume_outage(
        self, now: float, reason: Reason, *, partial: bool, sender: str, orders: int
    ) -> None:
        """An earlier run declared an outage that has not ended: it stands until proven over.

        `partial` and `sender` say what was lost, and so what has to be proven. Where no copies of
        real orders are seen any more, no sender can prove anything: then it is all orders.
        """
        heard = sender if self.profile.passive == "both" else ""
        self.judge.resume_outage(now, reason, partial=partial or reason in LOSSES, sender=heard)
        self.pacing.declared(now, orders=orders)

    def withdraw(self, id_: str, now: float) -> None:
        """An order that was about to leave did not: that it never arrives says nothing."""
        self._charts.withdraw(id_, now)

    def relearn(self) -> None:
        """Take the quantiles anew from what was learned."""
        self.arrivals.relearn()
        self._mind_what_is_late()

    def _mind_what_is_late(self) -> None:
        self.slow.late_s = 1.2 * self.arrivals.p90_s

    # ---- observations

    def observe(self, event: Event) -> None:
        """Take one observation in."""
        now = event.mono
        self._wall = event.t - now
        self._mind_pause(now)
        match event.ev:
            case Ev.PROBE_SENT:
                if self.flight.find(event.id) is None:
                    self.pacing.sent(event.id, now, self.phase)
                self._sent(event, real=False)
            case Ev.REAL_SENT:
                self.silence.heard(event.sender)
                self._sent(event, real=True)
            case Ev.PROBE_ACK:
                self._acked(event.id, now)
            case Ev.PROBE_NAK | Ev.PROBE_REFUSED:
                self._refused(event.id, now, rejected=event.ev is Ev.PROBE_NAK)
            case Ev.REAL_ARRIVED if self._arrivals_only:
                self._came_out(now)
            case Ev.PROBE_ARRIVED | Ev.REAL_ARRIVED:
                self._arrived(event.id, now)
            case Ev.CONTROL_OK | Ev.CONTROL_FAIL:
                if self.sight.observe(event):
                    self._forget(now, arrivals_only=event.scope == ARRIVALS)

    def _sent(self, event: Event, *, real: bool) -> None:
        order = self.flight.sent(event.id, event.mono, real=real, sender=event.sender)
        if order is not None and order.of_path:
            self.proof.sent(order)
        self.flight.trim(event.mono - 4 * self.cadence.overdue_s)

    def _acked(self, id_: str, now: float) -> None:
        order = self.flight.find(id_)
        self.pacing.acked(now)
        if order is None or order.acked:
            return
        order.acked = True
        if self.phase is Phase.CLEAR:
            self.acks.add(max(0.0, now - order.sent))

    def _refused(self, id_: str, now: float, *, rejected: bool) -> None:
        order = self.flight.find(id_)
        if order is None or order.hard:
            return
        order.hard, order.rejected = True, rejected
        if order.age is None:
            order.age = math.inf
        self.pacing.settled(id_, now, alive=False)
        self.pacing.unacked()
        if self.judge.in_outage:
            self.recovery.refused()
        if rejected:
            self.pacing.reject(now)

    def _arrived(self, id_: str, now: float) -> None:
        order = self.flight.find(id_)
        if order is None or (order.age is not None and order.age < math.inf):
            return
        age = now - order.sent
        if age < self.profile.min_arrival_s:
            return  # faster than possible: an echo or a mix-up, no proof of life
        late = age > self.finished_s
        self.last_arrival = now
        self.pacing.settled(id_, now, alive=True)
        if order.open:
            order.age = age
            if order.of_path:
                self.spells.arrived(now, age, self.arrivals.p50_s, well=self.phase is Phase.CLEAR)
                self.slow.count(id_, late=age > self.slow.late_s)
        else:  # counted as lost, or forgotten while we were blind: proves life, not speed
            self.flight.ended(order)
            if order.sent >= self._charts.counts_from:
                self.partial.was_only_late(order)
        if self.judge.in_outage:
            self.recovery.arrived(now, order, late=late)
        self.proof.lives(order.sent, real=order.real)
        self.silence.lived()

    def _came_out(self, now: float) -> None:
        """A real order whose sending nobody saw ends the silence, and proves no more.

        It may come out of a backlog and be hours old: it is no proof of life, and no `normal` may
        rest on it.
        """
        self.silence.heard()
        self.last_arrival = now

    def _mind_pause(self, now: float) -> None:
        if self._last_look is not None and now - self._last_look > self.cadence.evaluation_limit_s:
            self._forget(now)  # we slept, and said `unknown` of ourselves meanwhile
        self._last_look = now if self._last_look is None else max(self._last_look, now)

    def _forget(self, now: float, *, arrivals_only: bool = False) -> None:
        self._charts.forget(now, arrivals_only=arrivals_only)
        self.silence.forget()

    # ---- time passes

    def tick(self, now: float) -> list[Transition]:
        """Advance to `now`; the transitions that this brings, oldest first."""
        self._mind_pause(now)
        well = self.phase is Phase.CLEAR
        if self.arrivals.at(now + self._wall, self.traffic.rates, well=well):
            self._mind_what_is_late()
        self._weighing.set_limits(now + self._wall)
        self.silence.passes(now, now + self._wall, well=well)
        self._finishing.at(now, self.finished_s)
        self.pacing.release(now, self.phase, self.p99_s)
        if self.proof.owed(now):
            self.pacing.unacked()  # the next ACK is a sign of life
        self._weighing.weigh(now)
        out: list[Transition] = []
        for _ in range(3):
            step = self.judge.step(now, now + self._wall)
            if step is None:
                break
            out.append(step)
            proven = step.after is Phase.CLEAR and step.before is not Phase.SUSPECTED
            if proven or (step.before in IN_OUTAGE and step.after not in IN_OUTAGE):
                self.pacing.vacate(now - self.finished_s)
        return out
