"""python -m bench.hospital FOLDER SEED: the simulated hospital and every other site's systems, alone.

Prints its ports as one line of JSON and runs until SIGTERM. What is measured runs elsewhere.
"""

import asyncio
import json
import signal
import sys
from pathlib import Path

from watchdog.clock import SystemClock
from watchdog.simulator.hospital import Hospital
from watchdog.simulator.nodes import Nodes


async def run(folder: Path, seed: int) -> None:
    """Until SIGTERM; webhooks are verified with the secrets in `folder`/secrets."""
    stop, clock = asyncio.Event(), SystemClock()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    secrets = {f.name: f.read_text("ascii").strip() for f in (folder / "secrets").iterdir()}
    hospital, nodes = Hospital(folder, clock, seed=seed, secrets=secrets), Nodes(clock)
    await hospital.start()
    await nodes.start()
    print(json.dumps({"hospital": hospital.describe(), "nodes": nodes.ports()}), flush=True)
    await stop.wait()
    await hospital.close()
    await nodes.close()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), int(sys.argv[2])))
