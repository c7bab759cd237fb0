"""Messages per second: our listener and python-hl7's asyncio server, the same clients in turn."""

import asyncio
import ipaddress
import statistics
import time
import warnings
from typing import Any, cast

from watchdog.clock import SystemClock
from watchdog.hl7.framing import frame
from watchdog.hl7.listener import MllpListener

CONNECTIONS, MESSAGES = 10, 300
MESSAGE = frame(
    b"MSH|^~\\&|RIS|SAS|OM|SAS|20261121030000+0100||ORR^O02|F000000001|T|2.3.1\r"
    b"ORC|OK|WDABCDEFGHIJ12345678|RIS0000001||SC\r"
    b"OBR|1|WDABCDEFGHIJ12345678|RIS0000001|WD^PROVREMISS^L\r"
)


async def compare(rounds: int) -> dict[str, Any]:
    """Medians of both, and the ratio of each round."""
    ours, theirs = list[float](), list[float]()
    for _ in range(rounds):
        ours.append(await _ours())
        theirs.append(await _theirs())
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return {
        "ours_per_s": round(statistics.median(ours)),
        "python_hl7_per_s": round(statistics.median(theirs)),
        "ratios": [round(ratio, 2) for ratio in ratios],
        "ratio": round(statistics.median(ratios), 2),
    }


async def _ours() -> float:
    loopback = (ipaddress.ip_network("127.0.0.0/8"),)
    listener = MllpListener(lambda _: "AA", clock=SystemClock(), peers=loopback)
    port = await listener.start("127.0.0.1", 0)
    rate = await _load(port)
    await listener.close()
    return rate


async def _theirs() -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from hl7 import mllp  # noqa: PLC0415

        async def serve(reader: Any, writer: Any) -> None:
            try:
                while not writer.is_closing():
                    message = await reader.readmessage()
                    writer.writemessage(message.create_ack())
                    await writer.drain()
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
            finally:
                writer.close()

        server = await cast("Any", mllp).start_hl7_server(serve, host="127.0.0.1", port=0)
        rate = await _load(server.sockets[0].getsockname()[1])
        server.close()
        await server.wait_closed()
        return rate


async def _load(port: int) -> float:
    """Each connection sends a message and waits for its ACK, MESSAGES times."""
    began = time.monotonic()
    await asyncio.gather(*(_client(port) for _ in range(CONNECTIONS)))
    return CONNECTIONS * MESSAGES / (time.monotonic() - began)


async def _client(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(MESSAGES):
        writer.write(MESSAGE)
        await reader.readuntil(b"\x1c\r")
    writer.close()
    await writer.wait_closed()
