"""How often, how many and how soon: the four cadences (`gentle` is production's default)."""

from dataclasses import dataclass

RIS_CANCELS_PER_S = 2.0
"""At most so many cancels go to one RIS (a site's paths with the same last hop); `bench` is exempt."""
RIS_ORDERS_PER_S = 1.6
"""So many orders may go there: each is cancelled, some more than once, and a backlog must drain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """Every time constant that sending, reading, deciding and cleaning up share, in seconds."""

    name: str
    interval_s: float
    """T: between synthetic orders on a healthy path."""
    reprobe_s: float
    """Between synthetic orders while in doubt."""
    jitter_share: float
    """Re-probes are up to this share later, each by another amount: a fault that comes and goes in
    step with them would stay hidden."""
    spread_share: float
    """Orders on a healthy path are up to this share of T sooner, each by another amount."""
    open_limit: int
    """Orders that may wait for their arrival while clear or suspected."""
    control_every_s: float
    blind_after: int
    """Failed control probes in a row that mean: we are blind."""
    reader_poll_s: float
    finished_floor_s: float
    """An order not arrived after max(4 x p99, this) counts as lost; one that comes later is late."""
    recovery_span_s: float
    """Fresh arrivals must span this long, and no late one come for as long; doubles when flapping."""
    flap_memory_s: float
    give_up_s: float
    """An order still missing at this age gives up its place."""
    overdue_s: float
    """An order still missing at this age is an outage, whatever was learned."""
    cancel_every_s: float
    """At most one cancel per path in this time while a backlog drains."""
    cancel_retries_s: tuple[float, ...]
    normal_max_s: float | None
    """Cold start: the p99 that a path is believed to have; None: the site states it."""
    token_bucket: int
    orders_per_incident: int
    scout_always_reprobes: bool
    valid_for_s: float
    """How long a status document may be believed from its evaluation."""
    evaluation_limit_s: float
    evidence_floor_s: float
    """`normal` needs an arrival sent at most 2T + max(3 x p99, this) ago."""
    evidence_limit_s: float | None
    """Overrides the whole sum where set."""
    tick_s: float
    """How often a path is evaluated while anything is out of the ordinary (`detection/waking.py`)."""
    ack_timeout_s: float
    real_every_s: float
    """Real orders closer together than this share a cause: only the first of them is evidence."""

    def evidence_limit(self, p99_s: float) -> float:
        """The greatest age of the newest order known to have arrived that still allows `normal`."""
        if self.evidence_limit_s is not None:
            return self.evidence_limit_s
        return 2 * self.interval_s + max(3 * p99_s, self.evidence_floor_s)

    def finished_s(self, p99_s: float) -> float:
        """The age at which an order that has not arrived is counted as lost."""
        return max(4 * p99_s, self.finished_floor_s)

    @property
    def disagreement_s(self) -> float:
        """How long another watchdog may say `outage` alone before people are told (hazards, R9: 60 s)."""
        return self.valid_for_s * 4 / 3

    @property
    def spares_the_ris(self) -> bool:
        """Its cancels share the limit of their RIS; those of benchmarks do not."""
        return self.name != "bench"

    def per_day(self) -> int:
        """Synthetic orders per day on a healthy path."""
        return round(86400 / (self.interval_s * (1 - self.spread_share / 2)))


JITTER_SHARE, SLOW_REPROBE_S = 0.2, 30.0
SPREAD_SHARE, SLOW_INTERVAL_S = 0.15, 60.0
"""A fault that comes and goes once a minute hides from orders that leave on the minute."""


def _production(
    name: str,
    *,
    interval_s: float,
    reprobe_s: float,
    open_limit: int,
    control_every_s: float,
    reader_poll_s: float,
    floor_s: float,
    give_up_s: float,
) -> Cadence:
    return Cadence(
        name=name,
        interval_s=interval_s,
        reprobe_s=reprobe_s,
        jitter_share=JITTER_SHARE if reprobe_s >= SLOW_REPROBE_S else 0.0,
        spread_share=SPREAD_SHARE if interval_s >= SLOW_INTERVAL_S else 0.0,
        open_limit=open_limit,
        control_every_s=control_every_s,
        blind_after=2,
        reader_poll_s=reader_poll_s,
        finished_floor_s=floor_s,
        recovery_span_s=floor_s,
        flap_memory_s=3600,
        give_up_s=give_up_s,
        overdue_s=give_up_s * 2 if name == "gentle" else give_up_s * 1.5,
        cancel_every_s=10,
        cancel_retries_s=(60, 300, 1800),
        normal_max_s=None,
        token_bucket=60,
        orders_per_incident=200,
        scout_always_reprobes=False,
        valid_for_s=45,
        evaluation_limit_s=15,
        evidence_floor_s=30,
        evidence_limit_s=None,
        tick_s=1.0,
        ack_timeout_s=30,
        real_every_s=2.0,
    )


GENTLE = _production(
    "gentle",
    interval_s=300,
    reprobe_s=60,
    open_limit=6,
    control_every_s=30,
    reader_poll_s=10,
    floor_s=60,
    give_up_s=1800,
)
STANDARD = _production(
    "standard",
    interval_s=60,
    reprobe_s=10,
    open_limit=8,
    control_every_s=10,
    reader_poll_s=2,
    floor_s=60,
    give_up_s=600,
)
FAST = _production(
    "fast",
    interval_s=30,
    reprobe_s=5,
    open_limit=12,
    control_every_s=5,
    reader_poll_s=1,
    floor_s=30,
    give_up_s=600,
)
BENCH = Cadence(
    name="bench",
    interval_s=1,
    reprobe_s=0.2,
    jitter_share=0.0,
    spread_share=0.0,
    open_limit=20,
    control_every_s=0.2,
    blind_after=3,
    reader_poll_s=0.1,
    finished_floor_s=1.2,
    recovery_span_s=1.2,
    flap_memory_s=10,
    give_up_s=20,
    overdue_s=30,
    cancel_every_s=0.2,
    cancel_retries_s=(1, 2, 4),
    normal_max_s=0.2,
    token_bucket=300,
    orders_per_incident=2000,
    scout_always_reprobes=True,
    valid_for_s=3,
    evaluation_limit_s=3,
    evidence_floor_s=1,
    evidence_limit_s=3,
    tick_s=0.05,
    ack_timeout_s=2,
    real_every_s=0.05,
)
CADENCES = {c.name: c for c in (GENTLE, STANDARD, FAST, BENCH)}
