"""The board: what is published of every path, in memory, and the revision that clients compare.

Status is answered from here, so a lost database does not stop answers (hazard R16). The effective
state is computed when it is read; `refresh` finds the changes that time alone brings.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from watchdog.clock import Clock
from watchdog.detection.effective import Effective, effective_state
from watchdog.errors import NotReady, UnknownClinic, UnknownPath, UnknownUnit
from watchdog.incidents import advice, maintenance, override, peers
from watchdog.incidents.window import is_shown, suspect_window
from watchdog.model.endpoint import Endpoint
from watchdog.model.health import Check
from watchdog.model.incident import Incident
from watchdog.model.instruction import Clinic, Instruction
from watchdog.model.maintenance import Window
from watchdog.model.outage import Urgency
from watchdog.model.override import Override
from watchdog.model.peer import PeerWord
from watchdog.model.routine import Routine
from watchdog.model.site import Config, GroupConfig
from watchdog.model.system import SystemStatus
from watchdog.routines.moment import moment_of, validity
from watchdog.routines.select import instruct
from watchdog.routines.unanswered import is_silent, ring_first
from watchdog.service.views import AlsoView, ClinicView, PathView

CONTAINS_ALL = "total_outage"
"""The scenario of which every other one of its site is a part."""


class Board:
    """Views by path; tells whoever waits when something changes."""

    def __init__(self, config: Config, routines: dict[str, Routine], clock: Clock) -> None:
        self.config, self.routines, self.clock = config, routines, clock
        self.epoch, self.revision = 0, 0
        self.follows = False
        """The numbers are those of the process that decides: what changes here alone raises none, or
        a client that has seen this process would refuse the other's answers."""
        self.changes = 0
        """Rises with every answer that changes, whether or not the numbers do."""
        self.version = 0
        """Rises with every publication, changed or not; caches are keyed on it."""
        self.windows: list[Window] = []
        """Planned windows that are not over."""
        self.systems: dict[str, Mapping[str, SystemStatus]] = {}
        """By site: what the probes saw of its systems, for the ways that images can take."""
        self.overrides: list[Override] = []
        """Clears against failing probes that wait or are in force."""
        self.words: dict[str, dict[str, PeerWord]] = {}
        """By path and peer: other watchdogs that say it is out."""
        self.peers_until: dict[str, float] = {}
        """By peer: until when its newest answer, whatever it says, may be believed."""
        self.checks: tuple[Check, ...] = ()
        """What the newest look of this process at itself found; none in a process that only answers."""
        self.checked = float("-inf")
        """When that was, on our monotonic clock."""
        self.subscribed: tuple[Endpoint, ...] = ()
        """Receivers of notices that are not in the configuration."""
        self._views: dict[str, PathView] = {}
        self._keys: dict[str, object] = {}
        self._hsa = {clinic.hsa_id: clinic for clinic in config.clinics.values()}
        self._waiters: set[asyncio.Event] = set()

    # ---- writing

    def looked(self, checks: Iterable[Check]) -> None:
        """Show what a look at ourselves found."""
        self.checks, self.checked = tuple(checks), self.clock.monotonic()

    def publish(self, view: PathView) -> None:
        """Show a path as it was evaluated now."""
        self._views[view.config.id] = view
        self.version += 1
        self._compare(view.config.id)

    def refresh(self, only: Collection[str] | None = None) -> bool:
        """Find what time alone has changed: a `normal` gone stale, a contact that closed.

        Of everything that is watched, or of `only` these: each is looked at as often as it ticks.
        """
        before = self.changes
        for path in [each for each in self._views if only is None or each in only]:
            self._compare(path)
        return self.changes != before

    def adopt(self, epoch: int, revision: int) -> None:
        """Take the numbers of the process that decides (an API process follows it)."""
        if (epoch, revision) > (self.epoch, self.revision):
            self.epoch, self.revision = epoch, revision
            self._wake()

    # ---- reading

    @property
    def mark(self) -> tuple[int, int, int]:
        """Another one means that some answer has changed: for caches and streams."""
        return (self.epoch, self.revision, self.changes)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Everybody who is told."""
        return (*self.config.endpoints, *self.subscribed)

    def paths(self) -> list[PathView]:
        """Every path and group, in configuration order."""
        return [self._views[each] for each in self.config.watched if each in self._views]

    def path(self, ident: str) -> PathView:
        """One path. UnknownPath if it is not configured, NotReady before its first evaluation."""
        if ident not in self.config.watched:
            raise UnknownPath(self.config.watched, ident)
        if ident not in self._views:
            raise NotReady(f"{ident} has not been evaluated yet; ask again in a few seconds.")
        return self._views[ident]

    def is_whole(self, site: str | None = None) -> bool:
        """True once everything that is watched, or all of a site, has been evaluated."""
        mine = (each for each in self.config.watched.values() if site in (None, each.site))
        return all(each.id in self._views for each in mine)

    def effective(self, view: PathView) -> Effective:
        """What may be said of it at this moment."""
        now, mono = self.clock.now(), self.clock.monotonic()
        word = self.word(view.config.id)
        real = peers.published(self.own(view), word, view.incident, mono)
        if view.incident is not None:
            allowed = override.active(self.overrides, view.incident.id, now)
            real = override.published(real, allowed, now)
        window = maintenance.active(self.windows, view.config.id, now)
        return maintenance.published(real, window)

    def own(self, view: PathView) -> Effective:
        """What our own evidence, and people here, say of it: what other watchdogs ask for."""
        return effective_state(view.snapshot, self.clock.monotonic())

    def word(self, path: str) -> PeerWord | None:
        """Another watchdog's fresh word that the path is out, or not quite back."""
        return peers.fresh(self.words.get(path, {}).values(), self.clock.monotonic())

    def clinic_named(self, ident: str) -> Clinic:
        """A clinic by id or HSA-id."""
        clinic = self.config.clinics.get(ident) or self._hsa.get(ident)
        if clinic is None:
            raise UnknownClinic(
                f"No clinic is called {ident[:40]}: use a configured id or its HSA-id."
            )
        return clinic

    def clinic(self, ident: str, unit: str | None = None) -> ClinicView:
        """How the clinic sends now, to its own unit or another of the site's."""
        clinic = self.clinic_named(ident)
        routine = self.routines[clinic.site]
        if unit is not None and unit not in routine.units:
            raise UnknownUnit(f"No such unit: there are {', '.join(sorted(routine.units))}.")
        view = self.path(clinic.path)
        effective = self.effective(view)
        now = self.clock.now()
        scenario = view.scenario
        in_force = advice.follows_routine(effective, view.incident)
        instructions = {
            urgency: instruct(
                routine, scenario, clinic, urgency, now, unit=unit, systems=self._seen(clinic.site)
            )
            for urgency in Urgency
        }
        if in_force:
            instructions = self.minding_silence(view, unit or clinic.unit, instructions)
        workflow = {
            urgency: advice.workflow_of(view.config, routine, effective, view.incident, told)
            for urgency, told in instructions.items()
        }
        first = instructions[Urgency.URGENT]
        incidents = [i for i in (view.incident, *view.recent) if i is not None]
        return ClinicView(
            clinic=clinic,
            unit=unit or clinic.unit,
            path=view,
            effective=effective,
            workflow=workflow,
            instructions=instructions if in_force else {},
            headline=advice.headline_of(view.config, effective, view.incident, first.headline),
            severity=advice.SEVERITY[effective.state],
            changes_at=_changes(view.incident, first if in_force else None, now),
            suspect_windows=tuple(suspect_window(i) for i in incidents if is_shown(i, now)),
            routine=routine,
            validity=validity(routine, moment_of(routine, now)),
            also=self._also(clinic, scenario if in_force else "", unit or clinic.unit),
        )

    def minding_silence(
        self, view: PathView, unit: str, told: Mapping[Urgency, Instruction]
    ) -> dict[Urgency, Instruction]:
        """What clinics are told while the routine is in force: who is silent is rung before a fax."""
        if not is_silent(view.incident, unit, self.config.endpoints):
            return dict(told)
        return {urgency: ring_first(each) for urgency, each in told.items()}

    async def changed(self, after: tuple[int, int, int], timeout_s: float) -> bool:
        """Wait until the mark is not `after` any more; False if it still was after `timeout_s`."""
        if self.mark != after:
            return True
        waiter = asyncio.Event()
        self._waiters.add(waiter)
        try:
            async with asyncio.timeout(timeout_s):
                await waiter.wait()
        except TimeoutError:
            return False
        finally:
            self._waiters.discard(waiter)
        return True

    # ---- inside

    def _compare(self, path: str) -> None:
        key = self._key(self._views[path])
        if self._keys.get(path) != key:
            self._keys[path] = key
            self.changes += 1
            self.revision += 0 if self.follows else 1
            self.version += 1
            self._wake()

    def _key(self, view: PathView) -> object:
        """Everything of a path that changes what a client must do."""
        effective = self.effective(view)
        incident = view.incident
        advised = advice.follows_routine(effective, incident)
        units = self._opening(view.config.site) if advised else ()
        windows = tuple((i.id, i.first_good_at) for i in view.recent)
        return (
            effective.state,
            effective.reason,
            effective.stale,
            advised,
            view.scenario if advised else "",
            incident.id if incident and incident.declared_at else None,
            (incident.unit_silent_at, incident.awaiting) if incident and advised else None,
            windows,
            units,
        )

    def _opening(self, site: str) -> tuple[object, ...]:
        """Who is there now at the site, and which ways images can take."""
        moment = moment_of(self.routines[site], self.clock.now())
        states = tuple((name, found.state) for name, found in self._seen(site).items())
        people = tuple(moment.manned.items())
        dated = (moment.expired, moment.expires_soon)
        return (people, moment.doubtful, moment.in_hours, moment.unverified, *dated, states)

    def _seen(self, site: str) -> Mapping[str, SystemStatus]:
        return self.systems.get(site, {})

    def _also(self, clinic: Clinic, scenario: str, unit: str) -> tuple[AlsoView, ...]:
        """Other disturbances of the site that the clinic must hear of: images beside referrals.

        A total stop contains its parts: they are not told beside it.
        """
        routine, now = self.routines[clinic.site], self.clock.now()
        found: list[AlsoView] = []
        for view in self._views.values():
            config, incident = view.config, view.incident
            if not isinstance(config, GroupConfig) or config.id == clinic.path:
                continue
            if config.site != clinic.site or scenario == CONTAINS_ALL:
                continue
            if not advice.follows_routine(self.effective(view), incident):
                continue
            told = {
                urgency: instruct(
                    routine, view.scenario, clinic, urgency, now, systems=self._seen(clinic.site)
                )
                for urgency in Urgency
            }
            told = self.minding_silence(view, unit, told)
            found.append(AlsoView(view=view, instructions=told))
        return tuple(found)

    def _wake(self) -> None:
        for waiter in self._waiters:
            waiter.set()


def _changes(
    incident: Incident | None, instruction: Instruction | None, now: datetime
) -> datetime | None:
    """When the answer next changes by the clock alone: the hold-off's end or a contact's hour."""
    if instruction is not None:
        return instruction.changes_at
    if incident is None or not incident.is_outage or incident.advised_at is not None:
        return None
    due = incident.advice_due_at
    # on the way back no paper begins; and what is due already comes with the next evaluation
    return due if due is not None and due > now and incident.recovering_at is None else None
