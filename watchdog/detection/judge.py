"""The phases of a path and what moves it from one to the next.

Reads the charts, never the events. `UNKNOWN` is left only by proof of life or by evidence of an
outage; nothing is declared that was not suspected first. Source: docs/detection.md, section 8.
"""

import math

from watchdog.detection.charts import Charts
from watchdog.detection.explain import why
from watchdog.detection.pacing import IN_OUTAGE
from watchdog.detection.recovery import CLEAR_NATS
from watchdog.detection.slow import CALM_NATS, DECIDED_NATS, SUSPECT_NATS
from watchdog.model.cadence import Cadence
from watchdog.model.outage import LOSSES, Grounds, Phase, Reason, Transition

CALM_EVIDENCE = 1.5
SENDER_CALM_NATS = 3.0
WITNESSES = 3
"""So many of our newest missing orders must have been refused for an outage to be called that."""


class Judge:
    """Phase, since when, and why."""

    def __init__(self, charts: Charts, cadence: Cadence, *, starting: bool) -> None:
        self._charts, self._cadence = charts, cadence
        self.phase = Phase.UNKNOWN if starting else Phase.CLEAR
        self.reason = Reason.STARTING if starting else Reason.ARRIVING
        self.since = 0.0

    @property
    def in_outage(self) -> bool:
        return self.phase in IN_OUTAGE

    def resume_outage(self, now: float, reason: Reason, *, partial: bool, sender: str) -> None:
        """An earlier run declared an outage that has not ended: it stands until proven over."""
        self.phase, self.since, self.reason = Phase.DECLARED, now, reason
        self._charts.recovery.start(now, partial=partial, sender=sender)

    def step(self, now: float, t: float) -> Transition | None:
        """The next change of phase, if one is due."""
        match self.phase:
            case Phase.UNKNOWN:
                found = self._from_unknown(now)
            case Phase.CLEAR | Phase.SUSPECTED:
                found = self._from_clear(now)
            case Phase.DECLARED:
                found = self._from_declared(now)
            case Phase.RECOVERING:
                found = self._from_recovering(now)
        return self._go(now, t, *found) if found is not None else None

    # ---- one method per phase: where to and why, or None

    def _from_unknown(self, now: float) -> tuple[Phase, Reason] | None:
        sight, proof = self._charts.sight, self._charts.proof
        if sight.doubtful:
            self.reason = Reason.BLIND if sight.blind else self.reason
            return None
        if self._blind_readers():
            self.reason = Reason.READERS_BLIND
            return None
        suspicion = self._suspicion(now)
        if suspicion is not None:
            return Phase.SUSPECTED, suspicion
        if sight.readers_blind:
            self.reason = Reason.READERS_BLIND if sight.readers_gone else self.reason
            return None
        if proof.life is not None and proof.life > self.since:
            return Phase.CLEAR, Reason.ARRIVING
        return None

    def _from_clear(self, now: float) -> tuple[Phase, Reason] | None:
        sight = self._charts.sight
        if sight.blind:
            return Phase.UNKNOWN, Reason.BLIND
        if sight.doubtful:
            return None
        if self._blind_readers():
            return Phase.UNKNOWN, Reason.READERS_BLIND
        suspicion = self._suspicion(now)
        if self.phase is Phase.CLEAR:
            return (Phase.SUSPECTED, suspicion) if suspicion else None
        verdict = self._verdict(now)
        if verdict is not None:
            return Phase.DECLARED, verdict
        if suspicion is not None:
            self.reason = suspicion
            return None
        return (Phase.CLEAR, Reason.ARRIVING) if self._calm() else None

    def _from_declared(self, now: float) -> tuple[Phase, Reason] | None:
        if self._charts.sight.doubtful:
            return None
        if self._only_slow(now):
            return Phase.SUSPECTED, Reason.SLOW
        if not self._charts.recovery.began() or self._gap(now):
            return None
        return Phase.RECOVERING, Reason.ARRIVING_AGAIN

    def _from_recovering(self, now: float) -> tuple[Phase, Reason] | None:
        charts = self._charts
        if charts.sight.doubtful:
            return None
        dead = charts.evidence >= self._charts.budget.suspect_nats
        if charts.recovery.broken or dead or self._leaking():
            return Phase.DECLARED, Reason.NOT_ARRIVING
        if self._only_slow(now):
            return Phase.SUSPECTED, Reason.SLOW
        over = charts.recovery.complete(now) and charts.evidence < CLEAR_NATS
        if not over or self._gap(now):
            return None
        if charts.slow.nats >= SUSPECT_NATS:
            return Phase.SUSPECTED, Reason.SLOW
        if charts.partial.nats < CLEAR_NATS:
            return Phase.CLEAR, Reason.ARRIVING_AGAIN
        return None

    # ---- judgements

    def _suspicion(self, now: float) -> Reason | None:
        charts, limit = self._charts, self._charts.budget.suspect_nats
        if charts.pacing.rejected and now >= self._rejection_tells_at():
            return Reason.PROBE_REJECTED
        if charts.evidence >= limit and self._sighted():
            return Reason.SUSPECTED
        if charts.partial.evidence >= limit and charts.sight.sighted_since(charts.partial.newest()):
            return Reason.SENDER_LOSS if charts.partial.sender else Reason.PARTIAL_LOSS
        if charts.slow.nats >= SUSPECT_NATS:
            return Reason.SLOW
        return None

    def _verdict(self, now: float) -> Reason | None:
        charts = self._charts
        missing, sighted = charts.proof.missing, self._sighted()
        if sighted and charts.evidence >= self._charts.budget.outage_nats:
            newest = [order for order in missing if not order.real][-WITNESSES:]
            refused = bool(newest) and all(o.hard and not o.rejected for o in newest)
            return Reason.REFUSED if refused else Reason.NOT_ARRIVING
        if charts.sight.readers_blind:
            return None
        if sighted and charts.proof.overdue(now, self._cadence.overdue_s):
            return Reason.OVERDUE
        if charts.partial.path_declares:
            mixed = charts.partial.is_mixed(charts.proof.life)
            return Reason.PARTIAL_LOSS if mixed else Reason.NOT_ARRIVING
        if charts.partial.sender_declares and charts.evidence < CLEAR_NATS:
            return Reason.SENDER_LOSS  # the others arrive: it is not the path
        return None

    def _leaking(self) -> bool:
        """True while a share seems to be lost."""
        return self._charts.partial.evidence >= self._charts.budget.suspect_nats

    def _rejection_tells_at(self) -> float:
        """When a rejected order of ours makes the path suspect; infinity: it has outlived it.

        An order sent after the rejection that arrives shows that it was our order and not the path.
        Where real orders come often, one may: any fault is younger than the newest order known to
        arrive, so waiting until T after that keeps a suspicion within T of the fault. The published
        state is degraded all the while, and sending has stopped.
        """
        life, rejected_at = self._charts.proof.life, self._charts.pacing.rejected_at
        if life is None:
            return rejected_at
        return math.inf if life > rejected_at else life + self._cadence.interval_s

    def _sighted(self) -> bool:
        """True if a control probe has passed since the trouble began: it is not we who are blind.

        An engine that refuses or does not acknowledge is what our own blindness looks like, and is
        believed within seconds: one must have passed since the first of those orders too.
        """
        missing = self._charts.proof.missing
        sharp = (o.sent for o in missing if o.hard or not o.acked)
        began = [missing[0].sent, *sharp][:2] if missing else []
        return all(self._charts.sight.sighted_since(sent) for sent in began)

    def _blind_readers(self) -> bool:
        """All readers blind and the send side well: nothing is known of arrival."""
        charts = self._charts
        return charts.sight.readers_gone and charts.evidence < self._charts.budget.watchful_nats

    def _only_slow(self, now: float) -> bool:
        """Late, but alive and nothing missing for good: that is no outage any more."""
        charts, limit = self._charts, self._charts.budget.suspect_nats
        return (
            charts.slow.nats >= DECIDED_NATS
            and charts.evidence < limit
            and charts.partial.evidence < limit
            and charts.recovery.only_slow(now)
        )

    def _calm(self) -> bool:
        charts = self._charts
        return (
            charts.evidence < CALM_EVIDENCE
            and charts.partial.nats < CALM_EVIDENCE
            # a sender's chart falls only with its own orders, which may be hours apart
            and charts.partial.sender_nats < self._charts.budget.suspect_nats - SENDER_CALM_NATS
            and charts.slow.nats < CALM_NATS
        )

    def _gap(self, now: float) -> bool:
        """True while an order among the fresh ones is late itself: they are not in a row yet."""
        fresh = self._charts.recovery.fresh
        if not fresh:
            return False
        return any(
            order.age is None
            and order.of_path
            and order.sent > fresh[0]
            and now - order.sent > self._charts.slow.late_s
            for order in self._charts.flight.open
        )

    # ---- the change itself

    def grounds(self, now: float) -> Grounds:
        """The numbers behind a decision at `now`."""
        charts = self._charts
        lost, finished = charts.partial.tally()
        missing = charts.proof.missing
        probes = [order for order in missing if not order.real]
        oldest = missing[0].sent if missing else charts.partial.oldest()
        if (
            charts.partial.path_declares or charts.partial.sender_declares
        ) and not charts.evidence >= self._charts.budget.outage_nats:
            oldest = charts.partial.oldest()
        return Grounds(
            evidence_nats=charts.evidence,
            limit_nats=self._charts.budget.outage_nats,
            partial_nats=charts.partial.evidence,
            missing_probes=len(probes),
            missing_real=len(missing) - len(probes),
            refused=sum(1 for order in missing if order.hard),
            oldest_missing_mono=oldest,
            life_mono=charts.proof.life,
            fresh=len(charts.recovery.fresh),
            span_s=charts.recovery.span(),
            probe_first=bool(missing) and not missing[0].real,
            sender=charts.partial.sender,
            partial=self.in_outage and (charts.recovery.partial or self._leaking()),
            lost=lost,
            finished=finished,
            control_age_s=None if charts.sight.last_ok is None else now - charts.sight.last_ok,
        )

    def _go(self, now: float, t: float, after: Phase, reason: Reason) -> Transition:
        grounds = self.grounds(now)
        transition = Transition(
            before=self.phase,
            after=after,
            mono=now,
            t=t,
            reason=reason,
            because=why(reason, grounds, now),
            grounds=grounds,
        )
        self._settle(now, after, reason)
        self.phase, self.since, self.reason = after, now, reason
        return transition

    def _settle(self, now: float, after: Phase, reason: Reason) -> None:
        """What the change means for the charts."""
        charts, recovery = self._charts, self._charts.recovery
        was_out = self.in_outage
        charts.learns_slowness = was_out and after is Phase.SUSPECTED
        if after is Phase.DECLARED and not was_out:
            lost = reason in LOSSES
            sender = charts.partial.sender if reason is Reason.SENDER_LOSS else ""
            recovery.start(now, partial=lost, sender=sender)
            charts.pacing.declared(now)
        elif after is Phase.DECLARED:
            recovery.relapse(now, partial=self._leaking())
            charts.pacing.eager(now)
        elif after is Phase.RECOVERING:
            self._news_from(recovery.fresh[0])
        elif was_out:
            recovery.cleared(now)
            if after is Phase.CLEAR:
                self._news_from(now)
        elif after is Phase.CLEAR:
            self._news_from(now)

    def _news_from(self, sent: float) -> None:
        self._charts.counts_from = sent
        self._charts.partial.reset()
        self._charts.slow.calm()
