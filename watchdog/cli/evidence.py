"""The demo's summary, computed from what it left behind: the database and the hospital's two logs.

`demo` writes what this module computes, and `demo --verify` computes it again and compares.
"""

import json
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

DATABASE, HOSPITAL, WEBHOOKS = "remissvakt.sqlite", "hospital.jsonl", "webhooks.jsonl"
SUMMARY = "summary.json"
PATH, LANE = "halland_vas_biztalk_ris", "biztalk"
MARKS = {"declared", "advice_changed", "recovering", "cleared"}


class EvidenceError(Exception):
    """The files contradict each other, or a step is missing from them."""


def compute(folder: Path) -> dict[str, Any]:
    """Every number of the summary. EvidenceError says which step left no trace."""
    hospital = _lines(folder / HOSPITAL)
    hooks = _lines(folder / WEBHOOKS)
    incidents, events, orders = _database(folder / DATABASE)
    injected = _moment(hospital, "injected")
    lifted = _moment(hospital, "lifted")
    advised = {e["incident"] for e in events if e["kind"] == "advice_changed"}
    mine = [i for i in incidents if i["path"] == PATH and i["declared_at"]]
    incident = next((i for i in mine if i["id"] in advised), None)
    if incident is None:
        raise EvidenceError("no outage was declared that put clinics on paper")
    at = {e["kind"]: _time(e["at"]) for e in events if e["incident"] == incident["id"]}
    missing = MARKS - set(at)
    if missing:
        raise EvidenceError(f"these steps were not stored: {', '.join(sorted(missing))}")
    told = [hook for hook in hooks if hook["data"].get("incident") == incident["id"]]
    timeline = [
        {"at": _iso(injected), "what": "fault injected"},
        *(
            {"at": _iso(_time(e["at"])), "what": e["kind"]}
            for e in events
            if e["incident"] == incident["id"]
        ),
        {"at": _iso(lifted), "what": "fault lifted"},
    ]
    _agree(hospital, orders)
    return {
        "declared_after_s": _seconds(injected, at["declared"]),
        "advice_after_s": _seconds(injected, at["advice_changed"]),
        "cleared_after_s": _seconds(lifted, at["cleared"]),
        "scenario": incident["scenario"],
        "fax": _fax(told),
        "webhooks": {
            "declared": _count(told, "declared"),
            "cleared": _count(told, "cleared"),
            "verified": sum(1 for hook in hooks if hook["verified"]),
        },
        "orders": {
            "sent": sum(1 for o in orders if o["sent_at"]),
            "arrived": sum(1 for o in orders if o["e5_at"] or o["e6_at"]),
            "cancelled": sum(1 for o in orders if o["state"] == "cancelled"),
            "lost": sum(1 for o in orders if o["state"] == "lost"),
            "refused": sum(1 for o in orders if o["state"] == "refused"),
            "debt": sum(1 for o in orders if o["state"] == "debt"),
        },
        "timeline": sorted(timeline, key=lambda entry: entry["at"]),
    }


def verify(folder: Path) -> list[str]:
    """What differs between the stored summary and the other three files; empty if they agree."""
    stored = json.loads((folder / SUMMARY).read_text("utf-8"))
    try:
        computed = compute(folder)
    except EvidenceError as error:
        return [str(error)]
    return [
        f"{key}: the summary says {stored.get(key)}, the files say {computed.get(key)}"
        for key in sorted(set(stored) | set(computed))
        if stored.get(key) != computed.get(key)
    ]


def _agree(hospital: list[dict[str, Any]], orders: list[dict[str, Any]]) -> None:
    """The order book against the hospital's own log, order by order."""
    in_ris = {line["placer"] for line in hospital if line["event"] == "arrived"}
    gone = {line["placer"] for line in hospital if line["event"] == "cancelled"}
    arrived = {o["placer"] for o in orders if o["e5_at"] or o["e6_at"]}
    cancelled = {o["placer"] for o in orders if o["state"] == "cancelled"}
    known = {o["placer"] for o in orders}
    for what, left, right in (
        ("the hospital saw orders that the book does not have", in_ris, known),
        ("the book has arrivals that the hospital did not see", arrived, in_ris),
        ("the book has cancels that the hospital did not see", cancelled, gone),
    ):
        if left - right:
            raise EvidenceError(f"{what}: {', '.join(sorted(left - right)[:5])}")


def _database(path: Path) -> tuple[list[Any], list[Any], list[Any]]:
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    try:
        return (
            [dict(r) for r in db.execute("SELECT * FROM incidents ORDER BY opened_at")],
            [dict(r) for r in db.execute("SELECT * FROM incident_events ORDER BY at, number")],
            [dict(r) for r in db.execute("SELECT * FROM orders")],
        )
    finally:
        db.close()


def _fax(hooks: list[dict[str, Any]]) -> str:
    """The number that the duty officer was told, read out of the notice."""
    for hook in hooks:
        sms = hook["data"].get("sms", "")
        if hook["type"].endswith("advice_changed.v1") and "Fax " in sms:
            return sms.split("Fax ", 1)[1].split(" (")[0].rstrip(".")
    return ""


def _count(hooks: list[dict[str, Any]], kind: str) -> int:
    return sum(
        1
        for hook in hooks
        if hook["verified"] and hook["type"] == f"se.remissvakt.incident.{kind}.v1"
    )


def _moment(hospital: list[dict[str, Any]], event: str) -> datetime:
    for line in hospital:
        if line["where"] == "fault" and line["event"] == event and line.get("lane") == LANE:
            return _time(line["at"])
    raise EvidenceError(f"the hospital's log has no fault that was {event}")


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def _time(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else datetime.fromisoformat(f"{value}+00:00")


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _seconds(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds(), 2)
