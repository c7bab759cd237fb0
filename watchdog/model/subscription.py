"""A receiver that subscribed, as text: what a request carries and the database keeps."""

import json
from dataclasses import asdict, replace
from datetime import time
from pathlib import Path
from typing import Any

from watchdog.model.calendar import OpenHours
from watchdog.model.endpoint import Endpoint

LEFT_OUT = ("escalation", "remind_every_s", "remind_times", "subscribed")
"""Belong to the configuration alone."""


def written(endpoint: Endpoint) -> str:
    """One line of JSON."""
    values = {name: value for name, value in asdict(endpoint).items() if name not in LEFT_OUT}
    return json.dumps(values, default=str, ensure_ascii=False, sort_keys=True)


def read(text: str) -> Endpoint:
    """What `written` wrote, as one that subscribed."""
    values: dict[str, Any] = json.loads(text)
    hours = values.pop("hours")
    values["sites"], values["events"] = tuple(values["sites"]), tuple(values["events"])
    values["secret_file"] = Path(values["secret_file"])
    found = Endpoint(**values, subscribed=True)
    if hours is None:
        return found
    opens = {name: time.fromisoformat(hours[name]) for name in ("start", "end")}
    return replace(found, hours=OpenHours(days=hours["days"], **opens))
