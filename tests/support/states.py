"""What a watching process stores of a path that is well."""

from datetime import datetime

from watchdog.model.outage import Phase, Reason
from watchdog.storage.states import PathState


def a_path_state(path: str, at: datetime, phase: str = Phase.CLEAR) -> PathState:
    """Evaluated at `at`, when the newest order arrived too."""
    return PathState(
        path=path,
        epoch=1,
        revision=1,
        phase=phase,
        reason=Reason.ARRIVING,
        since=at,
        evaluated_at=at,
        life_at=at,
        last_arrival_at=at,
        evidence_limit_s=90,
        text_damaged=False,
        open_orders=0,
        sending="on",
        learned="{}",
    )
