"""Nobody at the receiving unit has said that they man the fax: clinics ring before they fax (H12, H18)."""

from collections.abc import Iterable
from dataclasses import replace

from watchdog.model.endpoint import Endpoint
from watchdog.model.incident import Incident
from watchdog.model.instruction import Instruction
from watchdog.model.routine import Statement
from watchdog.routines.phrases import NOT_ACKNOWLEDGED

RING_FIRST = Statement(text=NOT_ACKNOWLEDGED, source=(), ours=True)


def is_silent(incident: Incident | None, unit: str, endpoints: Iterable[Endpoint]) -> bool:
    """True if the unit was told of the outage and has not acknowledged it in time."""
    if incident is None or incident.unit_silent_at is None:
        return False
    mine = {e.id for e in endpoints if e.role == "receiving_unit" and e.unit == unit}
    return bool(mine) and mine <= incident.awaited


def ring_first(told: Instruction) -> Instruction:
    """The instruction with the step before all others, where it says to fax."""
    if not told.fax:
        return told
    return replace(told, steps=(RING_FIRST, *told.steps))
