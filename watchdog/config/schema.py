"""The shape of the configuration file, version 1. What is not named here is refused."""

import ipaddress
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from watchdog.model.cadence import CADENCES
from watchdog.orders.identity import OIDS
from watchdog.probes.registry import AnyReader, AnySystemProbe
from watchdog.probes.tap import TapSettings
from watchdog.routines.schema import ClockTime, Name, TextFile


def _cadence(value: str) -> str:
    if value not in CADENCES:
        raise ValueError(f"{value!r} is not one of {', '.join(sorted(CADENCES))}")
    return value


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise ValueError(
            f"{value!r} is not a network: write it as 10.20.30.0/24, with no host bits"
        ) from None
    return value


Port = Annotated[int, Field(ge=1, le=65535)]
NetworkText = Annotated[str, AfterValidator(_network)]
Authority = Literal[
    "personnummer", "samordningsnummer", "national_reserve", "vgr_reserve", "local_reserve"
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class IdentityFile(_Strict):
    number: str
    authority: Authority
    family: str
    given: str
    born: Annotated[str, Field(pattern=r"^\d{8}$")]
    sex: Literal["F", "M", "O", "U"] = "O"
    approval: str = ""

    @property
    def oid(self) -> str:
        return OIDS[self.authority]


class IdentitiesFile(_Strict):
    allowed: Annotated[list[str], Field(min_length=1)]
    synthetic: IdentityFile


class HoursFile(_Strict):
    """Clock times that the routine does not state; shown as assumed."""

    day_start: ClockTime = "07:30"
    day_end: ClockTime = "16:30"
    office_start: ClockTime = "08:00"
    office_end: ClockTime = "16:30"


class ClinicFile(_Strict):
    name: TextFile
    hsa_id: Annotated[str, Field(pattern=r"^SE[0-9A-Za-z.-]{4,29}$")]
    path: Name
    unit: Name
    units: list[Name] = []
    record_system: str
    reply_fax: str | None = None


class VerifiedFile(_Strict):
    """A person's word, for twelve months, that a flagged number is right or a blocked route works."""

    what: Name
    """Id of a contact or of a route in the site's routine."""
    by: Annotated[str, Field(min_length=2)]
    at: date


class ControlFile(_Strict):
    host: str
    port: Port


class SiteFile(_Strict):
    name: TextFile
    hold_off_s: Annotated[float, Field(ge=0, le=3600)] = 120
    acknowledge_within_s: Annotated[float, Field(ge=1, le=3600)] = 120
    """A receiving unit that has not acknowledged by then may not be at its fax."""
    assumed_hours: HoursFile = HoursFile()
    call: Annotated[str, Field(min_length=2, max_length=120)]
    """Whom a duty officer rings about it, with the number: every notice says it."""
    verified: list[VerifiedFile] = []
    controls: list[ControlFile] = []
    """Addresses that answer if we can see at all: a look at the site's systems that fails counts only
    while one does. None: those of the site's paths, else of any path."""
    clinics: dict[Name, ClinicFile] = {}


class TlsFile(_Strict):
    ca_file: Path
    certificate: Path | None = None
    key: Path | None = None
    server_name: str | None = None


class SendFile(_Strict):
    host: str
    port: Port
    message_type: Literal["ORM^O01", "OMG^O19"] = "ORM^O01"
    charset: Literal["8859/1", "UNICODE UTF-8"] = "8859/1"
    processing: Literal["T", "P"] = "T"
    sending_application: str
    sending_facility: str
    receiving_application: str
    receiving_facility: str
    code: str
    code_system: str = "L"
    orderer: str = "REMISSVAKT"
    entering: str = "REMISSVAKT"
    keep_connection: bool = True
    ack_timeout_s: Annotated[float, Field(gt=0, le=60)] | None = None
    tls: TlsFile | None = None


class CoverageFile(_Strict):
    entry_port: str
    sending_party: str
    not_exercised: list[str]


class PathFile(_Strict):
    site: Name
    name: TextFile
    scenario: Name
    hops: Annotated[list[str], Field(min_length=1)]
    cadence: Annotated[str, AfterValidator(_cadence)] = "gentle"
    cadence_approval: str = ""
    orders_per_day_max: Annotated[int, Field(gt=0)] | None = None
    approval: str = ""
    normal_max_s: Annotated[float, Field(gt=0, le=900)] = 10
    budget_years: Annotated[float, Field(ge=1, le=100000)] = 1000
    open_limit: Annotated[int, Field(ge=1, le=50)] | None = None
    cancel_proof: Literal["read_back", "acknowledgement"] = "read_back"
    send: SendFile
    readers: list[AnyReader]
    tap: TapSettings | None = None
    """Copies of real referrals, where they are to be had."""
    controls: list[ControlFile] = []
    coverage: CoverageFile


class GroupFile(_Strict):
    """Systems that together do one thing for clinics, where no referral can be sent as a test."""

    site: Name
    name: TextFile
    systems: Annotated[list[Name], Field(min_length=1)]
    scenarios: Annotated[list[Name], Field(min_length=1)]
    cadence: Annotated[str, AfterValidator(_cadence)] = "standard"


class SystemFile(_Strict):
    site: Name
    name: TextFile
    stands_for: Name | None = None
    """Its id in the site's routine, where that differs from its name here."""
    probes: list[AnySystemProbe] = []
    """Without one, its state is concluded from looks that cross it, or unknown."""


class RungFile(_Strict):
    """Who is told when nobody has acknowledged so long after the first notice."""

    after_s: Annotated[float, Field(gt=0, le=86400)]
    to: Name


class RemindFile(_Strict):
    """The same endpoint is told again until its person acknowledges."""

    every_s: Annotated[float, Field(ge=1, le=86400)]
    times: Annotated[int, Field(ge=1, le=100)] = 12


class OpenHoursFile(_Strict):
    """When an endpoint is told, Swedish time with its public holidays and eves."""

    days: Literal["working", "free", "all"] = "all"
    start: Annotated[ClockTime, Field(alias="from")]
    end: Annotated[ClockTime, Field(alias="to")]


class EndpointFile(_Strict):
    """A webhook (`url` and `secret_file`) or a mailbox (`mail`)."""

    id: Name
    role: Literal["duty_officer", "it", "receiving_unit", "administrators"]
    url: Annotated[str, Field(pattern=r"^(https?://[^/@]+(/.*)?)?$")] = ""
    secret_file: Path = Path()
    mail: Annotated[str, Field(pattern=r"^([^@\s<>,;]+@[^@\s<>,;]+)?$", max_length=254)] = ""
    hours: OpenHoursFile | None = None
    handshake: bool = False
    escalation: list[RungFile] = []
    remind: RemindFile | None = None
    sites: Annotated[list[Name], Field(min_length=1)]
    unit: Name | None = None
    events: list[
        Literal[
            "suspected", "declared", "advice_changed", "recovering", "cleared", "updated", "test"
        ]
    ] = []


class AllowFile(_Strict):
    network: NetworkText
    ports: Annotated[list[Port], Field(min_length=1)]


class SmtpFile(_Strict):
    host: str
    port: Port = 587
    sender: Annotated[str, Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$")]
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None
    username: str = ""
    password_file: Path | None = None


class HeartbeatFile(_Strict):
    url: Annotated[str, Field(pattern=r"^https?://[^/@]+(/.*)?$")]
    every_s: Annotated[float, Field(ge=1, le=60)] = 30.0


class DailyTestFile(_Strict):
    at: ClockTime = "10:00"
    endpoints: Annotated[list[Name], Field(min_length=1)]
    drill: Name | None = None
    """A path: a drill on it goes through the whole chain then, to these endpoints alone."""


class NotifyFile(_Strict):
    allow: list[AllowFile] = []
    ca_file: Path | None = None
    """Authorities whose certificates webhooks and the heartbeat believe, beside the public ones."""
    smtp: SmtpFile | None = None
    heartbeat: HeartbeatFile | None = None
    daily_test: DailyTestFile | None = None
    report_at: ClockTime = "07:00"
    """When administrators are told what happened in the night."""
    secrets_folder: Path | None = None
    """The secrets of webhooks that subscribe, a file each, on every node."""
    endpoints: list[EndpointFile] = []


class ApiFile(_Strict):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: str = ""
    read_networks: list[NetworkText] = ["127.0.0.0/8", "::1/128"]
    proxies: list[NetworkText] = []
    """Of proxies in front on other hosts: for them only the total of connections counts."""


class PeerFile(_Strict):
    """Another watchdog of the same paths, on a host and a database of its own."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]
    url: Annotated[str, Field(pattern=r"^https?://[^/@]+/?$")]
    ca_file: Path | None = None


class ConfigFile(_Strict):
    schema_: Annotated[Literal[1], Field(alias="schema")]
    instance: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]
    environment: Literal["production", "test"]
    database: str = "sqlite:///var/remissvakt.sqlite"
    placer_key_file: Path = Path("var/placer.key")
    journal_file: Path = Path("var/journal.jsonl")
    """On a local disk, not on that of the database."""
    routines_folder: Path | None = None
    api: ApiFile = ApiFile()
    identities: IdentitiesFile
    sites: Annotated[dict[Name, SiteFile], Field(min_length=1)]
    paths: dict[Name, PathFile] = {}
    groups: dict[Name, GroupFile] = {}
    systems: dict[Name, SystemFile] = {}
    notify: NotifyFile = NotifyFile()
    peers: Annotated[list[PeerFile], Field(max_length=5)] = []
