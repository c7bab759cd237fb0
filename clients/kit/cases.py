"""The cases: what the server answers, poll by poll, and what the client must then advise.

Validity here is 1 s instead of 45, so that a case takes seconds. Source: rules R2-R7, hazard H30.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CLINIC = "kit_clinic"
VALID_S = 1.0
ELECTRONIC = {"very_urgent": "electronic", "urgent": "electronic", "non_urgent": "electronic"}
PAPER = {"very_urgent": "paper_and_fax", "urgent": "paper_and_fax", "non_urgent": "hold"}
RING = {
    "very_urgent": "electronic_and_phone",
    "urgent": "electronic_and_phone",
    "non_urgent": "electronic",
}
DOUBT = {**RING, "non_urgent": "hold"}
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the server."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    delay_s: float = 0.0
    close_early: bool = False
    """Promise more bytes than are sent."""
    refuse: bool = False
    """Close the connection without a word."""
    drip: bool = False
    """Send a byte of the headers now and then, for as long as somebody waits."""


@dataclass(frozen=True, slots=True)
class Step:
    """Poll (or only wait), then expect this state and workflow."""

    reply: Reply | None
    state: str
    workflow: Mapping[str, str]
    wait_s: float = 0.0
    """Before looking at the advice, without another poll."""


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    why: str
    steps: tuple[Step, ...]


def document(state: object, workflow: Mapping[str, Any], **other: Any) -> dict[str, Any]:
    """A clinic document as Remissvakt forms it, as far as clients must read it."""
    return {
        "schema": "se.remissvakt.clinic/1",
        "epoch": 7,
        "revision": 100,
        "evaluated_at": "2026-11-21T12:00:00Z",
        "valid_until": "2026-11-21T12:00:45Z",
        "valid_for_s": VALID_S,
        "clinic": CLINIC,
        "hsa_id": "SE0000000000-KIT",
        "state": state,
        "workflow": dict(workflow),
    } | other


def good(
    state: object, workflow: Mapping[str, Any], valid: str = str(VALID_S), **other: Any
) -> Reply:
    return raw(json.dumps(document(state, workflow, **other)).encode(), valid=valid)


def raw(body: bytes, valid: str = str(VALID_S), content: str = JSON, **more: Any) -> Reply:
    return Reply(body, headers={"content-type": content, "remissvakt-valid-for": valid}, **more)


NORMAL, OUTAGE = good("normal", ELECTRONIC), good("outage", PAPER)
GONE = Reply(refuse=True)
IS_NORMAL, IS_OUT = ("normal", ELECTRONIC), ("outage", PAPER)
IS_UNKNOWN = ("unknown", DOUBT)
PAST = VALID_S + 0.3


def _ignored(name: str, why: str, reply: Reply) -> Case:
    """A reply that is no answer: at boot it leaves unknown, later it does not lengthen a normal."""
    return Case(
        name,
        why,
        (
            Step(reply, *IS_UNKNOWN),
            Step(NORMAL, *IS_NORMAL),
            Step(None, *IS_UNKNOWN, wait_s=PAST),
            Step(reply, *IS_UNKNOWN),
        ),
    )


CASES = (
    Case("normal", "a fresh answer is obeyed", (Step(NORMAL, *IS_NORMAL),)),
    Case("outage", "a fresh answer is obeyed", (Step(OUTAGE, *IS_OUT),)),
    Case(
        "recovering",
        "electronically, and ring for urgent ones",
        (Step(good("recovering", RING), "recovering", RING),),
    ),
    Case("boot", "no answer yet is unknown, never normal (R6)", (Step(GONE, *IS_UNKNOWN),)),
    Case(
        "normal expires",
        "a normal is believed as long as it says and no longer (R2)",
        (
            Step(NORMAL, *IS_NORMAL),
            Step(GONE, *IS_NORMAL),
            Step(None, *IS_UNKNOWN, wait_s=PAST),
        ),
    ),
    Case(
        "outage stays",
        "an outage never expires to anything better (R2)",
        (Step(OUTAGE, *IS_OUT), Step(None, *IS_OUT, wait_s=PAST), Step(GONE, *IS_OUT)),
    ),
    Case(
        "recovering stays",
        "nor does a recovery, and nobody says any more that it goes on",
        (
            Step(good("recovering", RING), "recovering", RING),
            Step(None, "recovering", DOUBT, wait_s=PAST),
        ),
    ),
    Case(
        "old revision",
        "a lower revision is no answer (R4)",
        (Step(OUTAGE, *IS_OUT), Step(good("normal", ELECTRONIC, revision=99), *IS_OUT)),
    ),
    Case(
        "old epoch",
        "a lower epoch is no answer, whatever its revision (R4)",
        (Step(OUTAGE, *IS_OUT), Step(good("normal", ELECTRONIC, epoch=6, revision=999), *IS_OUT)),
    ),
    Case(
        "new epoch",
        "a higher epoch is newer though its revision is lower (R4)",
        (Step(OUTAGE, *IS_OUT), Step(good("normal", ELECTRONIC, epoch=8, revision=1), *IS_NORMAL)),
    ),
    Case(
        "same numbers again",
        "the same revision renews the validity",
        (
            Step(NORMAL, *IS_NORMAL),
            Step(NORMAL, *IS_NORMAL, wait_s=0.6),
            Step(NORMAL, *IS_NORMAL, wait_s=0.6),
        ),
    ),
    Case(
        "clock two hours ahead",
        "wall times are for people: validity is relative (R3)",
        (Step(good("normal", ELECTRONIC, valid_until="2026-11-21T10:00:45Z"), *IS_NORMAL),),
    ),
    Case(
        "clock two hours behind",
        "a far `valid_until` lengthens nothing (R3)",
        (
            Step(good("normal", ELECTRONIC, valid_until="2030-01-01T00:00:00Z"), *IS_NORMAL),
            Step(None, *IS_UNKNOWN, wait_s=PAST),
        ),
    ),
    Case(
        "slow answer",
        "validity counts from the moment of asking (R3)",
        (
            Step(
                Reply(NORMAL.body, headers=NORMAL.headers, delay_s=PAST),
                *IS_UNKNOWN,
            ),
        ),
    ),
    _ignored(
        "captive portal",
        "a login page is no answer",
        raw(b"<html>Logga in</html>", content="text/html"),
    ),
    _ignored(
        "html that says it is json",
        "nor is one under a false flag",
        raw(b"<html>normal</html>"),
    ),
    _ignored(
        "redirect",
        "redirects are not followed",
        Reply(status=302, headers={"location": "/good", "remissvakt-valid-for": str(VALID_S)}),
    ),
    _ignored(
        "the sandbox",
        "what a sandbox answers is nobody's state: a client in production refuses it",
        Reply(NORMAL.body, headers={**NORMAL.headers, "remissvakt-sandbox": "true"}),
    ),
    _ignored("half a body", "a torn answer is none", raw(NORMAL.body, close_early=True)),
    _ignored("no validity", "an answer without validity is none", raw(NORMAL.body, valid="")),
    _ignored("validity nan", "NaN is no number", raw(NORMAL.body, valid="NaN")),
    _ignored(
        "age nan in the body",
        "NaN is no JSON",
        raw(NORMAL.body.replace(b'"valid_for_s": 1.0', b'"valid_for_s": NaN')),
    ),
    _ignored("validity spent", "nothing remains of it", raw(NORMAL.body, valid="0.0")),
    _ignored("validity negative", "less than nothing remains", raw(NORMAL.body, valid="-5")),
    _ignored("validity of a year", "nobody may promise that", raw(NORMAL.body, valid="31536000")),
    _ignored(
        "unknown state", "a word of tomorrow means unknown (R5)", good("excellent", ELECTRONIC)
    ),
    _ignored(
        "unknown workflow",
        "so does an unknown way of sending",
        good("normal", {**ELECTRONIC, "urgent": "telepathy"}),
    ),
    _ignored("no workflow", "half understood is not understood", good("normal", {})),
    _ignored(
        "another schema", "a document of another kind", good("normal", ELECTRONIC, schema="x/9")
    ),
    _ignored(
        "another clinic",
        "somebody else's answer",
        good("normal", ELECTRONIC, clinic="other", hsa_id="SE1"),
    ),
    Case(
        "a dripping answer",
        "five seconds in all, not for each byte (R5)",
        (Step(NORMAL, *IS_NORMAL), Step(Reply(drip=True), *IS_UNKNOWN)),
    ),
    _ignored("a state that is a list", "nobody can read that", good(["normal"], ELECTRONIC)),
    _ignored(
        "a validity of four hundred digits",
        "no number of seconds",
        raw(NORMAL.body.replace(b'"valid_for_s": 1.0', b'"valid_for_s": 1' + b"0" * 400)),
    ),
    _ignored("an error", "a 503 is no answer", raw(b'{"title":"x"}', status=503)),
    _ignored(
        "a good body with an error status",
        "the status counts",
        Reply(NORMAL.body, status=500, headers=NORMAL.headers),
    ),
    _ignored("unasked 304", "unchanged compared with what?", raw(b"", status=304)),
    _ignored("five megabytes", "nobody needs so much", raw(b" " * 5_000_000 + NORMAL.body)),
)
