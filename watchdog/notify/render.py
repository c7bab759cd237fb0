"""An incident's event as CloudEvents 1.0 body, with what to text, say and ring. No patient data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from watchdog.detection.explain import SHORT
from watchdog.incidents.advice import clock_time
from watchdog.incidents.window import suspect_window
from watchdog.model.endpoint import Endpoint
from watchdog.model.incident import EventKind, Incident, IncidentEvent
from watchdog.model.site import GroupConfig, SiteConfig, Watched
from watchdog.model.text import Text

MOST_SMS, MORE = 160, "..."
STATE = {
    EventKind.SUSPECTED: "degraded",
    EventKind.DECLARED: "outage",
    EventKind.ADVICE_CHANGED: "outage",
    EventKind.RECOVERING: "recovering",
    EventKind.CLEARED: "normal",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a notice tells beside its event."""

    incident: Incident
    path: Watched
    site: SiteConfig
    epoch: int
    revision: int
    instance: str
    public_url: str
    previous: str
    workflow: dict[str, str]
    headline: Text
    scenario: str
    """The chapter of the routine that applies now."""
    steps: tuple[Text, ...]
    """What the receiving unit does by the routine."""
    fax: str
    """The fax that clinics are pointed to, verbatim; empty if none."""
    fax_flagged: bool = False
    """Its number looks wrong: never shown without the warning."""
    faxes_differ: bool = False
    """The clinics of the path have several, so that none is named."""
    same_cause_as: str = ""
    """Id of another path's outage, declared before this one, that is broken at the same hop."""
    same_cause_name: str = ""
    """The Swedish name of that path."""
    order_ids: tuple[tuple[str, str], ...] = ()
    """Placer and control ids of our orders on which it rests, for IT."""
    acknowledge: Mapping[str, str] = field(default_factory=dict[str, str])
    """Endpoint to the page on which its person acknowledges."""
    units: Mapping[str, "Situation"] = field(default_factory=dict[str, "Situation"])
    """The same as each receiving unit is told it: with its own fax and steps."""

    def told_to(self, endpoint: Endpoint) -> "Situation":
        """As this endpoint is told it."""
        unit = endpoint.unit if endpoint.role == "receiving_unit" else None
        return self.units.get(unit or "", self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """Why a notice follows up another: nobody behind `endpoint` has acknowledged that one."""

    endpoint: str
    after_s: float


def body(
    event: IncidentEvent,
    situation: Situation,
    event_id: str,
    endpoint: Endpoint,
    unanswered: Unanswered | None = None,
) -> str:
    """The JSON text of the notice; final, so that every attempt sends the same bytes.

    IT gets our order ids beside it, the receiving unit its own steps of the routine.
    """
    situation, role = situation.told_to(endpoint), endpoint.role
    incident = situation.incident
    asked = unanswered.endpoint if unanswered else endpoint.id
    window = suspect_window(incident)
    data: dict[str, Any] = {
        "state": STATE.get(event.kind, _current(incident)),
        "previous": situation.previous,
        "path": incident.path,
        "site": incident.site,
        "scenario": situation.scenario,
        "incident": incident.id,
        "reason": incident.reason.value,
        "because": {"sv": event.because.sv, "en": event.because.en},
        "evidence": _both(event.evidence),
        "declared_at": _iso(incident.declared_at),
        "last_good_at": _iso(incident.last_good_at),
        "suspect_window": {"from": _iso(window.since), "to": _iso(window.until)},
        "workflow": situation.workflow,
        "url": f"{situation.public_url}/incidents/{incident.id}",
        "same_cause_as": situation.same_cause_as or None,
        "drill": incident.drill,
        "sms": sms(event, situation, unanswered),
        "say": say(event, situation, unanswered),
        "call": situation.site.call,
        "acknowledge": situation.acknowledge.get(asked)
        if event.kind is EventKind.ADVICE_CHANGED
        else None,
    }
    if unanswered is not None:
        data["unanswered"] = {"endpoint": unanswered.endpoint, "after_s": unanswered.after_s}
    if role == "receiving_unit":
        data["steps"] = [{"sv": step.sv, "en": step.en} for step in situation.steps]
    if role == "it":
        data["possibly_caused_by_probe"] = incident.possibly_caused_by_probe
        data["orders"] = [
            {"placer": placer, "control_id": control} for placer, control in situation.order_ids
        ]
    return json.dumps(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": f"/remissvakt/{situation.instance}",
            "type": f"se.remissvakt.incident.{event.kind.value}.v1",
            "subject": incident.path,
            "time": _iso(event.at),
            "datacontenttype": "application/json",
            "epoch": situation.epoch,
            "revision": situation.revision,
            "data": data,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def sms(event: IncidentEvent, situation: Situation, unanswered: Unanswered | None = None) -> str:
    """At most 160 characters of the GSM alphabet, complete without a link."""
    incident, site = situation.incident, situation.site.name.sv
    since = clock_time(incident.last_good_at)
    start = ("ÖVNING " if incident.drill else "") + f"REMISSVAKT {site}: "
    if unanswered is not None:
        start += "EJ KVITTERAT. "
    if isinstance(situation.path, GroupConfig):
        return fitting(gsm(start + _of_group(event, situation)))
    match event.kind:
        case EventKind.CLEARED:
            rest = "Remisser kommer fram igen. Skicka elektroniskt. Kontrollera det som sändes"
            rest += f" {since}-{clock_time(incident.first_good_at)}."
        case EventKind.RECOVERING:
            rest = "Remisser börjar komma fram. Akuta: skicka och ring. Skicka inget på nytt. "
            rest += "Invänta klart-besked."
        case EventKind.ADVICE_CHANGED:
            rest = f"Remisser når inte RIS sedan {since}. Reservrutin gäller."
            warning = " (kontrollera numret)" if situation.fax_flagged else ""
            rest += f" Fax {situation.fax}{warning}." if situation.fax else ""
            rest += " Varje klinik har sitt faxnummer." if situation.faxes_differ else ""
        case EventKind.UPDATED:
            rest = event.because.sv
        case EventKind.SUSPECTED:
            rest = f"Remisser dröjer sedan {since}. Inget att göra än."
        case _:
            rest = f"Remisser når inte RIS sedan {since}. {SHORT[incident.reason].sv}"
    text = fitting(gsm(start + rest))
    told_first = event.kind in (EventKind.DECLARED, EventKind.ADVICE_CHANGED)
    return _with_cause(text, situation) if told_first else text


def _with_cause(text: str, situation: Situation) -> str:
    """Says that it is nothing new, where that leaves the rest whole."""
    if not situation.same_cause_as:
        return text
    longer = gsm(f"{text} Samma fel som {situation.same_cause_name}.")
    return longer if len(longer) <= MOST_SMS else text


def say(event: IncidentEvent, situation: Situation, unanswered: Unanswered | None = None) -> str:
    """Two sentences to read aloud, after that it is a drill or was not acknowledged."""
    start = "Detta är en övning. " if situation.incident.drill else ""
    if unanswered is not None:
        start += "Ingen har kvitterat. "
    name = situation.path.name.sv
    if isinstance(situation.path, GroupConfig):
        return f"{start}{name}. {_of_group(event, situation)}"
    match event.kind:
        case EventKind.CLEARED:
            return f"{start}Remissvägen {name} fungerar igen. Remisser skickas elektroniskt."
        case EventKind.RECOVERING:
            return f"{start}Remissvägen {name} är på väg tillbaka. Akuta remisser: skicka och ring."
        case EventKind.ADVICE_CHANGED:
            return f"{start}Remissvägen {name} är bruten. {situation.headline.sv}."
        case _:
            return f"{start}Remissvägen {name}: {event.because.sv} Vi återkommer."


def _of_group(event: IncidentEvent, situation: Situation) -> str:
    """What a text message says of systems that carry no referrals of ours."""
    match event.kind:
        case EventKind.CLEARED:
            return f"{situation.path.name.sv} fungerar igen. Gör klart efterarbetet enligt rutinen."
        case EventKind.RECOVERING:
            return f"{situation.path.name.sv}: systemen svarar igen. Invänta klart-besked."
        case EventKind.ADVICE_CHANGED:
            return f"{situation.headline.sv}."
        case _:
            return f"{situation.path.name.sv}: {event.because.sv}"


def fitting(text: str) -> str:
    """A text message of it: all of it, or whole words and the sign that something is left out."""
    if len(text) <= MOST_SMS:
        return text
    return text[: MOST_SMS - len(MORE)].rsplit(" ", 1)[0].rstrip(" .,;:") + MORE


def gsm(text: str) -> str:
    """The text in the GSM 03.38 basic alphabet; å, ä, ö, Å, Ä, Ö are part of it."""
    allowed = frozenset(
        "@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
    )
    plain = text.replace("→", "-").replace("–", "-")
    return "".join(letter if letter in allowed else "?" for letter in plain)


def _current(incident: Incident) -> str:
    return {"declared": "outage", "recovering": "recovering", "suspected": "degraded"}.get(
        incident.status, "normal"
    )


def _both(text: Text | None) -> dict[str, str] | None:
    return {"sv": text.sv, "en": text.en} if text else None


def _iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return (moment + timedelta()).isoformat(timespec="milliseconds").replace("+00:00", "Z")
