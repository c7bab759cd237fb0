"""Figure F23: sixty addresses inside, a name that is rebound, a redirect and a proxy; nothing connects.

Each address goes through the configuration's own check (as in production: without the test flag) and,
whatever that says, through the sender. A row is blocked if the configuration refuses it, or the sender
does without an attempt to connect. How many the sender alone stopped is told beside it, and which it
would have reached had the allow-list held the whole Internet.
"""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.ending import say
from tests.faults.ssrf_table import NAMES, TABLE, Row
from tests.faults.targets import Checked, allowed, attempt
from tests.faults.traps import Loop, Receiver, Trap
from watchdog.clock import SystemClock
from watchdog.notify.webhook import WebhookSender
from watchdog.simulator.ports import free_port

REBINDS = 40


async def _table(folder: Path, secret: Path) -> dict[str, object]:
    trap, own = Trap(), free_port()
    port = await trap.start("127.0.0.1", "127.0.0.2", "::1")
    ports = (80, 443, 8443, port, own)
    careful = WebhookSender(
        allowed("10.20.0.0/16", ports=ports), SystemClock(), own_ports=frozenset({own})
    )
    everything = WebhookSender(
        allowed("0.0.0.0/0", "::/0", ports=ports), SystemClock(), own_ports=frozenset({own})
    )
    checked, by_check, by_sender = Checked(folder), 0, 0
    open_rows: list[str] = []
    odd: list[str] = []
    listed: list[str] = []
    connects = 0

    def refused(row: Row, url: str) -> bool:
        try:
            return checked.refuses(url)
        except Exception as error:  # noqa: BLE001 - the check must say a problem, not crash
            odd.append(f"{row.url}: the configuration check raised {type(error).__name__}")
            return True

    for row in TABLE:
        url = row.url.replace("{port}", str(port)).replace("{own}", str(own))
        stopped = refused(row, url)
        said, tried = await attempt(careful, url, secret)
        if said not in ("refused", "delivered") and not tried:
            odd.append(f"{row.url}: the sender raised {said}, no DeliveryError")
        by_check += stopped
        by_sender += not tried
        connects += bool(tried) and not stopped
        if tried and not stopped:
            open_rows.append(f"{row.url} ({row.why}) reached {tried}")
        _, wide = await attempt(everything, url, secret)
        if wide and not stopped:
            listed.append(row.url)
    hits = trap.hits
    # the control: the trap sees what a sender does that may
    control = WebhookSender(allowed("127.0.0.0/8", ports=(port,)), SystemClock())
    await attempt(control, f"http://127.0.0.1:{port}/x", secret)
    await asyncio.sleep(0.05)
    if trap.hits <= hits:
        raise SystemExit("F23: the trap sees nothing; the rest proves nothing")
    for each in (careful, everything, control):
        await each.close()
    await trap.close()
    if open_rows or connects:
        raise SystemExit(f"F23 is missed: {open_rows}")
    return {
        "rows": len(TABLE),
        "blocked": len(TABLE) - len(open_rows),
        "connects": connects,
        "refused_by_configuration": by_check,
        "stopped_by_sender": by_sender,
        "not_said_as_it_should": odd,
        "reached_if_all_networks_are_allowed": listed,
    }


@contextmanager
def proxies(url: str) -> Iterator[None]:
    """The environment of a machine whose administrator has set a proxy."""
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, url))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


async def _rebinding(loop: Loop, secret: Path) -> dict[str, object]:
    """A name whose second answer is 127.0.0.1, a redirect to it, and a proxy at it."""
    trap, good = Trap(), Receiver()
    port = await trap.start("127.0.0.1", "::1")
    await good.start("127.0.0.2", port)
    answers: list[str] = []

    def rebinding(_: str) -> tuple[str, ...]:
        answers.append("127.0.0.1" if len(answers) % 2 else "127.0.0.2")
        return (answers[-1],)

    loop.resolver = rebinding
    url = f"http://rebound.test:{port}/x"
    with proxies(f"http://127.0.0.1:{port}"):
        sender = WebhookSender(allowed("127.0.0.2/32", ports=(port,)), SystemClock())
        said = [(await attempt(sender, url, secret))[0] for _ in range(REBINDS)]
        delivered = good.taken
        good.redirect = f"http://127.0.0.1:{port}/x"
        loop.resolver = lambda _: ("127.0.0.2",)
        redirected = (await attempt(sender, url, secret))[0]
        await sender.close()
    await asyncio.sleep(0.05)
    await good.close()
    await trap.close()
    if trap.hits or delivered != REBINDS // 2 or said.count("refused") != REBINDS // 2:
        raise SystemExit(
            f"F23: rebinding: {trap.hits} reached loopback, {delivered} delivered, {said}"
        )
    if not redirected.startswith("DeliveryError") or len(answers) != REBINDS:
        raise SystemExit(f"F23: a redirect gave {redirected}; {len(answers)} names were asked for")
    return {"rebinds": REBINDS, "reached_loopback": trap.hits, "delivered_to_the_good": delivered}


def run(trials: int, seed: int) -> dict[str, object]:
    """The table, then the rebinding. SystemExit if anything connected that may not."""
    folder = Path(tempfile.mkdtemp(prefix="remissvakt-ssrf-"))
    secret = folder / "secret"
    secret.write_text("whsec_" + "A" * 32, "ascii")
    loop = Loop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        loop.resolver = lambda name: NAMES.get(name, ())
        result = runner.run(_table(folder, secret))
        result["rebinding"] = runner.run(_rebinding(loop, secret))
    say(
        f"ssrf: {result['blocked']}/{result['rows']} blocked, {result['connects']} connections; "
        f"{result['rebinding']}"
    )
    return result
