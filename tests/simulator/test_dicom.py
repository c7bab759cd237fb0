"""The simulated DICOM nodes can be broken at any moment of an association."""

import asyncio
import threading

from watchdog.simulator.dicom import node


async def test_a_node_shut_before_its_peer_has_spoken_hangs_up_and_no_thread_dies() -> None:
    died: list[BaseException | None] = []
    before, threading.excepthook = threading.excepthook, lambda args: died.append(args.exc_value)
    try:
        server = node("skane")
        reader, writer = await asyncio.open_connection("127.0.0.1", server.open())
        while not any("AcceptorThread" in thread.name for thread in threading.enumerate()):
            await asyncio.sleep(0.01)
        await server.shut()
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        while any("AcceptorThread" in thread.name for thread in threading.enumerate()):
            await asyncio.sleep(0.01)
        assert died == []
    finally:
        threading.excepthook = before
