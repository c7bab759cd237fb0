"""What is configured: sites, paths, who is told. Built once at start, never changed."""

from dataclasses import dataclass, field, replace
from datetime import time
from pathlib import Path
from typing import Any

from watchdog.model.cadence import Cadence
from watchdog.model.endpoint import AllowedTarget, DailyTest, Endpoint, Heartbeat, Network, Smtp
from watchdog.model.instruction import Clinic
from watchdog.model.observation import HOURS_OF_WEEK, Profile, cold_profile
from watchdog.model.peer import Peer
from watchdog.model.routine import AssumedHours, Verification
from watchdog.model.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a synthetic order on this path exercises, and what it does not."""

    entry_port: str
    sending_party: str
    message_type: str
    not_exercised: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    ca_file: Path
    certificate: Path | None = None
    key: Path | None = None
    server_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTo:
    """The first hop, and how an order for it looks."""

    host: str
    port: int
    keep_connection: bool
    ack_timeout_s: float
    tls: TlsFiles | None
    template: Any
    """`watchdog.hl7.order.Template`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A TCP address that is not the path: if it fails too, we are blind."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Something that works or does not, of which clinics are told."""

    id: str
    site: str
    name: Text
    scenario: str
    """The chapter of the routine that applies when it does not work and nothing says which."""
    hops: tuple[str, ...]
    cadence: Cadence

    @property
    def verified(self) -> bool:
        """It can be known to work."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupConfig(Watched):
    """Systems that together do one thing for clinics: `hops`; watched by their probes alone."""

    scenarios: tuple[str, ...]
    """The chapters of the site's routine that it answers for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathConfig(Watched):
    """An ordered list of hops that referrals travel, and how it is watched."""

    normal_max_s: float
    """The time in which 99 of 100 orders arrive on a good day."""
    budget_years: float
    send: SendTo
    readers: tuple[Any, ...]
    """Settings of the arrival readers, as `probes/registry.py` knows them."""
    tap: Any
    """`watchdog.probes.tap.TapSettings`, or None: real referrals are not seen."""
    controls: tuple[Control, ...]
    coverage: Coverage
    cancel_by_ack: bool
    """The RIS shows nothing of a cancel: its acknowledgement has to do as proof."""
    orders_per_day_max: int | None
    approval: str
    """Reference of the written approval of RIS owner and integration owner."""
    fingerprint: str
    """Hash of template, identity, character set and route; a commissioning record carries it."""

    @property
    def verified(self) -> bool:
        """An arrival reader of level E5 or E6 is configured."""
        return bool(self.readers)

    @property
    def profile(self) -> Profile:
        """What is believed of it before anything was seen: with a tap, its mean rate at every hour."""
        cold = cold_profile(self.cadence.interval_s, self.normal_max_s)
        cold = replace(cold, budget_years=self.budget_years)
        if self.tap is None:
            return cold
        return replace(
            cold,
            hourly_rate_per_min=(float(self.tap.per_min),) * HOURS_OF_WEEK,
            passive="both" if self.tap.sent else "arrivals",
        )

    @property
    def ris(self) -> tuple[str, str]:
        """The RIS in which its orders end: the site, and the last hop."""
        return self.site, self.hops[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteConfig:
    id: str
    name: Text
    hold_off_s: float
    """Paper begins this long after the oldest order on which a declaration rests was sent."""
    assumed: AssumedHours
    call: str
    """Whom the duty officer rings."""
    verified: tuple[Verification, ...] = ()
    """Numbers and routes of its routine that a person has vouched for."""
    acknowledge_within_s: float = 120.0
    """A receiving unit that has not acknowledged by then may not be at its fax."""
    controls: tuple[Control, ...] = ()
    """What answers if we can see the site's systems at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemConfig:
    """A system beside or on the paths, and how it is looked at."""

    id: str
    site: str
    name: Text
    probes: tuple[Any, ...]
    """Settings of its probes, as `probes/registry.py` knows them."""
    stands_for: str
    """The system of the site's routine that it is; two sites may each have a `sectra_ris`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration of one installation."""

    instance: str
    production: bool
    database_url: str
    placer_key_file: Path
    journal_file: Path
    """What is decided while the database takes nothing; each process has its own."""
    api_host: str
    api_port: int
    public_url: str
    read_networks: tuple[Network, ...]
    proxies: tuple[Network, ...]
    """Where proxies stand, behind which many clinics have one address."""
    routines_folder: Path | None
    sites: dict[str, SiteConfig]
    clinics: dict[str, Clinic]
    paths: dict[str, PathConfig]
    systems: dict[str, SystemConfig] = field(default_factory=dict[str, SystemConfig])
    groups: dict[str, GroupConfig] = field(default_factory=dict[str, GroupConfig])
    smtp: Smtp | None = None
    heartbeat: Heartbeat | None = None
    daily_test: DailyTest | None = None
    report_at: time = time(7, 0)
    """When the morning report is written, Swedish time."""
    endpoints: tuple[Endpoint, ...] = ()
    allowed_targets: tuple[AllowedTarget, ...] = ()
    peers: tuple[Peer, ...] = ()
    """Other watchdogs of the same paths."""
    webhook_ca_file: Path | None = None
    """Authorities that webhooks and the heartbeat believe beside the public ones."""
    secrets_folder: Path | None = None
    """Where the secrets of webhooks lie that subscribe; None: only mailboxes may."""
    test_environment: bool = False
    """Loopback may be told, without TLS."""
    source: str = ""

    @property
    def watched(self) -> dict[str, Watched]:
        """Paths and groups, by id; the two never share one."""
        return {**self.paths, **self.groups}

    def controls_of(self, site: str) -> tuple[Control, ...]:
        """What answers if we can see the site at all: its own, else its paths', else any path's."""
        ours = [path.controls for path in self.paths.values() if path.site == site]
        others = [path.controls for path in self.paths.values()]
        choices = (self.sites[site].controls, sum(ours, ()), sum(others, ()))
        return tuple(dict.fromkeys(next((each for each in choices if each), ())))

    def asked(self, site: str) -> tuple[Endpoint, ...]:
        """Whose person must acknowledge when clinics of the site change to paper."""
        return tuple(e for e in self.endpoints if e.asked and site in e.sites)
