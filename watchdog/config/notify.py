"""Who is told, as the configuration has it, turned into what the service works with."""

import ipaddress
from datetime import time
from typing import Any

from watchdog.config.schema import EndpointFile, NotifyFile, OpenHoursFile
from watchdog.model.calendar import OpenHours
from watchdog.model.endpoint import AllowedTarget, DailyTest, Endpoint, Heartbeat, Rung, Smtp


def told(notify: NotifyFile) -> dict[str, Any]:
    """The fields of `Config` that say who is told, how, and when."""
    heartbeat, daily = notify.heartbeat, notify.daily_test
    return {
        "smtp": Smtp(**notify.smtp.model_dump()) if notify.smtp else None,
        "heartbeat": Heartbeat(**heartbeat.model_dump()) if heartbeat else None,
        "daily_test": DailyTest(
            at=time.fromisoformat(daily.at),
            endpoints=tuple(dict.fromkeys(daily.endpoints)),
            drill=daily.drill or "",
        )
        if daily
        else None,
        "report_at": time.fromisoformat(notify.report_at),
        "endpoints": tuple(endpoint_of(endpoint) for endpoint in notify.endpoints),
        "secrets_folder": notify.secrets_folder,
        "webhook_ca_file": notify.ca_file,
        "allowed_targets": tuple(
            AllowedTarget(network=ipaddress.ip_network(a.network), ports=tuple(a.ports))
            for a in notify.allow
        ),
    }


def endpoint_of(endpoint: EndpointFile) -> Endpoint:
    """One receiver, as it is worked with."""
    return Endpoint(
        id=endpoint.id,
        role=endpoint.role,
        url=endpoint.url,
        secret_file=endpoint.secret_file,
        to=endpoint.mail,
        handshake=endpoint.handshake,
        hours=_open_hours(endpoint.hours) if endpoint.hours else None,
        escalation=tuple(Rung(after_s=rung.after_s, to=rung.to) for rung in endpoint.escalation),
        remind_every_s=endpoint.remind.every_s if endpoint.remind else 0.0,
        remind_times=endpoint.remind.times if endpoint.remind else 0,
        sites=tuple(endpoint.sites),
        unit=endpoint.unit,
        events=tuple(endpoint.events),
    )


def _open_hours(hours: OpenHoursFile) -> OpenHours:
    return OpenHours(
        days=hours.days,
        start=time.fromisoformat(hours.start),
        end=time.fromisoformat(hours.end),
    )
