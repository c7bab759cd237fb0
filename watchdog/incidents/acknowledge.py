"""Who must say "I have seen it", who has, and what follows when nobody does. Pure.

An HTTP 200 of a receiver is not a person. From the moment clinics change to paper until a person
acknowledges by name, the outbox holds reminders and rungs that an acknowledgement makes needless.
Source: hazards H12, H18; design decisions, section 7.
"""

import unicodedata
from dataclasses import replace
from datetime import timedelta

from watchdog.errors import Refused
from watchdog.incidents.setting import Setting, Step, told
from watchdog.model.incident import EventKind, Incident, IncidentEvent
from watchdog.model.notice import SET_BACK
from watchdog.model.text import Text

LEAST_LETTERS, MOST_NAME = 2, 80
UNWRITTEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def asked(incident: Incident, setting: Setting) -> Incident:
    """Clinics change to paper: everybody who is asked must acknowledge, again after a relapse."""
    awaiting = " ".join(sorted(endpoint.id for endpoint in setting.asked))
    return replace(incident, awaiting=awaiting, unit_silent_at=None)


def nobody(incident: Incident) -> Incident:
    """It ends, or nearly: nothing is left to acknowledge."""
    return replace(incident, awaiting="", unit_silent_at=None)


def acknowledge(
    incident: Incident,
    setting: Setting,
    endpoint: str,
    name: str,
    by: str,
    *,
    same_cause_as: str = "",
) -> Step:
    """A person has seen it. `name` was typed by a person; `by` says who entered it, if another.

    `same_cause_as`: the incident that was acknowledged, where this one has the same cause.
    """
    name = name.strip()
    odd = any(unicodedata.category(letter) in UNWRITTEN for letter in name)
    if odd or sum(letter.isalpha() for letter in name) < LEAST_LETTERS or len(name) > MOST_NAME:
        raise Refused("A name has two letters at least, eighty at most, and nothing invisible.")
    if endpoint not in {each.id for each in setting.asked}:
        known = ", ".join(sorted(each.id for each in setting.asked)) or "nobody"
        raise Refused(f"{endpoint[:60]} is not asked to acknowledge here; asked are: {known}.")
    if not incident.is_outage or incident.recovering_at is not None:
        raise Refused(f"Incident {incident.id} is {incident.status}: nothing is to acknowledge.")
    if incident.advised_at is None:
        raise Refused(
            f"Incident {incident.id} has not changed what clinics do yet: nobody was asked."
        )
    if endpoint not in incident.awaited:
        raise Refused(f"{endpoint} has acknowledged incident {incident.id} already.")
    left = incident.awaited - {endpoint}
    units = {each.id for each in setting.asked if each.role == "receiving_unit"}
    seen = replace(
        incident,
        awaiting=" ".join(sorted(left)),
        unit_silent_at=incident.unit_silent_at if left & units else None,
        number=incident.number + 1,
    )
    behalf = f", infört av {by}" if by else ""
    on_behalf = f", entered by {by}" if by else ""
    same = f" Samma fel som {same_cause_as}." if same_cause_as else ""
    the_same = f" The same fault as {same_cause_as}." if same_cause_as else ""
    because = Text(
        f"{endpoint} har kvitterat: {name}{behalf}.{same}",
        f"{endpoint} acknowledged: {name}{on_behalf}.{the_same}",
    )
    event = IncidentEvent(
        incident=seen.id,
        number=seen.number,
        kind=EventKind.ACKNOWLEDGED,
        at=setting.now,
        because=because,
        by=name,
    )
    return seen, [event]


def silence(incident: Incident, setting: Setting) -> Step:
    """A receiving unit has not acknowledged in time: clinics ring before they fax, TiB hears it."""
    if incident.advised_at is None or incident.unit_silent_at is not None:
        return incident, []
    within = timedelta(seconds=setting.site.acknowledge_within_s)
    asked_at = incident.advised_at
    # asked later than now: the wall clock was set back since, and ringing is the careful answer
    if asked_at - SET_BACK <= setting.now < asked_at + within:
        return incident, []
    units = [each for each in setting.asked if each.role == "receiving_unit"]
    heard = {each.unit for each in units if each.id not in incident.awaited}
    silent = [each for each in units if each.unit not in heard]
    if not silent:
        return incident, []
    names = ", ".join(each.id for each in silent)
    seconds = setting.site.acknowledge_within_s
    waited = f"{seconds / 60:.0f} min" if seconds % 60 == 0 else f"{seconds:.0f} s"
    because = Text(
        f"{names} har inte kvitterat på {waited}: kliniker ringer före fax.",
        f"{names} has not acknowledged in {waited}: clinics ring before they fax.",
    )
    return told(replace(incident, unit_silent_at=setting.now), setting, because)
