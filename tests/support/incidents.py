"""An outage as tests of deciding begin with it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from watchdog.model.incident import Incident
from watchdog.model.outage import Reason


def an_outage(at: datetime, **more: Any) -> Incident:
    """Suspected and declared at that moment, on path `p` of SÄS; what a test is about it says itself."""
    declared = Incident(
        id="inc_1",
        path="p",
        site="sas",
        scenario="engine_down",
        reason=Reason.NOT_ARRIVING,
        opened_at=at,
        declared_at=at,
    )
    return replace(declared, **more)
