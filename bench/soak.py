"""python -m bench.soak: the whole service at 60 times its production load, watched from outside.

Every site on bench cadence (an order a second on each path; production's default: one a minute),
faults broken and mended, clinics asking, event streams that come and go, copies of real referrals.
Every ten seconds this process reads of the service's: resident memory, descriptors, threads. After
the first third: memory rises at most 4 MiB/h (least squares); descriptors and threads are flat: the
least of their last quarter is at most 2 above the least of their first. A fault opens some for a
while; a leak lifts the floor. Asyncio tasks are judged alike, by the service's gauge. A third of 90
minutes is the half hour that figure F11 of the test plan lets it warm up.
"""

import argparse
import asyncio
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvloop

from bench.busy import REFERRALS_PER_S, STATUS_PER_S, Around, with_tap
from bench.figures import FAILED, Seen, conclude, slope_per_hour
from bench.stand import Stand, descriptors, generator, rss_mib, stand, threads
from watchdog.simulator.ports import free_port

SAMPLE_S, FAULT_EVERY_S = 10.0, 120.0
WARM_UP_SHARE = 1 / 3
SLOPE_MOST_MIB_H, FLOOR_MOST = 4.0, 2
LEAST_SAMPLES = 8
TASKS = re.compile(r"^remissvakt_(?:asyncio_)?tasks (\S+)", re.MULTILINE)


@dataclass(slots=True)
class Series:
    """Samples of one process, in columns."""

    at_s: list[float] = field(default_factory=list)
    rss_mib: list[float] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    tasks: list[float | None] = field(default_factory=list)

    def add(self, at_s: float, rss: float, files: int, strands: int, tasks: float | None) -> None:
        self.at_s.append(round(at_s, 1))
        self.rss_mib.append(round(rss, 2))
        self.descriptors.append(files)
        self.threads.append(strands)
        self.tasks.append(tasks)

    def judged(self) -> dict[str, Any]:
        """Slope and floors of the samples after the first third. ValueError with too few."""
        first = int(len(self.at_s) * WARM_UP_SHARE)
        if len(self.at_s) - first < LEAST_SAMPLES:
            raise ValueError(f"{len(self.at_s)} samples are too few: run longer")
        found: dict[str, Any] = {
            "samples": len(self.at_s) - first,
            "rss_mib_per_h": round(slope_per_hour(self.at_s[first:], self.rss_mib[first:]), 2),
            "rss_mib_first_last": [self.rss_mib[first], self.rss_mib[-1]],
        }
        for name in ("descriptors", "threads", "tasks"):
            values = getattr(self, name)[first:]
            if None not in values:
                found[f"{name}_floor_rise"] = floor_rise(values)
                found[f"{name}_most"] = max(values)
        return found


def floor_rise(values: list[float]) -> float:
    """How much higher the least of the last quarter is than the least of the first."""
    quarter = max(1, len(values) // 4)
    return min(values[-quarter:]) - min(values[:quarter])


def held(found: dict[str, Any]) -> dict[str, bool]:
    """Against the limits."""
    judged, status = found["judged"], found["status"]
    flat = {
        f"{name} are flat (floor rises by at most {FLOOR_MOST})": rise <= FLOOR_MOST
        for name in ("descriptors", "threads", "tasks")
        if (rise := judged.get(f"{name}_floor_rise")) is not None
    }
    return {
        f"memory rises at most {SLOPE_MOST_MIB_H:g} MiB/h": (
            judged["rss_mib_per_h"] <= SLOPE_MOST_MIB_H
        ),
        **flat,
        "every status request answered, none with 5xx": (
            status["failed"] == 0 and status["errors_5xx"] == 0
        ),
        "the load went on to the end": not found["load_that_broke_off"],
        "outages were declared and ended": found["outages_seen"] and found["normal_at_the_end"],
    }


async def _sample(found: Stand, series: Series) -> None:
    began, due = time.monotonic(), 0.0
    async with httpx.AsyncClient(base_url=found.url, trust_env=False, timeout=10) as http:
        while True:
            try:
                tasks = TASKS.search((await http.get("/metrics")).text)
            except httpx.HTTPError:
                tasks = None
            pid, count = found.pid, float(tasks[1]) if tasks else None
            at = time.monotonic() - began
            series.add(at, rss_mib(pid), descriptors(pid), threads(pid), count)
            due += SAMPLE_S
            await asyncio.sleep(max(0.0, began + due - time.monotonic()))


async def _run(found: Stand, around: Around, seconds: float, every_s: float) -> tuple[Series, Seen]:
    series = Series()
    sampling = asyncio.create_task(_sample(found, series))
    seen = await around.run(seconds, every_s)
    sampling.cancel()
    ended = await asyncio.gather(sampling, return_exceptions=True)
    around.broke += [repr(each) for each in ended if isinstance(each, Exception)]
    return series, seen


def measure(seconds: float, seed: int, every_s: float) -> dict[str, Any]:
    """The whole run with its series."""
    taps = {"sent": free_port(), "arrived": free_port()}
    with stand(seed, lambda text: with_tap(text, taps)) as found, generator():
        around = Around(found, taps, seed)
        series, seen = uvloop.run(_run(found, around, seconds, every_s))
        for lane in ("om", "biztalk"):
            found.fault(lane, "none")
        normal = found.settles()
    return {
        "limits": {"rss_mib_per_h": SLOPE_MOST_MIB_H, "floor_rise": FLOOR_MOST},
        "load": f"status {STATUS_PER_S}/s, referrals {REFERRALS_PER_S}/s, fault each {every_s:g} s",
        "judged": series.judged(),
        "tasks_gauge": any(count is not None for count in series.tasks),
        "status": {
            **seen.summary(),
            "errors_5xx": seen.count(500, 599),
            "failed": seen.count(FAILED, FAILED),
        },
        "faults": dict(around.faults),
        "referral_copies": dict(around.referrals),
        "streams_opened": around.streams,
        "states_seen": dict(sorted(around.states.items())),
        "outages_seen": any(name.endswith(" outage") for name in around.states),
        "normal_at_the_end": normal,
        "load_that_broke_off": around.broke,
        "series": {name: getattr(series, name) for name in Series.__slots__},
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=90.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fault-every", type=float, default=FAULT_EVERY_S, help="seconds")
    parser.add_argument("--out", type=Path, default=Path("evidence/soak.json"))
    chosen = parser.parse_args()
    found = measure(chosen.minutes * 60, chosen.seed, chosen.fault_every)
    for name, value in found.items():
        if name != "series":
            print(f"  {name}: {value}")
    whole = {"seed": chosen.seed, "minutes": chosen.minutes, **found}
    return conclude(whole, held(found), chosen.out)


if __name__ == "__main__":
    sys.exit(main())
