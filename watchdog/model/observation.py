"""One look at a path, in the vocabulary of the replay format: what was seen, no opinion."""

from dataclasses import dataclass
from enum import StrEnum


class Ev(StrEnum):
    """Kinds of observation; unknown kinds in a recording are ignored."""

    PROBE_SENT = "probe_sent"
    PROBE_ACK = "probe_ack"
    PROBE_NAK = "probe_nak"
    PROBE_REFUSED = "probe_refused"
    PROBE_ARRIVED = "probe_arrived"
    REAL_SENT = "real_sent"
    REAL_ARRIVED = "real_arrived"
    CONTROL_OK = "control_ok"
    CONTROL_FAIL = "control_fail"


ARRIVALS = "arrivals"
"""`scope` of a control event that concerns only the arrival readers, not all of our sight."""

HOURS_OF_WEEK = 168


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An observation. Ages are differences of `mono`; `t` only selects the hour of a profile."""

    ev: Ev
    mono: float
    """Monotonic seconds."""
    t: float
    """Wall time, UTC epoch seconds; may jump."""
    id: str = ""
    """The order it concerns; empty for controls."""
    sender: str = ""
    code: str = ""
    """HL7 table 0008 code of a NAK, or the kind of a refusal."""
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What was known of a path before the first event."""

    interval_s: float
    samples: float
    """How many observations stand behind the quantiles; few samples make a careful start."""
    latency_quantiles: tuple[tuple[float, float], ...]
    """(share, seconds), ascending."""
    never: float
    """Share of healthy orders that never arrive."""
    ack_quantiles: tuple[tuple[float, float], ...]
    hard: float
    """Share of healthy orders that are refused or NAKed."""
    slow_spells: tuple[tuple[float, float], ...]
    """(factor, share of time): common causes that explain lateness without an outage."""
    hourly_rate_per_min: tuple[float, ...] = ()
    """168 numbers, Monday 00 first; empty: real traffic is not seen."""
    passive: str = "none"
    budget_years: float = 1000.0
    min_arrival_s: float = 0.0
    """An arrival faster than this is an echo or a mix-up, and proves nothing."""


SLOW_SPELLS = (*((float(c), 1e-4) for c in (2, 3, 4, 5, 6)), (8.0, 3e-5))
LOGNORMAL = (
    (0.1, -1.2816),
    (0.25, -0.6745),
    (0.5, 0.0),
    (0.75, 0.6745),
    (0.9, 1.2816),
    (0.95, 1.6449),
    (0.99, 2.3263),
    (0.999, 3.0902),
)
"""Standard normal quantiles, to draw a log-normal from its p99."""


def cold_profile(interval_s: float, normal_max_s: float) -> Profile:
    """The profile of a path that has never been seen: 200 pseudo-samples whose p99 is `normal_max_s`.

    The spread is that of a path with median = p99 / 5. An engine's ACK takes at most a second on a
    good day, and no longer than the whole way does.
    """
    spread = 0.6918  # ln 5 / 2.3263
    ack = min(1.0, normal_max_s)
    return Profile(
        interval_s=interval_s,
        samples=200,
        latency_quantiles=tuple(
            (share, normal_max_s * 2.718281828 ** (spread * (z - 2.3263))) for share, z in LOGNORMAL
        ),
        never=0.005,
        ack_quantiles=((0.5, 0.08 * ack), (0.99, ack), (0.999, 2.3 * ack)),
        hard=5e-4,
        slow_spells=SLOW_SPELLS,
    )
