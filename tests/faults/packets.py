"""Figure F15 below TCP: a node's packets to the database vanish, are answered with RST, or get lost.

Both nodes, the hospital and PostgreSQL live in a network namespace of their own, in which nft sits on
the way to the database: what the kernel then does to a connection, its retransmissions and its long
silence included, is not imitated. The trials and what is judged are those of `partitions.py`; with
three packets in ten lost a leader may go on leading.
"""

import asyncio
import ctypes
import os
import shutil
import subprocess
from pathlib import Path

from tests.faults.ending import in_folder
from tests.faults.partitions import divided
from tests.support.nodes import NodeProcess

CLONE_NEWNET = 0x40000000
TABLE, CHAIN = "remissvakt", "way"
RULES = {
    "vanish": "drop",
    "reset": "reject with tcp reset",
    "lose": "numgen random mod 10 < 3 drop",
}


def own_network() -> None:
    """Put this process into a network namespace of its own. SystemExit if that cannot be had."""
    missing = [name for name in ("ip", "nft") if shutil.which(name) is None]
    if os.getuid() or missing:
        raise SystemExit(f"packets need root, and ip and nft; missing: {missing or 'root'}")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET):
        raise SystemExit(f"packets: no network namespace: {os.strerror(ctypes.get_errno())}")
    _tell("ip", "link", "set", "lo", "up")
    _tell("nft", "add", "table", "inet", TABLE)
    _tell("nft", f"add chain inet {TABLE} {CHAIN} {{ type filter hook input priority 0; }}")


def _tell(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, text=True)


class ByPackets:
    """nft in front of the port through which a node reaches the database."""

    kinds, harmless = tuple(RULES), frozenset({"lose"})

    async def divide(self, node: NodeProcess, how: str) -> None:
        for end in ("dport", "sport"):
            rule = f"add rule inet {TABLE} {CHAIN} tcp {end} {node.link.port} {RULES[how]}"
            await asyncio.to_thread(_tell, "nft", rule)

    async def unite(self, node: NodeProcess) -> None:
        await asyncio.to_thread(_tell, "nft", "flush", "chain", "inet", TABLE, CHAIN)


def run(trials: int, seed: int) -> dict[str, object]:
    """The trials; what the evidence file has of them. SystemExit if an invariant did not hold."""
    own_network()

    async def part(folder: Path) -> dict[str, object]:
        return {
            "trials": trials,
            "seed": seed,
            **await divided(trials, seed, folder, ByPackets()),
        }

    return in_folder("packets", part)
