"""Names of things as types of their own, and the ids that the process makes itself."""

import re
import uuid
from datetime import UTC, datetime
from typing import NewType

SiteId = NewType("SiteId", str)
UnitId = NewType("UnitId", str)
ClinicId = NewType("ClinicId", str)
PathId = NewType("PathId", str)
IncidentId = NewType("IncidentId", str)
PlacerNumber = NewType("PlacerNumber", str)

INCIDENT = re.compile(r"inc_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
"""How the id of every incident is built; its `match` is None for anything else."""
EVENT_NAMESPACE = uuid.UUID("8f7b1b5a-52f4-4be2-9c75-9d1f4d4a6a10")


def uuid7(now: datetime, randomness: bytes) -> uuid.UUID:
    """A UUID version 7 (RFC 9562 section 5.7) from wall time in ms and 10 random bytes."""
    ms = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    tail = int.from_bytes(randomness[:10], "big")
    value = ms << 80 | 0x7 << 76 | (tail >> 68 & 0xFFF) << 64 | 0b10 << 62 | tail & ((1 << 62) - 1)
    return uuid.UUID(int=value)


def incident_id(path: str, last: str, now: datetime) -> str:
    """The id of the incident that follows `last` on a path, if it begins in this hour.

    Two nodes that lost each other give it the same one, so that their notices collapse at the
    receiver. The hour keeps an incident that only one of them knew from naming a later one.
    """
    hour = now.astimezone(UTC).strftime("%Y-%m-%dT%H")
    return f"inc_{uuid.uuid5(EVENT_NAMESPACE, f'{path}/{last}/{hour}')}"


def event_id(incident: IncidentId, number: int, kind: str) -> uuid.UUID:
    """The id of one event of an incident: the same on every node, so that repeats collapse.

    With its kind: two nodes that lost each other count on differently, and an all-clear must never
    have the id of something else.
    """
    return uuid.uuid5(EVENT_NAMESPACE, f"{incident}/{number}/{kind}")
