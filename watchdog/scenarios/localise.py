"""Which hop of a path broke, with what certainty, and what else it may be.

Reads what was seen at each hop, nearest first: does its port open, did it acknowledge, does it
deliver, can the far end be read. Pure; the words are Swedish and English.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from watchdog.model.system import SystemState
from watchdog.model.text import Text


class Certainty(StrEnum):
    CERTAIN = "certain"
    LIKELY = "likely"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class HopSeen:
    """What is known of one hop."""

    name: str
    accepts: bool | None = None
    """Its port opened and it acknowledged; None: not looked at."""
    state: SystemState = SystemState.UNKNOWN
    """From the probes of the system itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it broke: at a hop, or between two."""

    after: str
    """The last hop that is known to accept orders; empty: none is."""
    before: str
    """The first that did not get it."""
    certainty: Certainty
    alternatives: tuple[str, ...]
    because: Text


def localise(hops: Sequence[HopSeen], *, far_end_readable: bool | None) -> Place:
    """Where a path on which nothing arrives is broken; `hops` in the order of travel, the RIS last.

    ValueError without hops.
    """
    if not hops:
        raise ValueError("a path has at least one hop")
    entry, last = hops[0], hops[-1]
    if entry.accepts is False:
        return Place(
            after="",
            before=entry.name,
            certainty=Certainty.CERTAIN if entry.state is SystemState.DOWN else Certainty.LIKELY,
            alternatives=() if entry.state is SystemState.DOWN else ("network",),
            because=Text(
                f"{entry.name} tar inte emot.", f"{entry.name} does not accept what is sent."
            ),
        )
    broken = [hop for hop in hops[1:] if hop.state is SystemState.DOWN]
    reached = _reached(hops)
    if broken:
        down = broken[0].name
        because = Text(f"{down} svarar inte.", f"{down} does not answer.")
        if reached is not None:
            because = Text(
                f"{reached.name} tar emot; {because.sv}", f"{reached.name} accepts; {because.en}"
            )
        return Place(
            after="" if reached is None else reached.name,
            before=down,
            certainty=Certainty.CERTAIN,
            alternatives=tuple(hop.name for hop in broken[1:]),
            because=because,
        )
    if reached is None:
        return Place(
            after="",
            before=entry.name,
            certainty=Certainty.UNKNOWN,
            alternatives=tuple(hop.name for hop in hops),
            because=Text("Ingen hållplats är undersökt.", "No hop has been looked at."),
        )
    following = hops[hops.index(reached) + 1 :]
    before = following[0].name if following else last.name
    if far_end_readable:
        well = [hop.name for hop in following if hop.state is SystemState.UP]
        return Place(
            after=reached.name,
            before=before,
            certainty=Certainty.CERTAIN if len(following) <= 1 and well else Certainty.LIKELY,
            alternatives=tuple(hop.name for hop in following[1:]),
            because=Text(
                f"{reached.name} tar emot, {last.name} går att läsa, ändå kommer inget fram: "
                f"mellan {reached.name} och {before}.",
                f"{reached.name} accepts, {last.name} reads normally, yet nothing arrives: "
                f"between {reached.name} and {before}.",
            ),
        )
    because = Text(
        f"{reached.name} tar emot, men {last.name} går inte att läsa.",
        f"{reached.name} accepts, but {last.name} cannot be read.",
    )
    if far_end_readable is None:
        because = Text(
            f"{reached.name} tar emot, och ingen läser i {last.name}.",
            f"{reached.name} accepts, and nobody reads in {last.name}.",
        )
    return Place(
        after=reached.name,
        before=before,
        certainty=Certainty.UNKNOWN,
        alternatives=(*(hop.name for hop in following), "reader"),
        because=because,
    )


def partly(hops: Sequence[HopSeen]) -> Place:
    """Where a path is broken on which some orders arrive: no hop of it is ruled out.

    ValueError without hops.
    """
    if not hops:
        raise ValueError("a path has at least one hop")
    return Place(
        after="",
        before=hops[0].name,
        certainty=Certainty.UNKNOWN,
        alternatives=tuple(hop.name for hop in hops),
        because=Text(
            "En del kommer fram: felet kan sitta var som helst längs vägen.",
            "Some arrive: the fault may be anywhere along the path.",
        ),
    )


def _reached(hops: Sequence[HopSeen]) -> HopSeen | None:
    """The last hop of an unbroken row that accepts; None: not even the first is known to."""
    reached = None
    for hop in hops:
        if not hop.accepts:
            break
        reached = hop
    return reached
