"""PathDetector: the one stateful fold of a path. Events in, transitions out, and when to probe next.

Pure: every `now` is an argument. The service, replay, backtest and the benches run this object.
Source: docs/detection.md; design/detection.md section 5 with the time constants of the cadence.
"""

import math
from collections import deque

from watchdog.detection.blindness import PAUSE_S, Blindness
from watchdog.detection.budget import Budget, thresholds
from watchdog.detection.explain import why
from watchdog.detection.histogram import Histogram
from watchdog.detection.pacing import IN_OUTAGE, Pacing
from watchdog.detection.partial import PartialLoss
from watchdog.detection.proof import ProofOfLife
from watchdog.detection.recovery import CLEAR_NATS, Recovery
from watchdog.detection.slow import CALM_NATS, SUSPECT_NATS, WATCHFUL_NATS, Slowness
from watchdog.model.cadence import Cadence
from watchdog.model.observation import ARRIVALS, Ev, Event, Profile
from watchdog.model.outage import Grounds, Phase, Reason, Transition

CALM_EVIDENCE = 1.5
LEARN_BELOW_NATS = 1.0
REMEMBERED = 3000
WATCHFUL_PARTIAL_NATS = 2.5
RELEARN_EVERY = 20


class PathDetector:
    """Decides about one path from what was seen of it."""

    def __init__(self, profile: Profile, cadence: Cadence, *, starting: bool = True) -> None:
        self.profile, self.cadence = profile, cadence
        self.arrivals, self.acks = Histogram(), Histogram()
        self.arrivals.seed(profile.latency_quantiles, profile.never, min(profile.samples, 20000))
        self.acks.seed(profile.ack_quantiles, profile.hard, min(profile.samples, 20000))
        real_per_s = (
            sum(profile.hourly_rate_per_min) / len(profile.hourly_rate_per_min) / 60
            if profile.hourly_rate_per_min
            else 0.0
        )
        self.budget: Budget = thresholds(
            years=profile.budget_years, interval_s=profile.interval_s, real_per_s=real_per_s
        )
        self.proof = ProofOfLife(
            self.arrivals,
            self.acks,
            hard_nats=-math.log(profile.hard + 1 / (profile.samples + 2)),
            slow_spells=profile.slow_spells,
        )
        self.partial = PartialLoss(profile.never, 1.3 * self.budget.outage_nats)
        self.slow = Slowness(self.arrivals.quantile(0.9))
        self.sight = Blindness(cadence.blind_after)
        self.recovery = Recovery(cadence)
        self.pacing = Pacing(cadence, first_at=-math.inf if starting else 0.37 * cadence.interval_s)
        self.phase = Phase.UNKNOWN if starting else Phase.CLEAR
        self.since = 0.0
        self.reason = Reason.STARTING if starting else Reason.ARRIVING
        self.evidence = 0.0
        self._sent: dict[str, float] = {}
        self._unfinished: deque[tuple[float, str]] = deque()
        self._waiting: set[str] = set()
        self._age: dict[str, float] = {}
        self._counts_from = -math.inf
        self._last_look: float | None = None
        self._wall = 0.0
        self.last_arrival: float | None = None
        self._p99 = self.arrivals.quantile(0.99)
        self._since_p99 = 0

    # ---- what is asked from outside

    @property
    def p99_s(self) -> float:
        """The age by which 99 of 100 orders that arrive have arrived."""
        return self._p99

    @property
    def finished_s(self) -> float:
        """The age at which a missing order counts as lost, and an arrival as late."""
        return self.cadence.finished_s(self._p99)

    @property
    def life(self) -> float | None:
        """When the newest order known to have arrived was sent."""
        return self.proof.life

    def next_probe_at(self, now: float) -> float:
        """When the next synthetic order is wanted; infinity: none until something changes."""
        watchful = not self.sight.doubtful and (
            self.phase is not Phase.CLEAR
            or self.evidence > self.budget.watchful_nats
            or self.partial.evidence > WATCHFUL_PARTIAL_NATS
            or self.slow.nats > WATCHFUL_NATS
        )
        return self.pacing.next_at(now, self.phase, watchful=watchful, p99_s=self._p99)

    def may_send(self, now: float) -> bool:
        """Asked again at the moment of sending."""
        return self.next_probe_at(now) <= now

    def inherit(self, id_: str, sent: float) -> None:
        """An order of an earlier run still waits: it holds a place and may prove life, no more."""
        self.pacing.inherit(id_, sent)
        self._sent[id_] = sent

    def resume_outage(self, now: float, *, partial: bool, orders: int = 0) -> None:
        """An earlier run declared an outage that has not ended: it stands until proven over."""
        self.phase, self.since = Phase.DECLARED, now
        self.recovery.start(now, partial=partial)
        self.pacing.declared(now, orders=orders)

    # ---- observations

    def observe(self, event: Event) -> None:
        """Take one observation in."""
        now = event.mono
        self._wall = event.t - now
        self._mind_pause(now)
        match event.ev:
            case Ev.PROBE_SENT:
                self.pacing.sent(event.id, now, self.phase)
                self._sending(event.id, now, real=False)
            case Ev.REAL_SENT:
                self._sending(event.id, now, real=True)
            case Ev.PROBE_ACK:
                self._acked(event.id, now)
            case Ev.PROBE_NAK | Ev.PROBE_REFUSED:
                self._refused(event.id, now, rejected=event.ev is Ev.PROBE_NAK)
            case Ev.PROBE_ARRIVED | Ev.REAL_ARRIVED:
                self._arrived(event.id, now)
            case Ev.CONTROL_OK | Ev.CONTROL_FAIL:
                if self.sight.observe(event):
                    self._forget(now, arrivals_only=event.scope == ARRIVALS)

    def _sending(self, id_: str, now: float, *, real: bool) -> None:
        self._sent[id_] = now
        self.proof.sent(id_, now, real=real)
        self._unfinished.append((now, id_))
        self._waiting.add(id_)
        if len(self._sent) > REMEMBERED:
            cut = now - 4 * self.cadence.overdue_s
            self._sent = {i: sent for i, sent in self._sent.items() if sent > cut}

    def _acked(self, id_: str, now: float) -> None:
        self.proof.acked(id_)
        self.pacing.acked(now)
        if id_ in self._sent and self.phase is Phase.CLEAR:
            self.acks.add(max(0.0, now - self._sent[id_]))

    def _refused(self, id_: str, now: float, *, rejected: bool) -> None:
        if id_ not in self._sent:
            return
        self.proof.refused(id_, rejected=rejected)
        self.pacing.settled(id_, now, alive=False)
        self.pacing.unacked()
        self._age.setdefault(id_, math.inf)
        if self.phase in IN_OUTAGE:
            self.recovery.failed()
        if rejected:
            self.pacing.rejected = True

    def _arrived(self, id_: str, now: float) -> None:
        sent = self._sent.get(id_)
        if sent is None or self._age.get(id_, math.inf) < math.inf:
            return
        age = now - sent
        late = age > self.finished_s
        self.last_arrival = now
        self.pacing.settled(id_, now, alive=True)
        if id_ in self._waiting:
            self._age[id_] = age
            self.slow.count(id_, late=age > self.slow.late_s)
        else:  # counted as lost, or forgotten while we were blind: proves life, not speed
            del self._sent[id_]
            if sent >= self._counts_from:
                self.partial.was_only_late(sent)
        if self.phase in IN_OUTAGE:
            self.recovery.arrived(now, sent, id_, late=late)
        self.proof.lives(sent)

    def _mind_pause(self, now: float) -> None:
        if self._last_look is not None and now - self._last_look > PAUSE_S:
            self._forget(now)
        self._last_look = now if self._last_look is None else max(self._last_look, now)

    def _forget(self, now: float, *, arrivals_only: bool = False) -> None:
        """We did not see: what is missing from that time proves nothing.

        After blindness of the readers alone, refusals and missing acknowledgements still count.
        """
        self.proof.forget(arrivals_only=arrivals_only)
        for _, id_ in self._unfinished:
            self.slow.finished(id_)
        self._unfinished.clear()
        self._waiting.clear()
        self._age.clear()
        self.recovery.forget()
        self._counts_from = max(self._counts_from, now)

    # ---- time passes

    def tick(self, now: float) -> list[Transition]:
        """Advance to `now`; the transitions that this brings, oldest first."""
        self._mind_pause(now)
        self._finish(now)
        self.pacing.release(now, self.phase, self._p99)
        frozen = self.sight.doubtful
        self.evidence = (
            0.0 if frozen else self.proof.evidence(now, arrivals_seen=not self.sight.readers_blind)
        )
        out: list[Transition] = []
        for _ in range(3):
            step = self._step(now)
            if step is None:
                break
            out.append(step)
        return out

    def _step(self, now: float) -> Transition | None:
        match self.phase:
            case Phase.UNKNOWN:
                return self._from_unknown(now)
            case Phase.CLEAR | Phase.SUSPECTED:
                return self._from_clear(now)
            case Phase.DECLARED:
                return self._from_declared(now)
            case Phase.RECOVERING:
                return self._from_recovering(now)

    def _from_unknown(self, now: float) -> Transition | None:
        if self.sight.doubtful:
            self.reason = Reason.BLIND if self.sight.blind else self.reason
            return None
        if self._blind_readers():
            self.reason = Reason.READERS_BLIND
            return None
        suspicion = self._suspicion()
        if suspicion is not None:
            return self._go(now, Phase.SUSPECTED, suspicion)
        if self.sight.readers_blind:
            self.reason = Reason.READERS_BLIND if self.sight.readers_gone else self.reason
            return None
        if self.proof.life is not None and self.proof.life > self.since:
            return self._go(now, Phase.CLEAR, Reason.ARRIVING)
        return None

    def _from_clear(self, now: float) -> Transition | None:
        if self.sight.blind:
            return self._go(now, Phase.UNKNOWN, Reason.BLIND)
        if self.sight.doubtful:
            return None
        if self._blind_readers():
            return self._go(now, Phase.UNKNOWN, Reason.READERS_BLIND)
        suspicion = self._suspicion()
        if self.phase is Phase.CLEAR:
            return self._go(now, Phase.SUSPECTED, suspicion) if suspicion else None
        verdict = self._verdict(now)
        if verdict is not None:
            transition = self._go(now, Phase.DECLARED, verdict)
            self.recovery.start(now, partial=verdict is Reason.PARTIAL_LOSS)
            self.pacing.declared(now)
            return transition
        if suspicion is not None:
            self.reason = suspicion
            return None
        if self._calm():
            self._reset_charts(now)
            return self._go(now, Phase.CLEAR, Reason.ARRIVING)
        return None

    def _from_declared(self, now: float) -> Transition | None:
        if self.sight.doubtful or not self.recovery.began() or self._gap(now):
            return None
        self._reset_charts(self.recovery.fresh[0].sent)
        return self._go(now, Phase.RECOVERING, Reason.ARRIVING_AGAIN)

    def _from_recovering(self, now: float) -> Transition | None:
        if self.sight.doubtful:
            return None
        dead = self.evidence >= self.budget.suspect_nats
        leaking = self.partial.evidence >= self.budget.suspect_nats
        if self.recovery.broken or dead or leaking:
            self.recovery.relapse(now, partial=leaking)
            self.pacing.eager(now)
            return self._go(now, Phase.DECLARED, Reason.NOT_ARRIVING)
        if self.recovery.complete(now) and self.evidence < CLEAR_NATS and not self._gap(now):
            if self.slow.nats >= SUSPECT_NATS:
                self.recovery.cleared(now)
                return self._go(now, Phase.SUSPECTED, Reason.SLOW)
            if self.partial.evidence < CLEAR_NATS:
                transition = self._go(now, Phase.CLEAR, Reason.ARRIVING_AGAIN)
                self.recovery.cleared(now)
                self._reset_charts(now)
                return transition
        return None

    # ---- judgements

    def _suspicion(self) -> Reason | None:
        if self.pacing.rejected:
            return Reason.PROBE_REJECTED
        if self.evidence >= self.budget.suspect_nats:
            return Reason.SUSPECTED
        if self.partial.evidence >= self.budget.suspect_nats:
            return Reason.PARTIAL_LOSS
        if self.slow.nats >= SUSPECT_NATS:
            return Reason.SLOW
        return None

    def _verdict(self, now: float) -> Reason | None:
        missing = self.proof.missing
        sighted = not missing or self.sight.sighted_since(missing[0].sent)
        if sighted and self.evidence >= self.budget.outage_nats:
            newest = [order for order in missing if not order.real][-3:]
            refused = bool(newest) and all(o.hard and not o.rejected for o in newest)
            return Reason.REFUSED if refused else Reason.NOT_ARRIVING
        if self.sight.readers_blind:
            return None
        if sighted and self.proof.overdue(now, self.cadence.overdue_s):
            return Reason.OVERDUE
        if self.partial.evidence >= self.budget.partial_nats:
            mixed = self.partial.is_mixed(self.proof.life)
            return Reason.PARTIAL_LOSS if mixed else Reason.NOT_ARRIVING
        return None

    def _blind_readers(self) -> bool:
        """All readers blind and the send side well: nothing is known of arrival."""
        return self.sight.readers_gone and self.evidence < self.budget.watchful_nats

    def _calm(self) -> bool:
        return (
            self.evidence < CALM_EVIDENCE
            and self.partial.evidence < CALM_EVIDENCE
            and self.slow.nats < CALM_NATS
            and not self.proof.missing_rejected()
        )

    # ---- book-keeping

    def _finish(self, now: float) -> None:
        """Orders that arrived, or are too old to be waited for, enter charts and learning."""
        limit = self.finished_s
        while self._unfinished:
            sent, id_ = self._unfinished[0]
            if sent + limit > now and id_ not in self._age:
                break
            self._unfinished.popleft()
            self._waiting.discard(id_)
            self._finished(sent, id_, self._age.pop(id_, None), limit)
        if not self.sight.readers_blind:
            for sent, id_ in self._unfinished:
                if now - sent <= self.slow.late_s:
                    break
                self.slow.count(id_, late=True)

    def _finished(self, sent: float, id_: str, age: float | None, limit: float) -> None:
        """One order is done with: `age` at arrival, infinity if refused, None if never seen."""
        lost = age is None or age > limit
        if age is not None and age < math.inf:
            self._sent.pop(id_, None)
        if lost and self.phase in IN_OUTAGE and self._after_first_fresh(sent):
            self.recovery.failed(partial=True)
        rejected = age == math.inf and self.pacing.rejected
        unseen = self.sight.readers_blind and age is None
        if rejected or unseen:
            self.slow.finished(id_)
            return
        self.slow.count(id_, late=lost or (age or 0.0) > self.slow.late_s)
        self.slow.finished(id_)
        if sent >= self._counts_from:
            self.partial.finished(sent, lost=lost)
        if self.phase is Phase.CLEAR and (not lost or self.evidence < LEARN_BELOW_NATS):
            self._learn(math.inf if lost or age is None else age)

    def _after_first_fresh(self, sent: float) -> bool:
        return bool(self.recovery.fresh) and sent > self.recovery.fresh[0].sent

    def _gap(self, now: float) -> bool:
        """True while an order among the fresh ones is late itself: they are not in a row yet."""
        return any(
            id_ not in self._age and now - sent > self.slow.late_s
            for sent, id_ in self._unfinished
            if self._after_first_fresh(sent)
        )

    def _learn(self, age: float) -> None:
        self.arrivals.add(age)
        self._since_p99 += 1
        if self._since_p99 >= RELEARN_EVERY:
            self.relearn()

    def relearn(self) -> None:
        """Take p99 and p90 anew from what was learned."""
        self._since_p99 = 0
        self._p99 = self.arrivals.quantile(0.99)
        self.slow.late_s = 1.2 * self.arrivals.quantile(0.9)

    def _reset_charts(self, counts_from: float) -> None:
        self._counts_from = counts_from
        self.partial.reset()
        self.slow.calm()

    def grounds(self) -> Grounds:
        """The numbers behind a decision at `now`."""
        missing = self.proof.missing
        probes = [order for order in missing if not order.real]
        oldest = missing[0].sent if missing else self.partial.oldest()
        return Grounds(
            evidence_nats=self.evidence,
            limit_nats=self.budget.outage_nats,
            partial_nats=self.partial.evidence,
            missing_probes=len(probes),
            missing_real=len(missing) - len(probes),
            refused=sum(1 for order in missing if order.hard),
            oldest_missing_mono=oldest,
            life_mono=self.proof.life,
            fresh=len(self.recovery.fresh),
            span_s=self.recovery.span(),
            probe_first=bool(missing) and not missing[0].real,
        )

    def _go(self, now: float, after: Phase, reason: Reason) -> Transition:
        grounds = self.grounds()
        transition = Transition(
            before=self.phase,
            after=after,
            mono=now,
            t=now + self._wall,
            reason=reason,
            because=why(reason, grounds, now),
            grounds=grounds,
        )
        self.phase, self.since, self.reason = after, now, reason
        return transition
