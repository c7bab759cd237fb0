"""A client as somebody writes it on a Friday: believes whatever came last, for ever."""

import json
import sys
import urllib.request

NEVER = {"very_urgent": "electronic", "urgent": "electronic", "non_urgent": "electronic"}
kept = {"state": "normal", "workflow": NEVER}
for line in sys.stdin:
    if line.strip() == "poll":
        try:
            with urllib.request.urlopen(f"{sys.argv[1]}/v1/clinics/{sys.argv[2]}/status") as answer:
                found = json.load(answer)
                kept = {"state": found["state"], "workflow": found["workflow"]}
        except Exception:  # noqa: BLE001
            pass
    print(json.dumps(kept), flush=True)  # noqa: T201
