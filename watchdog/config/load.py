"""The configuration file to a Config: shape, then references and safety, then dataclasses."""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, time
from pathlib import Path

from watchdog import yamltext
from watchdog.config.anchor import anchored, anchored_url
from watchdog.config.check import Checker
from watchdog.config.notify import told
from watchdog.config.schema import (
    ClinicFile,
    ConfigFile,
    ControlFile,
    GroupFile,
    HoursFile,
    PathFile,
    SiteFile,
)
from watchdog.errors import ConfigError, Problem, UnsafeOrder
from watchdog.hl7.order import Template, new_order
from watchdog.model.cadence import CADENCES
from watchdog.model.calendar import STOCKHOLM
from watchdog.model.instruction import Clinic
from watchdog.model.peer import Peer
from watchdog.model.routine import AssumedHours, Routine, Verification
from watchdog.model.site import (
    Config,
    Control,
    Coverage,
    GroupConfig,
    PathConfig,
    SendTo,
    SiteConfig,
    SystemConfig,
    TlsFiles,
)
from watchdog.model.text import Text
from watchdog.network import Network
from watchdog.orders.identity import Identity
from watchdog.routines import library
from watchdog.routines.schema import TextFile

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def load(path: Path, *, test_environment: bool) -> tuple[Config, dict[str, Routine]]:
    """The configuration at `path` and the routines that it uses. ConfigError with every problem."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(
            [
                Problem(
                    str(path),
                    1,
                    f"cannot be read ({error.strerror}): `remissvakt init` writes a new one",
                )
            ]
        ) from None
    return parse(text, str(path), path.parent, test_environment=test_environment)


def parse(
    text: str, file: str, folder: Path, *, test_environment: bool
) -> tuple[Config, dict[str, Routine]]:
    """As `load`, from text; relative file names are relative to `folder`."""
    data, lines = yamltext.load(text, file)
    shape = yamltext.parse(ConfigFile, data, lines, file)
    shape = anchored(shape, folder)
    shape = shape.model_copy(update={"database": anchored_url(shape.database, folder)})
    assumed = {name: _hours(site.assumed_hours) for name, site in shape.sites.items()}
    verified = {name: _verified(site) for name, site in shape.sites.items()}
    routines = library.read(shape.routines_folder, assumed, verified)
    problems = Checker(shape, lines, file, routines, test_environment=test_environment).run()
    if problems:
        raise ConfigError(problems)
    config = replace(_build(shape, file), test_environment=test_environment)
    problems = [
        Problem(file, yamltext.line_of(("paths", name, "send"), lines), f"paths.{name}.send: {why}")
        for name, path in config.paths.items()
        if (why := _unbuildable(path)) is not None
    ]
    if problems:
        raise ConfigError(problems)
    return config, routines


def _build(shape: ConfigFile, file: str) -> Config:
    identity = Identity(
        oid=shape.identities.synthetic.oid,
        **shape.identities.synthetic.model_dump(exclude={"authority"}),
    )
    return Config(
        instance=shape.instance,
        production=shape.environment == "production",
        database_url=shape.database,
        placer_key_file=shape.placer_key_file,
        journal_file=shape.journal_file,
        api_host=shape.api.host,
        api_port=shape.api.port,
        public_url=shape.api.public_url.rstrip("/"),
        read_networks=_networks(shape.api.read_networks),
        proxies=_networks(shape.api.proxies),
        peers=tuple(
            Peer(id=each.id, url=each.url.rstrip("/"), ca_file=each.ca_file) for each in shape.peers
        ),
        routines_folder=shape.routines_folder,
        sites={
            name: SiteConfig(
                id=name,
                name=_text(site.name),
                hold_off_s=site.hold_off_s,
                acknowledge_within_s=site.acknowledge_within_s,
                assumed=_hours(site.assumed_hours),
                call=site.call,
                verified=_verified(site),
                controls=_controls(site.controls),
            )
            for name, site in shape.sites.items()
        },
        clinics={
            name: _clinic(name, site_name, clinic)
            for site_name, site in shape.sites.items()
            for name, clinic in site.clinics.items()
        },
        paths={name: _path(name, path, identity) for name, path in shape.paths.items()},
        systems={
            name: SystemConfig(
                id=name,
                site=system.site,
                name=_text(system.name),
                probes=tuple(system.probes),
                stands_for=system.stands_for or name,
            )
            for name, system in shape.systems.items()
        },
        groups={name: _group(name, group) for name, group in shape.groups.items()},
        **told(shape.notify),
        source=file,
    )


def _path(name: str, path: PathFile, identity: Identity) -> PathConfig:
    cadence = CADENCES[path.cadence]
    if path.open_limit is not None:
        cadence = replace(cadence, open_limit=path.open_limit)
    send = path.send
    template = Template(
        identity=identity,
        **send.model_dump(
            exclude={"host", "port", "keep_connection", "ack_timeout_s", "tls"},
        ),
    )
    route = f"{send.host}:{send.port}"
    return PathConfig(
        id=name,
        site=path.site,
        name=_text(path.name),
        scenario=path.scenario,
        hops=tuple(path.hops),
        cadence=cadence,
        normal_max_s=cadence.normal_max_s or path.normal_max_s,
        budget_years=path.budget_years,
        send=SendTo(
            host=send.host,
            port=send.port,
            keep_connection=send.keep_connection,
            ack_timeout_s=send.ack_timeout_s or cadence.ack_timeout_s,
            tls=TlsFiles(**send.tls.model_dump()) if send.tls else None,
            template=template,
        ),
        readers=tuple(path.readers),
        tap=path.tap,
        controls=_controls(path.controls),
        coverage=Coverage(
            entry_port=path.coverage.entry_port,
            sending_party=path.coverage.sending_party,
            message_type=send.message_type,
            not_exercised=tuple(path.coverage.not_exercised),
        ),
        cancel_by_ack=path.cancel_proof == "acknowledgement",
        orders_per_day_max=path.orders_per_day_max,
        approval=path.approval,
        fingerprint=_fingerprint(template, route),
    )


def _group(name: str, group: GroupFile) -> GroupConfig:
    return GroupConfig(
        id=name,
        site=group.site,
        name=_text(group.name),
        scenario=group.scenarios[0],
        hops=tuple(group.systems),
        cadence=CADENCES[group.cadence],
        scenarios=tuple(group.scenarios),
    )


def _unbuildable(path: PathConfig) -> str | None:
    """Why no order can be built from the path's template, or None: found here, not at night."""
    try:
        new_order(path.send.template, placer="W" * 20, control_id="W" * 18, now=EPOCH)
    except UnsafeOrder as error:
        return str(error)
    return None


def _fingerprint(template: Template, route: str) -> str:
    """Changes when template, identity, character set or route do; says nothing of what they are."""
    return hashlib.sha256(repr((asdict(template), route)).encode()).hexdigest()[:16]


def _clinic(name: str, site: str, clinic: ClinicFile) -> Clinic:
    return Clinic(
        id=name,
        name=_text(clinic.name),
        hsa_id=clinic.hsa_id,
        site=site,
        path=clinic.path,
        unit=clinic.unit,
        units=tuple(clinic.units),
        record_system=clinic.record_system,
        reply_fax=clinic.reply_fax,
    )


def _networks(values: list[str]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(value) for value in values)


def _hours(hours: HoursFile) -> AssumedHours:
    return AssumedHours(
        day_start=time.fromisoformat(hours.day_start),
        day_end=time.fromisoformat(hours.day_end),
        office_start=time.fromisoformat(hours.office_start),
        office_end=time.fromisoformat(hours.office_end),
    )


def _text(text: TextFile) -> Text:
    return Text(text.sv, text.en)


def _verified(site: SiteFile) -> tuple[Verification, ...]:
    """From the beginning of the day on which the person looked, Swedish time."""
    return tuple(
        Verification(what=v.what, by=v.by, at=datetime.combine(v.at, time.min, STOCKHOLM))
        for v in site.verified
    )


def _controls(controls: Sequence[ControlFile]) -> tuple[Control, ...]:
    return tuple(Control(host=each.host, port=each.port) for each in controls)
