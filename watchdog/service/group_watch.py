"""One watched group of systems in memory: its fold, and its incident."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from watchdog.model.outage import Phase
from watchdog.model.site import GroupConfig
from watchdog.scenarios.group import GroupFold
from watchdog.service.told import Told


@dataclass(slots=True, kw_only=True)
class GroupWatch(Told[GroupConfig]):
    """The state of one group; `lock` is held while it is advanced."""

    fold: GroupFold
    since: datetime
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    evaluated: float = float("-inf")
    by_hand: str = ""
    """The chapter that a person declared; empty: none."""
    published: Phase = Phase.UNKNOWN
    """The phase that is shown: what could not be stored is told only where cautious."""
    stored_phase: Phase | None = None
    states: dict[str, str] = field(default_factory=dict[str, str])
    """System to state, as other processes read it."""

    @property
    def scenario(self) -> str:
        """The chapter in force: a person's word goes before what the probes see."""
        return self.by_hand or self.fold.scenario
