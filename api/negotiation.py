"""What the caller wants to read: JSON, a page or plain text; Swedish or English; of which minute."""

from datetime import UTC, datetime

from fastapi import Request

from watchdog.errors import BadQuestion
from watchdog.model.calendar import STOCKHOLM

JSON, HTML, PLAIN = "application/json", "text/html", "text/plain"
YEARS = range(2000, 2101)


def language(request: Request) -> str:
    """`?lang=`, else what the browser asks for; Swedish unless English comes first."""
    asked = request.query_params.get("lang")
    if asked in ("sv", "en"):
        return asked
    first = request.headers.get("accept-language", "sv").split(",")[0].strip().lower()
    return "en" if first.startswith("en") else "sv"


def media_type(request: Request) -> str:
    """The first of JSON, HTML and plain text that `Accept` names; JSON for anything else."""
    for part in request.headers.get("accept", "").split(","):
        wanted = part.split(";")[0].strip().lower()
        if wanted in (JSON, HTML, PLAIN):
            return wanted
    return JSON


def moment(at: str | None, now: datetime) -> datetime:
    """The minute that is asked about; without an offset it is Swedish time. BadQuestion for nonsense."""
    if at is None:
        return now
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        raise BadQuestion("`at` is no time: write it as 2026-06-18T15:31.") from None
    if found.year not in YEARS:
        raise BadQuestion(f"`at` must be between {YEARS[0]} and {YEARS[-1]}.")
    return (found if found.tzinfo else found.replace(tzinfo=STOCKHOLM)).astimezone(UTC)
