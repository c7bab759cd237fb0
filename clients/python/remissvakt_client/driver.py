"""Lets the conformance kit run this client: `python -m remissvakt_client.driver URL CLINIC`.

Each line on standard input is `poll` or `show`; each is answered by one line of JSON.
"""

import json
import sys

from remissvakt_client.client import Client


def main() -> None:
    """Until standard input ends."""
    with Client(sys.argv[1], sys.argv[2], total_s=float(sys.argv[3])) as client:
        for line in sys.stdin:
            if line.strip() == "poll":
                client.poll()
            advice = client.advice()
            told = {"state": advice.state, "workflow": dict(advice.workflow), "stale": advice.stale}
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
