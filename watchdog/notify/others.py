"""Notices that no incident's event caused: the test of an endpoint, and the morning report. Pure."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from watchdog.incidents.advice import clock_time
from watchdog.model.calendar import STOCKHOLM
from watchdog.model.endpoint import Endpoint
from watchdog.model.ids import EVENT_NAMESPACE
from watchdog.model.incident import Incident
from watchdog.model.notice import Notice
from watchdog.model.site import SiteConfig
from watchdog.notify.render import fitting, gsm


def trial_notice(
    endpoint: Endpoint,
    *,
    ident: str,
    now: datetime,
    instance: str,
    sites: Mapping[str, SiteConfig],
    by: str,
    order: int,
) -> Notice:
    """Something to see whether an endpoint hears us; it says of itself that nothing has happened."""
    sentence = f"Detta är ett prov från {by}. Inget har hänt."
    sms = f"REMISSVAKT PROV. {sentence}"
    data = _data(sms=sms, say=sentence, call=_call(endpoint, sites), text=f"{sentence}\n")
    return _notice(
        endpoint, ident, "test", data, now=now, instance=instance, subject=endpoint.id, order=order
    )


def morning_report(
    endpoint: Endpoint,
    night: Sequence[Incident],
    *,
    since: datetime,
    now: datetime,
    instance: str,
    sites: Mapping[str, SiteConfig],
    order: int,
) -> Notice:
    """What was declared since the last report, and whether it persists (NÄL, S2-26, S2-27).

    One a day and endpoint, whichever node writes it: the id says the day.
    """
    day = f"{now.astimezone(STOCKHOLM):%Y-%m-%d}"
    lines = [_line(incident) for incident in night]
    persists = sum(1 for incident in night if not incident.is_over)
    count = f"{len(night)} driftstopp, {persists} pågår" if night else "inga driftstopp"
    head = f"Rapport {day}: {count} sedan {since.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}."
    text = "\n".join([head, "", *lines])
    call = _call(endpoint, sites)
    data = _data(sms=f"REMISSVAKT {head}", say=head, call=call, text=text.rstrip() + "\n")
    data["incidents"] = [
        {"id": i.id, "path": i.path, "status": i.status, "persists": not i.is_over} for i in night
    ]
    ident = str(uuid.uuid5(EVENT_NAMESPACE, f"report/{day}/{endpoint.id}"))
    return _notice(
        endpoint, ident, "report", data, now=now, instance=instance, subject=day, order=order
    )


def _line(incident: Incident) -> str:
    """One incident, as the administrators asked for it: what, when, and does it persist."""
    end = "PÅGÅR" if not incident.is_over else f"slut {clock_time(incident.cleared_at)}"
    what = f"{clock_time(incident.declared_at)} {incident.path}: {incident.reason.value}"
    return f"{what}, {end} ({incident.id})"


def _call(endpoint: Endpoint, sites: Mapping[str, SiteConfig]) -> str:
    """Whom to ring about the first site that the endpoint hears of."""
    return next((sites[site].call for site in endpoint.sites if site in sites), "")


def _data(*, sms: str, say: str, call: str, text: str) -> dict[str, object]:
    return {"sms": fitting(gsm(sms)), "say": say, "call": call, "text": text, "drill": False}


def _notice(
    endpoint: Endpoint,
    ident: str,
    kind: str,
    data: dict[str, object],
    *,
    now: datetime,
    instance: str,
    subject: str,
    order: int,
) -> Notice:
    body = {
        "specversion": "1.0",
        "id": ident,
        "source": f"/remissvakt/{instance}",
        "type": f"se.remissvakt.{'incident.test' if kind == 'test' else kind}.v1",
        "subject": subject,
        "time": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": data,
    }
    return Notice(
        id=ident,
        event_id=ident,
        endpoint=endpoint.id,
        incident="",
        kind=kind,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        created_at=now,
        order=order,
        next_attempt_at=now,
    )
