"""What to do now, from the answers so far and the time. Pure: no I/O, `now` is monotonic seconds.

An answer is believed for as long as it says, counted from the moment of *asking* (R3), if it is not
older than one already seen (R4). Anything that is not wholly understood is no answer (R5). Without a
believable answer an outage stays; a recovery stays one, and is handled as if nothing were known, for
nobody says any more that it goes on; everything else becomes unknown. Before the first answer it is
unknown (R6).
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

SCHEMA = "se.remissvakt.clinic/1"
STATES = frozenset({"normal", "degraded", "outage", "recovering", "maintenance", "unknown"})
WAYS = frozenset({"electronic", "electronic_and_phone", "paper_and_fax", "hold"})
URGENCIES = ("very_urgent", "urgent", "non_urgent")
OUTAGE, RECOVERING = "outage", "recovering"
IN_DOUBT = {
    "very_urgent": "electronic_and_phone",
    "urgent": "electronic_and_phone",
    "non_urgent": "hold",
}
MOST_VALID_S = 300.0
"""No service says more than 45 s; a claim beyond this is a fault, and no answer."""
MOST_BYTES = 1024 * 1024
CALL_AFTER_S = 300.0
OK = 200


@dataclass(frozen=True, slots=True)
class Advice:
    """What the clinic system does this moment."""

    state: str
    workflow: Mapping[str, str]
    stale: bool
    """Kept beyond its validity, because doubt never ends an outage."""
    document: Mapping[str, Any] | None
    """The whole answer while it is believed or kept; None in doubt: show the local card.

    Nor is it kept past its own `changes_at`: a fax that it calls manned may not be any more.
    """
    call_now: bool = False
    """In doubt for five minutes, or of whom to reach: ring the number on the printed card (R7)."""
    card: str = ""
    """Whom to ring and what to do, as it was given to this client; empty while nobody needs it."""


@dataclass(frozen=True, slots=True)
class _Answer:
    epoch: int
    revision: int
    document: Mapping[str, Any]
    until: float
    manned_until: float
    """Until what it says of faxes and telephones holds by the clock: `changes_at`."""


class Judge:
    """Remembers the newest answer of one clinic."""

    def __init__(self, clinic: str, now: float, card: str = "") -> None:
        """`card`: what the printed card says. It must not come from the network."""
        self._clinic, self._card = clinic, card
        self._kept: _Answer | None = None
        self._doubt_since = now
        """From when nothing better than `unknown` is known; infinity: an outage stands."""

    def heard(self, status: int, headers: Mapping[str, str], body: bytes, asked: float) -> bool:
        """Take a response to a question asked at `asked`; False if it is no answer."""
        lower = {name.lower(): value for name, value in headers.items()}
        valid = _number(lower.get("remissvakt-valid-for", ""))
        if valid is None or not 0 < valid <= MOST_VALID_S:
            return False
        if status != OK or not lower.get("content-type", "").startswith("application/json"):
            return False
        found = self._read(body)
        if found is None:
            return False
        claimed = _number(found["valid_for_s"])
        if claimed is None or claimed <= 0:
            return False
        kept = self._kept
        numbers = (int(found["epoch"]), int(found["revision"]))
        if kept is not None and numbers < (kept.epoch, kept.revision):
            return False
        until = asked + min(valid, claimed, MOST_VALID_S)
        self._kept = _Answer(*numbers, found, until, max(until, asked + _left(found, claimed)))
        if found["state"] == "unknown":  # the service is in doubt, and so is who asks it
            self._doubt_since = min(self._doubt_since, asked)
        else:
            self._doubt_since = math.inf if found["state"] == OUTAGE else until
        return True

    def advice(self, now: float) -> Advice:
        """What to do at `now`."""
        kept, call_now = self._kept, now - self._doubt_since >= CALL_AFTER_S
        card = self._card if call_now else ""
        if kept is not None:
            state, way = str(kept.document["state"]), dict(kept.document["workflow"])
            fresh = now < kept.until
            if fresh or (state == OUTAGE and now < kept.manned_until):
                return Advice(state, way, not fresh, kept.document, call_now, card)
            # the outage stands, but whoever was at that fax may have gone home
            if state == OUTAGE:
                return Advice(state, way, True, None, True, self._card)
            if state == RECOVERING:
                return Advice(state, IN_DOUBT, True, None, call_now, self._card)
        return Advice("unknown", IN_DOUBT, False, None, call_now, self._card)

    def _read(self, body: bytes) -> Mapping[str, Any] | None:
        if len(body) > MOST_BYTES:
            return None
        try:
            found: Any = json.loads(body.decode("utf-8"), parse_constant=_refuse)
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict) or found.get("schema") != SCHEMA:
            return None
        if self._clinic not in (found.get("clinic"), found.get("hsa_id")):
            return None
        way = found.get("workflow")
        understood = (
            _is_one_of(found.get("state"), STATES)
            and isinstance(way, dict)
            and all(_is_one_of(way.get(urgency), WAYS) for urgency in URGENCIES)
            and all(type(found.get(name)) is int for name in ("epoch", "revision"))
            and "valid_for_s" in found
        )
        return found if understood else None


def _left(found: Mapping[str, Any], valid_s: float) -> float:
    """For how many seconds, from the answer on, its faxes and telephones are as it says."""
    if found.get("changes_at") is None:
        return math.inf
    try:
        end, at = (datetime.fromisoformat(found[name]) for name in ("valid_until", "changes_at"))
        return (at - end).total_seconds() + valid_s
    except (KeyError, TypeError, ValueError, OverflowError):
        return 0.0


def _is_one_of(value: Any, words: frozenset[str]) -> bool:
    return isinstance(value, str) and value in words


def _number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
