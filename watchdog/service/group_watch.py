"""One watched group of systems in memory: its fold, and its incident."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from watchdog.model.incident import Incident
from watchdog.model.order import Order
from watchdog.model.outage import Phase, State
from watchdog.model.routine import Routine
from watchdog.model.site import GroupConfig, SiteConfig
from watchdog.scenarios.group import GroupFold
from watchdog.service.unstored import Unstored


@dataclass(slots=True)
class GroupWatch:
    """The state of one group; `lock` is held while it is advanced."""

    config: GroupConfig
    site: SiteConfig
    routine: Routine
    fold: GroupFold
    since: datetime
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    incident: Incident | None = None
    held: Incident | None = None
    """Shown in its place while its end waits for the database."""
    recent: list[Incident] = field(default_factory=list[Incident])
    unstored: list[Unstored] = field(default_factory=list[Unstored])
    previous: State = State.UNKNOWN
    last_incident: str = ""
    """Id of its newest incident, ended or not: the next one follows it."""
    evaluated: float = float("-inf")
    by_hand: str = ""
    """The chapter that a person declared; empty: none."""
    published: Phase = Phase.UNKNOWN
    """The phase that is shown: what could not be stored is told only where cautious."""
    last_heartbeat: float = float("-inf")
    stored_phase: Phase | None = None
    states: dict[str, str] = field(default_factory=dict[str, str])
    """System to state, as other processes read it."""

    @property
    def id(self) -> str:
        return self.config.id

    @property
    def shown(self) -> Incident | None:
        """The incident that may be told of."""
        return self.held or self.incident

    @property
    def scenario(self) -> str:
        """The chapter in force: a person's word goes before what the probes see."""
        return self.by_hand or self.fold.scenario

    def missing(self) -> list[Order]:
        """No order of ours travels here."""
        return []
