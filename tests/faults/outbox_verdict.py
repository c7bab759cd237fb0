"""What was told, held against what was committed: the receivers' log against the incidents' events.

Who must be told of what is written here anew, from docs/notices.md, so that a notice that was never
stored is missed as well as one that was never sent.
"""

import statistics
from collections import Counter
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import sqlalchemy

from tests.faults.outbox_peers import lines
from watchdog.model.ids import IncidentId, event_id

MUST_HEAR: dict[str, dict[str, set[str]]] = {
    "sas": {
        "declared": {"it"},
        "advice_changed": {"tib_sas", "radiology_boras"},
        "cleared": {"it", "tib_sas", "radiology_boras"},
    },
    "halland": {
        "declared": {"it"},
        "advice_changed": {"tib_halland", "radiology_halmstad"},
        "cleared": {"it", "tib_halland", "radiology_halmstad"},
    },
}
"""Site, event, endpoints."""
EVENTS = (
    "SELECT e.incident, e.number, e.kind, i.site, i.path FROM incident_events e"
    " JOIN incidents i ON i.id = e.incident ORDER BY i.opened_at, e.number"
)
FOLLOW_UPS = "SELECT endpoint, event_id FROM outbox WHERE unless <> ''"
SAME_ORDER = 'SELECT count(*) FROM outbox GROUP BY endpoint, "order" HAVING count(*) > 1'
UNFINISHED = (
    "SELECT count(*) FROM outbox WHERE delivered_at IS NULL AND (dropped_at IS NULL OR unless = '')"
)


@dataclass(slots=True, kw_only=True)
class Found:
    """Counts of one installation, or of several."""

    committed: int = 0
    """Events of incidents, each of which somebody must hear."""
    owed: int = 0
    """Of each event, once for each endpoint that must hear it."""
    received: int = 0
    lost: int = 0
    """Owed, and never received."""
    invented: int = 0
    """Received, and never committed."""
    unfinished: int = 0
    """In the outbox, neither taken nor needless."""
    out_of_order: int = 0
    visible_duplicates: int = 0
    """The same news twice under different webhook-ids."""
    raw_duplicates: int = 0
    """The same webhook-id twice at one endpoint."""
    repeated_without_a_kill: int = 0
    """Of these, by one and the same life, which had its answer."""
    beyond_one_per_kill: int = 0
    """Of these, more than one that a life repeated of what earlier ones had sent to an endpoint."""
    same_order: int = 0
    """Notices to one endpoint that share their place in its line with another."""
    hidden_outages: int = 0
    """Open in the database, and not shown by the first answer after a restart."""

    def __add__(self, other: "Found") -> "Found":
        mine, more = asdict(self), asdict(other)
        return Found(**{each.name: mine[each.name] + more[each.name] for each in fields(self)})

    def wrong(self, *, ordered: bool) -> list[str]:
        """What must be zero and is not.

        `ordered` is False where the journal told of a part: it goes first, past older notices that
        wait in a database that may not answer.
        """
        names = ["lost", "invented", "unfinished", "visible_duplicates", "hidden_outages"]
        if ordered:
            names += ["out_of_order", "beyond_one_per_kill", "repeated_without_a_kill"]
        return [f"{name}={value}" for name in names if (value := getattr(self, name))]


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.connect() as db:
            return [tuple(row) for row in db.execute(sqlalchemy.text(query))]
    finally:
        engine.dispose()


def judge(url: str, folder: Path) -> Found:
    """The verdict on one installation whose last life has told everything."""
    events = rows(url, EVENTS)
    place: dict[str, tuple[str, int]] = {}
    owed: set[tuple[str, str]] = set()
    for number, (incident, nth, kind, site, path) in enumerate(events):
        ident = str(event_id(IncidentId(incident), nth, kind))
        place[ident] = (path, number)
        owed |= {(endpoint, ident) for endpoint in MUST_HEAR[site][kind]}
    received = lines(folder / "received.jsonl")
    raw = Counter((line["endpoint"], line["id"]) for line in received)
    lived = Counter((line["endpoint"], line["id"], line["life"]) for line in received)
    first = {(line["endpoint"], line["id"]): line for line in reversed(received)}
    distinct = sorted(first.values(), key=lambda line: line["at"])
    news = Counter(
        (line["endpoint"], line["incident"], line["kind"], line["rung"]) for line in distinct
    )
    follow_ups = set(rows(url, FOLLOW_UPS))
    notes = lines(folder / "notes.jsonl")
    return Found(
        committed=len(events),
        owed=len(owed),
        received=len(received),
        lost=len(owed - set(raw)),
        invented=len(set(raw) - owed - follow_ups),
        unfinished=rows(url, UNFINISHED)[0][0],
        out_of_order=_out_of_order([line for line in distinct if not line["rung"]], place),
        visible_duplicates=sum(times - 1 for times in news.values()),
        raw_duplicates=sum(times - 1 for times in raw.values()),
        repeated_without_a_kill=sum(times - 1 for times in lived.values()),
        beyond_one_per_kill=_beyond_one(received),
        same_order=sum(times - 1 for (times,) in rows(url, SAME_ORDER)),
        hidden_outages=sum(len(note["hidden"]) for note in notes if note["what"] == "answers"),
    )


def _out_of_order(distinct: list[dict[str, Any]], place: dict[str, tuple[str, int]]) -> int:
    """Notices that came after a newer one, by (epoch, revision) or by the place in their path."""
    newest: dict[tuple[str, str], tuple[int, ...]] = {}
    late = 0
    for line in distinct:
        path, number = place.get(line["id"], ("", 0))
        for key, value in (("", (line["epoch"], line["revision"])), (path, (number,))):
            seen = newest.setdefault((line["endpoint"], key), value)
            late += value < seen
            newest[line["endpoint"], key] = max(seen, value)
    return late


def _beyond_one(received: list[dict[str, Any]]) -> int:
    """A kill cuts one delivery to each endpoint off, so the next life repeats one at most."""
    told: set[tuple[str, str]] = set()
    again: dict[tuple[str, int], set[str]] = {}
    before: set[tuple[str, str]] = set()
    life = 0
    for line in received:
        if line["life"] != life:
            before, life = set(told), line["life"]
        key = (line["endpoint"], line["id"])
        if key in before:
            again.setdefault((line["endpoint"], life), set()).add(line["id"])
        told.add(key)
    return sum(len(ids) - 1 for ids in again.values())


def latencies_ms(folder: Path, kind: str) -> list[float]:
    """From the commit of each declaration to the first byte of its notices of a kind, in ms, sorted."""
    notes = [note for note in lines(folder / "notes.jsonl") if note["what"] == "stored"]
    committed: dict[str, float] = {}
    for note in notes:  # the first store of an incident is its declaration
        committed.setdefault(note["incident"], note["at"])
    received = lines(folder / "received.jsonl")
    return sorted(
        1000 * (line["at"] - committed[line["incident"]])
        for line in received
        if line["kind"] == kind and not line["rung"]
    )


def first_answers_s(folder: Path) -> list[float]:
    """How long each life took from its fork to its first honest answer."""
    return [n["took_s"] for n in lines(folder / "notes.jsonl") if n["what"] == "answers"]


def spread(values: list[float]) -> dict[str, object]:
    """Median, 99 in 100 (nearest rank) and worst."""
    if not values:
        return {"n": 0}
    ordered = sorted(values)
    at = -(-99 * len(ordered) // 100) - 1
    return {
        "n": len(ordered),
        "median": round(statistics.median(ordered), 3),
        "p99": round(ordered[at], 3),
        "worst": round(ordered[-1], 3),
    }
